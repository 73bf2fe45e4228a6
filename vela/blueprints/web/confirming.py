"""Asking for the password again before what hurts, without losing what was typed."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, request
from flask_login import current_user

from vela.blueprints.web.answers import away, from_htmx, page, partials, source_id
from vela.blueprints.web.guards import actor, address, came_from, database, safe_next, sign_in_key
from vela.blueprints.web.routes import pages
from vela.domain.people.access import Act
from vela.errors import Invalid, Unauthenticated
from vela.language import gettext as _
from vela.signin import proving

PASSWORD = "confirm_password"  # noqa: S105 the name of the field
NOT_HELD = {"csrf_token", PASSWORD}

View = TypeVar("View", bound=Callable[..., Response])


def always() -> bool:
    return True


def recently_confirmed(view: View, when: Callable[[], bool] = always) -> View:
    """Guard a view: whoever did not give their password in the last 15 minutes is asked for it first.

    A plain form is held meanwhile, and goes on as it was sent; htmx shows a dialog and asks again by itself. `when`
    says of the request whether it needs that at all.
    """

    @wraps(view)
    def guarded(*arguments: Any, **named: Any) -> Response:
        if current_user.is_confirmed or not when():
            return view(*arguments, **named)
        if PASSWORD not in request.form:
            return _asked()
        refusal = _confirm(request.form[PASSWORD])
        return refusal or view(*arguments, **named)

    return guarded  # pyright: ignore[reportReturnType]


def confirmed_when(when: Callable[[], bool]) -> Callable[[View], View]:
    """The same guard for a view that hurts only when `when` says so of the request."""
    return lambda view: recently_confirmed(view, when)


def admins_recently_confirmed(view: View) -> View:
    """The same guard for what only admins may do: others are refused, not asked for their password."""
    return recently_confirmed(view, lambda: actor().may(Act.MANAGE_USERS))


def changes(*fields: str) -> Callable[[], bool]:
    """Says of an admin's request that its form holds one of these fields."""
    return lambda: actor().may(Act.MANAGE_USERS) and any(field in request.form for field in fields)


@pages.get("/account/confirm")
def confirm_page() -> Response:
    """The password, please, and then on to `next`."""
    return _asked()


@pages.post("/account/confirm")
def confirm() -> Response:
    """Remember that the password was given just now."""
    refusal = _confirm(request.form.get(PASSWORD, ""))
    if refusal:
        return refusal
    if not from_htmx():
        return away(safe_next(request.form.get("next", "")))
    with database().reading() as session:
        return partials(session, "account/confirmed.html")


def _confirm(password: str) -> Response | None:
    """The question again when the password is not right; None when it is."""
    try:
        proving.confirm(database(), actor(), sign_in_key(), password, address())
    except Invalid as error:
        return _asked(HTTPStatus.UNPROCESSABLE_ENTITY, error.message)
    except Unauthenticated as error:
        response = _asked(HTTPStatus.TOO_MANY_REQUESTS, error.message)
        response.headers["Retry-After"] = str(error.data.get("retry_after", ""))
        return response
    current_user.is_confirmed = True
    return None


def _asked(status: HTTPStatus = HTTPStatus.FORBIDDEN, complaint: str = "") -> Response:
    with database().reading() as session:
        if not from_htmx():
            shown = _held() | {"complaint": complaint, "back": came_from(), "act": act_in_question()}
            return page(session, "account/confirm.html", _page_status(status), **shown)
        if request.endpoint == "web.confirm":
            return partials(session, "account/not_confirmed.html", status, complaint=complaint)
        asked = {"again": source_id(), "act": act_in_question()}
        return partials(session, "account/to_confirm.html", status, complaint=complaint, **asked)


def act_in_question() -> str:
    """What the password is asked for, in words; empty when no act waits for it."""
    named = request.form.get("name", "").strip() or request.form.get("username", "").strip()
    words = {
        "web.create_token": lambda: _("You are about to make the personal token %(name)s.", name=named or "—"),
        "web.create_token_for": lambda: _("You are about to make the personal token %(name)s.", name=named or "—"),
        "web.create_user": lambda: _("You are about to add the user %(name)s.", name=named or "—"),
        "web.change_user": lambda: _("You are about to change what a user may do."),
        "web.set_password": lambda: _("You are about to give %(name)s a new password.", name=named or "—"),
        "web.sign_out_user": lambda: _("You are about to sign a user out everywhere."),
        "web.reset_second_factor": lambda: _("You are about to take away a user's second factor."),
        "web.change_settings": lambda: _("You are about to change the currency or the time zone of the books."),
        "web.add_webhook": lambda: _("You are about to have events sent to %(address)s.", address=_host()),
        "web.change_webhook": lambda: _("You are about to change a webhook: where events are sent, or which."),
        "web.turn_webhook": lambda: _("You are about to turn a webhook on or off."),
        "web.rotate_webhook": lambda: _("You are about to give a webhook another secret."),
        "web.remove_webhook": lambda: _("You are about to remove a webhook, with all that waits for it."),
        "web.close_month": lambda: _("You are about to close a month."),
        "web.reopen_month": lambda: _("You are about to reopen a month."),
        "web.clear_all_samples": lambda: _("You are about to remove all sample sales."),
        "web.end_sign_in": lambda: _("You are about to end one of your sign-ins."),
        "web.end_other_sign_ins": lambda: _("You are about to end all your other sign-ins."),
        "web.begin_second_factor": lambda: _("You are about to set up a second factor."),
        "web.second_factor_page": lambda: _("You are about to set up a second factor."),
        "web.confirm_second_factor": lambda: _("You are about to set up a second factor."),
        "web.make_recovery_codes": lambda: _("You are about to make new recovery codes."),
        "web.turn_off_second_factor": lambda: _("You are about to turn off your second factor."),
    }.get(request.endpoint or "")
    return words() if words else ""


def _host() -> str:
    """Where a webhook leads, as far as it can be read; what comes after the host may be a secret."""
    try:
        return urlsplit(request.form.get("address", "").strip()).hostname or "—"
    except ValueError:
        return "—"


def _page_status(status: HTTPStatus) -> HTTPStatus:
    """Somebody who came to the page of the question has done nothing wrong."""
    return HTTPStatus.OK if request.method in ("GET", "HEAD") else status


def _held() -> dict[str, Any]:
    """Where the answer goes: to the form that was sent, with all it held, or to the page that was asked for."""
    if request.endpoint == "web.confirm_page":
        return {"path": "/account/confirm", "held": [("next", safe_next(request.args.get("next", "")))]}
    if request.method in ("GET", "HEAD"):
        return {"path": "/account/confirm", "held": [("next", request.full_path.rstrip("?"))]}
    held = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_HELD]
    return {"path": request.path, "held": held}
