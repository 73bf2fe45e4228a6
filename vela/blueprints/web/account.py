"""Everybody's own account: their password, their personal tokens, the look of their pages."""

import sys
from typing import Any

from flask import Response, current_app, request
from sqlalchemy.orm import Session

from vela import signin
from vela.blueprints.web.answers import away, done, from_htmx, page, partials, told
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database, vela
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.domain.people import commands, queries, signins
from vela.domain.people.intake import Credentials, NewPassword, NewToken
from vela.errors import Invalid, Unauthenticated
from vela.intake import read
from vela.language import gettext as _
from vela.problems import status_of
from vela.settings import PROJECT


@pages.get("/account")
def account() -> Response:
    """Who is signed in, and what belongs to them alone."""
    with database().reading() as session:
        return _account_page(session)


@pages.post("/account/password")
def change_password() -> Response:
    """A new password: every other sign-in and every token ends, this browser goes on with a fresh sign-in."""
    try:
        words = read(NewPassword, said("current_password", "new_password"))
        with database().transaction() as session:
            commands.change_own_password(session, actor(), words)
    except Invalid as error:
        return _refused("password", error)
    return _signed_in_again(words.new_password)


@pages.post("/account/tokens")
def create_token() -> Response:
    """A personal token; this answer is the only one that ever shows its secret."""
    try:
        with database().transaction() as session:
            words = read(NewToken, said("name"))
            user = queries.user(session, actor().user_id or 0)
            token, secret = signins.create_token(session, actor(), user, words)
            paste = registration(secret)
            if from_htmx():
                return partials(session, "account/token_created.html", token=token, secret=secret, registration=paste)
            return _account_page(session, 201, secret=secret, registration=paste)
    except Invalid as error:
        return _refused("token-new", error)


@pages.post("/account/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    """End a token: whatever uses it is refused from now on."""
    with database().transaction() as session:
        token = signins.end_token(session, actor(), token_id)
        return done(session, "account/token_revoked.html", "/account#tokens", token=token)


def _account_page(session: Session, status: int = 200, refused: dict[str, Any] | None = None, **more: Any) -> Response:
    tokens = signins.tokens_of(session, actor().user_id or 0)
    return page(session, "account/account.html", status, here="account", refused=refused, tokens=tokens, **more)


def _refused(form: str, error: Invalid) -> Response:
    if from_htmx():
        raise error
    with database().reading() as session:
        return _account_page(session, status_of(error), refused=kept(form, error))


def _signed_in_again(password: str) -> Response:
    """To the account page with the cookie of a fresh sign-in; to the sign-in page while that is paused."""
    words = Credentials(username=actor().username, password=password)
    address, agent = request.remote_addr or "", request.user_agent.string
    try:
        signed_in = signin.sign_in(database(), vela().secret, words, address=address, agent=agent)
    except Unauthenticated:
        return away("/login")
    response = told(
        _("Your password is changed. You are signed out everywhere else, and your tokens ended."), "/account"
    )
    response.set_cookie(**signin.cookie(signed_in.page_token, secure=request.is_secure))
    return response


def registration(secret: str) -> str:
    """What to paste into an agent's host on this machine; the address of a database server is not told to browsers."""
    environment = {"VELA_API_TOKEN": secret, "VELA_DATA_DIR": str(vela().settings.data_dir)}
    return current_app.extensions["registration"](sys.executable, str(PROJECT / "mcp_server.py"), environment)
