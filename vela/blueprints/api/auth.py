"""Signing in and out over JSON."""

from http import HTTPStatus

from flask import Response, request

from vela.blueprints.api.answers import answer, nothing
from vela.blueprints.api.describing import Answer
from vela.blueprints.api.guards import actor, database, sign_in_key, vela
from vela.blueprints.api.reading import body
from vela.blueprints.api.routes import call
from vela.domain.people import queries
from vela.domain.people.access import Face
from vela.domain.people.intake import Credentials
from vela.errors import Conflict
from vela.language import gettext as _
from vela.shapes.base import Shape
from vela.shapes.people import UserShape
from vela.signin import entering, tickets

TAG = "Signing in"


class SignInShape(Shape):
    """A token for the header Authorization, good for 24 hours, and whose it is."""

    token: str
    user: UserShape


@call(
    "POST /auth/login",
    TAG,
    Answer(model=SignInShape, headers=("Set-Cookie",)),
    said=Credentials,
    example={"username": "salma", "password": "correct horse battery"},
    refuses=(401, 403, 429),
    is_open=True,
)
def log_in() -> Response:
    """Sign in: a token for this API, and the httpOnly cookie for the pages, both for 24 hours.

    Whoever has a second factor is refused (401, `SECOND_FACTOR_NEEDED`) until its code is said, too, as `totp`.
    """
    words = body(Credentials)
    opened = entering.sign_in(
        database(),
        vela().secret,
        words,
        address=request.remote_addr or "",
        agent=request.user_agent.string,
        face=Face.API,
        sealer=vela().sealer,
    )
    response = answer(SignInShape(token=opened.api_token, user=UserShape.of(opened.user)))
    response.set_cookie(**tickets.cookie(opened.page_token, secure=request.is_secure))
    return response


@call("GET /auth/me", TAG, Answer(model=UserShape))
def me() -> Response:
    """Who the token belongs to."""
    with database().reading() as session:
        return answer(UserShape.of(queries.user(session, actor().user_id or 0)))


@call("POST /auth/logout", TAG, Answer(HTTPStatus.NO_CONTENT, words="Signed out"), refuses=(403, 409))
def log_out() -> Response:
    """Sign out: this token and the cookie that came with it stop working."""
    key = sign_in_key()
    if key is None:
        words = _("A personal token does not sign out. Revoke it under Settings instead.")
        raise Conflict("personal_token", words)
    entering.sign_out(database(), key)
    response = nothing()
    response.delete_cookie(**tickets.no_cookie(secure=request.is_secure))
    return response
