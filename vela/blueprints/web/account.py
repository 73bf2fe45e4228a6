"""Everybody's own account: their password, their personal tokens, the look of their pages."""

import sys
from typing import Any

from flask import Response, current_app, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import away, done, from_htmx, page, partials, told
from vela.blueprints.web.confirming import recently_confirmed
from vela.blueprints.web.devices import device
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, address, database, sign_in_id, vela
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.blueprints.web.signing_in import ask_for_code
from vela.domain.people import queries, second_factor, signins
from vela.domain.people.intake import Credentials, NewPassword, NewToken
from vela.domain.people.models import PersonalToken
from vela.errors import Invalid, Unauthenticated
from vela.intake import read
from vela.language import gettext as _
from vela.problems import status_of
from vela.settings import PROJECT
from vela.signin import entering, proving, tickets
from vela.signin.entering import SecondFactorNeeded


@pages.get("/account")
def account() -> Response:
    """Who is signed in, and what belongs to them alone."""
    with database().reading() as session:
        return account_page(session)


@pages.get("/account/password")
def own_password() -> Response:
    """Where whoever has a password that somebody else chose comes first of all."""
    if not actor().must_change_password:
        return away("/account#password")
    return _own_password_page()


@pages.post("/account/password")
def change_password() -> Response:
    """A new password: every other sign-in and every token ends, this browser goes on with a fresh sign-in."""
    try:
        words = read(NewPassword, said("current_password", "new_password"))
        proving.change_password(database(), actor(), words, address())
    except Invalid as error:
        return _own_password_page(error) if actor().must_change_password else _refused("password", error)
    return _signed_in_again(words.new_password)


def _own_password_page(error: Invalid | None = None) -> Response:
    if error and from_htmx():
        raise error
    refused = kept("password", error) if error else None
    with database().reading() as session:
        return page(session, "account/own_password.html", status_of(error) if error else 200, refused=refused)


@pages.post("/account/tokens")
@recently_confirmed
def create_token() -> Response:
    """A personal token; this answer is the only one that ever shows its secret."""
    try:
        with once() as session:
            words = read(NewToken, said("name", "scope", "expires_in_days"))
            user = queries.user(session, actor().user_id or 0)
            token, secret = signins.create_token(session, actor(), user, words)
            shown = fresh_token(secret)
            if from_htmx():
                response = partials(session, "account/token_created.html", token=token, **shown)
            else:
                response = account_page(session, 201, **shown)
            return keep(session, response, "/account#tokens", instead=shown_once(token))
    except Invalid as error:
        return _refused("token-new", error)


@pages.post("/account/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    """End a token: whatever uses it is refused from now on."""
    with database().transaction() as session:
        token = signins.end_token(session, actor(), token_id)
        return done(session, "account/token_revoked.html", "/account#tokens", token=token)


def account_page(session: Session, status: int = 200, refused: dict[str, Any] | None = None, **more: Any) -> Response:
    """The page, with any form on it put back as it was typed."""
    me = actor().user_id or 0
    shown = {
        "tokens": signins.tokens_of(session, me),
        "sign_ins": sign_ins_shown(session),
        "second_factor": second_factor.is_on(session, me),
        "recovery_codes_left": second_factor.recovery_codes_left(session, me),
    }
    return page(session, "account/account.html", status, here="account", refused=refused, **shown, **more)


def sign_ins_shown(session: Session) -> list[dict[str, Any]]:
    """Where whoever asks is signed in, this browser first."""
    found = signins.sign_ins_of(session, actor().user_id or 0, vela().settings.idle)
    rows = [{"row": each, "device": device(each.agent), "here": each.id == sign_in_id()} for each in found]
    return sorted(rows, key=lambda row: not row["here"])


def _refused(form: str, error: Invalid) -> Response:
    if from_htmx():
        raise error
    with database().reading() as session:
        return account_page(session, status_of(error), refused=kept(form, error))


def _signed_in_again(password: str) -> Response:
    """On with the cookie of a fresh sign-in; to the sign-in page while that is paused, or where a code is needed."""
    words = Credentials(username=actor().username, password=password)
    agent = request.user_agent.string
    try:
        signed_in = entering.sign_in(
            database(), vela().secret, words, address=address(), agent=agent, sealer=vela().sealer
        )
    except SecondFactorNeeded as needed:
        return ask_for_code(needed, "/account")
    except Unauthenticated:
        return away("/login")
    told_words = _("Your password is changed. You are signed out everywhere else, and your tokens ended.")
    response = told(told_words, "/" if actor().must_change_password else "/account")
    response.set_cookie(**tickets.cookie(signed_in.page_token, secure=request.is_secure))
    return response


def shown_once(token: PersonalToken) -> str:
    """What whoever sends the form of a new token again is told; its secret is kept nowhere."""
    return _(
        "The token %(name)s was made already, and its secret was shown then. If nobody has it, revoke the token and "
        "make another.",
        name=token.name,
    )


def fresh_token(secret: str) -> dict[str, Any]:
    """A token that was just made, and what to paste into an agent's host: on this machine, or where agents are served
    over HTTP on any. The address of a database server is not told to browsers."""
    settings = vela().settings
    if settings.mcp_url:
        told = current_app.extensions["registration_over_http"](settings.mcp_url, secret)
    else:
        environment = {"VELA_API_TOKEN": secret, "VELA_DATA_DIR": str(settings.data_dir)}
        told = current_app.extensions["registration"](sys.executable, str(PROJECT / "mcp_server.py"), environment)
    return {"secret": secret, "registration": told, "agents_anywhere": bool(settings.mcp_url)}
