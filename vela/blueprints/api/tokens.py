"""Personal tokens over JSON: one's own, and for admins those of everybody."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit_opening, require_password_lately
from vela.blueprints.api.paging import LongPageQuery, PageQuery
from vela.blueprints.api.reading import TokenPath, UserPath, body
from vela.blueprints.api.retries import Keep, creating
from vela.blueprints.api.routes import call
from vela.domain.people import queries, signins
from vela.domain.people.access import Act, Scope, require_full_reach, require_sight
from vela.domain.people.intake import NewToken
from vela.domain.people.models import PersonalToken, User
from vela.shapes.base import Shape

TAG = "Tokens"
EXAMPLE = {"name": "Nightly import", "scope": "write", "expires_in_days": 90}


class TokenShape(Shape):
    """A personal token: how far it reaches, and for how long; `hint` is how its secret begins."""

    id: int
    user_id: int
    name: str
    scope: Scope
    hint: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    has_expired: bool

    @classmethod
    def of(cls, token: PersonalToken) -> Self:
        return cls.model_validate({name: getattr(token, name) for name in TokenShape.model_fields})


class MadeTokenShape(TokenShape):
    """A personal token that was just made; nothing ever shows its secret again."""

    secret: Annotated[
        str | None,
        Field(
            description="What stands after `Bearer`. Null when the answer is given again under its Idempotency-Key: if "
            "nobody has the secret, revoke the token and make another."
        ),
    ] = None


@call("GET /tokens", TAG, Answer(model=TokenShape, many=True, headers=PAGED))
def list_tokens(query: LongPageQuery) -> Response:
    """Your own tokens that were not revoked, newest first, those that have expired among them."""
    with database().reading() as session:
        return _listed(session, queries.user(session, actor().user_id or 0), query)


@call(
    "POST /tokens",
    TAG,
    Answer(HTTPStatus.CREATED, MadeTokenShape, headers=("Location",)),
    said=NewToken,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 409),
    takes_key=True,
)
def create_token() -> Response:
    """A token of your own; this answer is the only one that ever shows its secret.

    A token makes another only when its scope is `admin`, and none that lasts longer than itself.
    """
    require_full_reach(actor())
    require_password_lately()
    words = body(NewToken)
    with creating(words) as (session, keep):
        return _made(session, keep, queries.user(session, actor().user_id or 0), words)


@call("DELETE /tokens/<token_id>", TAG, Answer(HTTPStatus.NO_CONTENT, words="Revoked"), refuses=(*NEEDS_RIGHTS, 404))
def revoke_token(path: TokenPath) -> Response:
    """End a token: whatever uses it is refused from now on. Your own, or for an admin anybody's.

    A token of any scope may end itself; to end another its scope has to be `admin`.
    """
    with database().transaction() as session:
        signins.end_token(session, actor(), path.token_id)
        return nothing()


@call(
    "GET /users/<user_id>/tokens",
    TAG,
    Answer(model=TokenShape, many=True, headers=PAGED),
    refuses=(*NEEDS_RIGHTS, 404),
)
def list_tokens_of_user(path: UserPath, query: LongPageQuery) -> Response:
    """The tokens of a user that were not revoked, newest first; for admins."""
    require_sight(actor(), Act.MANAGE_USERS)
    with database().reading() as session:
        return _listed(session, queries.user(session, path.user_id), query)


@call(
    "POST /users/<user_id>/tokens",
    TAG,
    Answer(HTTPStatus.CREATED, MadeTokenShape, headers=("Location",)),
    said=NewToken,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def create_token_for_user(path: UserPath) -> Response:
    """A token for a user, made by an admin; this answer is the only one that ever shows its secret."""
    permit_opening(Act.MANAGE_USERS)
    words = body(NewToken)
    with creating(words) as (session, keep):
        return _made(session, keep, queries.user(session, path.user_id), words)


def _listed(session: Session, user: User, query: PageQuery) -> Response:
    found = signins.tokens_of(session, user.id, before=query.cursor, most=query.most)
    page, total = query.page(found, lambda token: token.id), signins.how_many_tokens(session, user.id)
    return listing([TokenShape.of(token) for token in page.things], total, page.following)


def _made(session: Session, keep: Keep, user: User, words: NewToken) -> Response:
    token, secret = signins.create_token(session, actor(), user, words)
    place = "/api/tokens" if user.id == actor().user_id else f"/api/users/{user.id}/tokens"
    shape = MadeTokenShape.of(token)
    shown = answer(shape.model_copy(update={"secret": secret}), HTTPStatus.CREATED, place=place)
    return keep(shown, again=answer(shape, HTTPStatus.CREATED, place=place))
