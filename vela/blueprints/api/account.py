"""One's own account over JSON: the password, the sign-ins, and what one has chosen for oneself."""

from datetime import datetime
from http import HTTPStatus
from typing import Self

from flask import Response, request

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, sign_in_key, vela
from vela.blueprints.api.paging import LongPageQuery
from vela.blueprints.api.reading import SignInPath, body
from vela.blueprints.api.routes import call
from vela.domain.people import commands, queries, signins
from vela.domain.people.access import require_full_reach
from vela.domain.people.intake import NewPassword, PreferencesChosen
from vela.domain.people.models import SignIn, User
from vela.shapes.base import Shape
from vela.signin import proving

TAG = "Your account"


class SignInOfMineShape(Shape):
    """Where you are signed in: with which program, from which address; `current` is the sign-in behind this call."""

    id: int
    agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, row: SignIn, current: int | None) -> Self:
        stored = set(cls.model_fields) - {"current"}
        return cls.model_validate({name: getattr(row, name) for name in stored} | {"current": row.id == current})


class PreferencesShape(Shape):
    """The language of your pages, empty for that of the browser, and whether keys without Ctrl act on them."""

    language: str
    single_keys: bool

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(language=user.language, single_keys=user.single_keys)


class PreferencesUpdate(PreferencesChosen):
    """What to choose anew; what is left out stays as it was."""


@call(
    "POST /auth/password",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Changed"),
    said=NewPassword,
    example={"current_password": "correct horse battery", "new_password": "staple of seven camels"},
    refuses=(*NEEDS_RIGHTS, 409, 429),
)
def change_password() -> Response:
    """Change your own password, which ends all your sign-ins and tokens, this one too: sign in again with the new one.

    Whoever has a password that somebody else gave them begins with this. A wrong `current_password` counts as a guess.
    """
    require_full_reach(actor())
    proving.change_password(database(), actor(), body(NewPassword), request.remote_addr or "")
    return nothing()


@call("GET /auth/sign-ins", TAG, Answer(model=SignInOfMineShape, many=True, headers=PAGED))
def list_sign_ins(query: LongPageQuery) -> Response:
    """Where you are signed in, the latest sign-in first; personal tokens are listed apart."""
    key, me, idle = sign_in_key(), actor().user_id or 0, vela().settings.idle
    with database().reading() as session:
        here = signins.find_sign_in(session, key, idle) if key else None
        found = signins.newest_sign_ins(session, me, idle, before=query.cursor, most=query.most)
        page, total = query.page(found, lambda each: each.id), signins.how_many_sign_ins(session, me, idle)
        shapes = [SignInOfMineShape.of(each, here.id if here else None) for each in page.things]
        return listing(shapes, total, page.following)


@call(
    "DELETE /auth/sign-ins/<sign_in_id>",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Ended"),
    refuses=(*NEEDS_RIGHTS, 404),
)
def end_sign_in(path: SignInPath) -> Response:
    """End one of your sign-ins, such as that of a lost phone."""
    with database().transaction() as session:
        signins.end_one(session, actor(), path.sign_in_id)
        return nothing()


@call("DELETE /auth/sign-ins", TAG, Answer(HTTPStatus.NO_CONTENT, words="Ended"), refuses=NEEDS_RIGHTS)
def end_other_sign_ins() -> Response:
    """End all of your sign-ins but the one behind this call; a personal token stands behind none."""
    with database().transaction() as session:
        signins.end_others(session, actor(), sign_in_key() or "")
        return nothing()


@call("GET /auth/preferences", TAG, Answer(model=PreferencesShape))
def get_preferences() -> Response:
    """What you have chosen for your pages."""
    with database().reading() as session:
        return answer(PreferencesShape.of(queries.user(session, actor().user_id or 0)))


@call(
    "PUT /auth/preferences",
    TAG,
    Answer(model=PreferencesShape),
    said=PreferencesUpdate,
    example={"language": "fr", "single_keys": False},
    refuses=NEEDS_RIGHTS,
)
def choose_preferences() -> Response:
    """Choose the language of your pages, and whether single keys act on them."""
    require_full_reach(actor())
    words = body(PreferencesUpdate)
    with database().transaction() as session:
        return answer(PreferencesShape.of(commands.change_preferences(session, actor(), words)))
