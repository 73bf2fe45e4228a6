"""Refusals and faults as a browser shows them: in the slot of the field at fault, as a notice, or as a page."""

from http import HTTPStatus

from flask import Response, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from vela.blueprints.web.answers import from_htmx, page, source_id
from vela.blueprints.web.guards import UPLOADS, came_from, database, to_sign_in
from vela.blueprints.web.ids import slot_id
from vela.clock import now
from vela.errors import Conflict, Forbidden, Invalid, Refusal, Stale, Stopped, Unauthenticated
from vela.language import gettext as _
from vela.problems import status_of
from vela.sheets.unpacking import too_large


def refused(error: Refusal) -> Response:
    """A refusal of the domain: 422 and the like, never a lost input."""
    if "retry_after" in error.data and isinstance(error, Unauthenticated):
        return _too_many(error)
    if isinstance(error, Unauthenticated):
        return to_sign_in()
    if not from_htmx():
        return _whole_page(status_of(error), error.message, stopped=isinstance(error, Stopped))
    source = source_id()
    return make_response(
        render_template(
            "ui/refused.html", error=error, stale=isinstance(error, Stale), source=source, slots=_slots(error, source)
        ),
        status_of(error),
    )


def _too_many(error: Unauthenticated) -> Response:
    """Somebody who is signed in guesses at their own password, or code."""
    status = HTTPStatus.TOO_MANY_REQUESTS
    response = _notice(status, error.message) if from_htmx() else _whole_page(status, error.message)
    response.headers["Retry-After"] = str(error.data["retry_after"])
    return response


def _slots(error: Refusal, source: str) -> dict[str, str]:
    """Messages by the id of the slot each belongs into; without a source there is none to name."""
    if not source:
        return {}
    if isinstance(error, Invalid):
        return {slot_id(source, issue.field): issue.message for issue in error.issues}
    if isinstance(error, Forbidden | Stopped):  # a cell says so itself, what a button asked for is said on the page
        return {slot_id(source, ""): error.message} if request.method == "PATCH" else {}
    field = error.data.get("field")
    return {slot_id(source, field): error.message} if field is not None and isinstance(error, Conflict) else {}


def http_error(error: HTTPException) -> Response:
    """What Flask itself refuses: no such page, a form without its token, too much at once."""
    status = HTTPStatus(error.code or 500)
    if isinstance(error, CSRFError):
        words = _("This page has been open too long to save from. Reload it and try again.")
    elif status is HTTPStatus.NOT_FOUND:
        words = _("There is no such page.")
    elif status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE and request.endpoint in UPLOADS:
        words = too_large().message
    elif status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        words = _("That is too much at once. Send less.")
    else:
        words = _("This cannot be done here.")
    response = _notice(status, words) if from_htmx() else _whole_page(status, words)
    if "Allow" in error.get_response().headers:
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def crashed(code: str) -> Response:
    """A fault of ours; `code` is also in the log."""
    words = _("The server reported a fault. Code %(code)s, %(time)s.", code=code, time=f"{now():%H:%M} UTC")
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _notice(status, words) if from_htmx() else _whole_page(status, words)


def _notice(status: HTTPStatus, words: str) -> Response:
    return make_response(render_template("ui/notice_partial.html", words=words), status)


def _whole_page(status: HTTPStatus, words: str, *, stopped: bool = False) -> Response:
    """A page of its own; inside the frame of the product for whoever is signed in, unless the fault is ours."""
    heading = _("Read-only") if stopped else _heading(status)
    ours = status is HTTPStatus.INTERNAL_SERVER_ERROR or status is HTTPStatus.SERVICE_UNAVAILABLE
    again = request.full_path.rstrip("?") if ours and request.method == "GET" else ""
    context = {"words": words, "heading": heading, "back": came_from(), "again": again, "bare": True}
    # After a fault of ours nothing may be asked of the database, not even who is asking.
    if (stopped or status < HTTPStatus.INTERNAL_SERVER_ERROR) and current_user.is_authenticated:
        with database().reading() as session:
            bare = current_user.actor.must_change_password  # nothing of the books before their own password
            return page(session, "ui/refused_page.html", status, **(context | {"bare": bare}))
    return make_response(render_template("ui/refused_page.html", **context), status)


def _heading(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("Nothing here")
        case HTTPStatus.FORBIDDEN:
            return _("Only for admins") if request.method == "GET" else _("Not for you to change")
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return _("That cannot be read")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return _("Busy")
        case _:
            return _("That did not work")
