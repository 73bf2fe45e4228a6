"""Signing in and out."""

from functools import cache
from http import HTTPStatus
from operator import attrgetter
from typing import cast
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request
from flask import session as forms_session
from flask_login import current_user

from vela.blueprints.web import drawings, speaking
from vela.blueprints.web.answers import away, settle, told
from vela.blueprints.web.forms import complaints, said
from vela.blueprints.web.guards import address, database, safe_next, sign_in_key, vela
from vela.blueprints.web.routes import pages
from vela.domain.catalog.intake import NewService
from vela.domain.catalog.preset import preset_offers
from vela.domain.catalog.pricing import Line, line_totals, totals
from vela.domain.people import queries
from vela.domain.people.access import Face
from vela.domain.people.intake import Credentials, GivenCode
from vela.errors import Invalid, Unauthenticated
from vela.intake import read
from vela.language import LANGUAGES, speak
from vela.seeding import DEMO_USERS, demo_users
from vela.signin import entering, tickets
from vela.signin.entering import SecondFactorNeeded, SignedIn

EXAMPLE_LINES = 4
HALFWAY = "halfway"


@pages.get("/login")
def sign_in() -> Response:
    """The sign-in page; whoever is signed in goes on to where they wanted to be."""
    if current_user.is_authenticated:
        return _onwards()
    asked = request.args.get("language", "")
    if asked in LANGUAGES:
        speak(asked)
        return speaking.remember(_form(HTTPStatus.OK), asked)
    return _form(HTTPStatus.OK)


@pages.post("/login")
def sign_in_submit() -> Response:
    """Check the password, then go on with a fresh cookie; a refusal shows the form again, with the name kept."""
    try:
        words = read(Credentials, said("username", "password"))
        signed_in = entering.sign_in(
            database(),
            vela().secret,
            words,
            address=address(),
            agent=request.user_agent.string,
            sealer=vela().sealer,
        )
    except Invalid as error:
        return _form(HTTPStatus.UNPROCESSABLE_ENTITY, errors=complaints(error))
    except SecondFactorNeeded as needed:
        return ask_for_code(needed, safe_next(request.form.get("next", "")))
    except Unauthenticated as error:
        return _refused(error)
    return _enter(signed_in)


def ask_for_code(needed: SecondFactorNeeded, onwards: str) -> Response:
    """To the second step, which only whoever gave the right password ever sees; then on to `onwards`."""
    forms_session[HALFWAY] = needed.halfway
    return away("/login/code?" + urlencode({"next": onwards}))


@pages.get("/login/code")
def second_step() -> Response:
    """Asks for the code of the second factor; without the password before it, from the beginning."""
    if current_user.is_authenticated:
        return _onwards()
    return _code_form(HTTPStatus.OK) if HALFWAY in forms_session else away("/login")


@pages.post("/login/code")
def second_step_submit() -> Response:
    """Check the code, then go on with a fresh cookie."""
    vela_ = vela()
    door = entering.Door(database(), vela_.secret, vela_.sealer, Face.BROWSER, address(), request.user_agent.string)
    try:
        words = read(GivenCode, said("code"))
        return _enter(entering.finish_sign_in(door, forms_session.get(HALFWAY, ""), words))
    except Invalid as error:
        return _code_form(HTTPStatus.UNPROCESSABLE_ENTITY, error.message)
    except Unauthenticated as error:
        if error.code == "sign_in_needed":
            forms_session.pop(HALFWAY, None)
            return told(error.message, "/login", "bad")
        return _paused_or_not(_code_form(HTTPStatus.UNAUTHORIZED, error.message), error)


def _enter(signed_in: SignedIn) -> Response:
    """On with a fresh cookie, and nothing left of what the browser held before; a sign-in of before ends."""
    if current_user.is_authenticated:
        entering.sign_out(database(), sign_in_key())
    forms_session.clear()
    response = _onwards()
    response.set_cookie(**tickets.cookie(signed_in.page_token, secure=request.is_secure))
    return response


@pages.post("/logout")
def sign_out() -> Response:
    """End the sign-in: its cookie and its API token stop working at once."""
    entering.sign_out(database(), sign_in_key())
    forms_session.clear()
    response = redirect("/login", 303)
    response.delete_cookie(**tickets.no_cookie(secure=request.is_secure))
    # Not "storage": the theme somebody chose stays with the device.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response  # pyright: ignore[reportReturnType]


def _onwards() -> Response:
    return redirect(safe_next(request.values.get("next", "")), 303)  # pyright: ignore[reportReturnType]


def _refused(error: Unauthenticated) -> Response:
    return _paused_or_not(_form(HTTPStatus.UNAUTHORIZED, refusal=error.message), error)


def _paused_or_not(response: Response, error: Unauthenticated) -> Response:
    if "retry_after" in error.data:
        response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        response.headers["Retry-After"] = str(error.data["retry_after"])
    return response


def _code_form(status: HTTPStatus, refusal: str = "") -> Response:
    with database().reading() as session:
        settle(session)
    page = render_template(
        "signing_in/second_step.html",
        refusal=refusal,
        next=safe_next(request.values.get("next", "")),
        example=_example(),
    )
    return make_response(page, status)


def _form(status: HTTPStatus, refusal: str = "", errors: dict[str, str] | None = None) -> Response:
    with database().reading() as session:
        settle(session)
        known = {user.username for user in demo_users(session)}
        nobody = not queries.users(session)
    page = render_template(
        "signing_in/sign_in.html",
        refusal=refusal,
        nobody=nobody,
        errors=errors or {},
        username=request.form.get("username", ""),
        next=safe_next(request.values.get("next", "")),
        ended=request.method == "GET" and "ended" in request.args,
        demo=[user for user in DEMO_USERS if user["username"] in known],
        example=_example(),
    )
    return make_response(page, status)


@cache
def _example() -> dict[str, object]:
    """The first preset offer, its dearest lines drawn to one scale: what Vela is about, at a glance."""
    offer = read(NewService, preset_offers()[0])
    parts = cast("list[Line]", offer.components)
    lines = sorted(parts, key=attrgetter("unit_sell"), reverse=True)
    priced = [(line.name, line_totals(line)) for line in lines[:EXAMPLE_LINES]]
    most = max(each.sell for _, each in priced)
    rows = [(name, each, drawings.split([each.cost, each.margin], most)) for name, each in priced]
    return {"offer": offer, "rows": rows, "rest": len(lines) - EXAMPLE_LINES, "totals": totals(parts)}
