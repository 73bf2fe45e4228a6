"""Signing in and out."""

from functools import cache
from http import HTTPStatus
from operator import attrgetter
from typing import cast

from flask import Response, make_response, redirect, render_template, request
from flask import session as forms_session
from flask_login import current_user

from vela import signin
from vela.blueprints.web import drawings
from vela.blueprints.web.answers import settle
from vela.blueprints.web.forms import complaints, said
from vela.blueprints.web.guards import database, safe_next, sign_in_key, vela
from vela.blueprints.web.routes import pages
from vela.domain.catalog.intake import NewService
from vela.domain.catalog.preset import preset_offers
from vela.domain.catalog.pricing import Line, line_totals, totals
from vela.domain.people.intake import Credentials
from vela.errors import Invalid, Unauthenticated
from vela.intake import read
from vela.seeding import DEMO_USERS, demo_users

EXAMPLE_LINES = 4


@pages.get("/login")
def sign_in() -> Response:
    """The sign-in page; whoever is signed in goes on to where they wanted to be."""
    if current_user.is_authenticated:
        return _onwards()
    return _form(HTTPStatus.OK)


@pages.post("/login")
def sign_in_submit() -> Response:
    """Check the password, then go on with a fresh cookie; a refusal shows the form again, with the name kept."""
    try:
        words = read(Credentials, said("username", "password"))
        signed_in = signin.sign_in(
            database(),
            vela().secret,
            words,
            address=request.remote_addr or "",
            agent=request.user_agent.string,
        )
    except Invalid as error:
        return _form(HTTPStatus.UNPROCESSABLE_ENTITY, errors=complaints(error))
    except Unauthenticated as error:
        return _refused(error)
    forms_session.clear()
    response = _onwards()
    response.set_cookie(**signin.cookie(signed_in.page_token, secure=request.is_secure))
    return response


@pages.post("/logout")
def sign_out() -> Response:
    """End the sign-in: its cookie and its API token stop working at once."""
    signin.sign_out(database(), sign_in_key())
    forms_session.clear()
    response = redirect("/login", 303)
    response.delete_cookie(signin.COOKIE, path="/", httponly=True, samesite="Lax", secure=request.is_secure)
    # Not "storage": the theme somebody chose stays with the device.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response  # pyright: ignore[reportReturnType]


def _onwards() -> Response:
    return redirect(safe_next(request.values.get("next", "")), 303)  # pyright: ignore[reportReturnType]


def _refused(error: Unauthenticated) -> Response:
    response = _form(HTTPStatus.UNAUTHORIZED, refusal=error.message)
    if "retry_after" in error.data:
        response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        response.headers["Retry-After"] = str(error.data["retry_after"])
    return response


def _form(status: HTTPStatus, refusal: str = "", errors: dict[str, str] | None = None) -> Response:
    with database().reading() as session:
        settle(session)
        known = {user.username for user in demo_users(session)}
    page = render_template(
        "signing_in/sign_in.html",
        refusal=refusal,
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
