"""Users over JSON, for admins: who may sign in and do what, and closing doors."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Self

from flask import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy.orm import Session

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit, permit_opening
from vela.blueprints.api.paging import PageQuery
from vela.blueprints.api.reading import UserPath, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.versions import Versioned, refuse_unmatched
from vela.domain.audit import trail
from vela.domain.people import commands, passwords, queries, second_factor, signins
from vela.domain.people.access import Act, require_sight
from vela.domain.people.intake import GivenPassword, NewUser, UserChanges
from vela.domain.people.models import User
from vela.errors import invalid
from vela.language import gettext as _
from vela.shapes.people import UserShape

TAG = "Users"
EXAMPLE = {"username": "youssef", "display_name": "Youssef Alami", "password": "seven camels at noon", "role": "viewer"}


class PersonShape(UserShape):
    """A user as admins see them, without anything secret."""

    must_change_password: bool
    second_factor: bool
    created_at: datetime
    version: int

    @classmethod
    def seen(cls, user: User, *, second_factor: bool) -> Self:
        stored = set(cls.model_fields) - {"second_factor"}
        return cls.model_validate({name: getattr(user, name) for name in stored} | {"second_factor": second_factor})


class UserUpdate(Versioned, UserChanges):
    """What to change of a user; what is left out keeps its value."""

    echoes = frozenset({"id", "must_change_password", "second_factor", "created_at"})

    username: SkipJsonSchema[str] = Field(default="")

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in super().said().items() if name != "username"}


def _shaped(session: Session, user: User) -> PersonShape:
    return PersonShape.seen(user, second_factor=second_factor.is_on(session, user.id))


def _answered(session: Session, user: User) -> Response:
    return answer(_shaped(session, user), version=user.version)


@call("GET /users", TAG, Answer(model=PersonShape, many=True, headers=PAGED), refuses=NEEDS_RIGHTS)
def list_users(query: PageQuery) -> Response:
    """Everybody, active or not, in the order they were added. With `limit`, a page of them."""
    require_sight(actor(), Act.MANAGE_USERS)
    with database().reading() as session:
        doubly = second_factor.users_with(session)
        found = queries.users_by_number(session, after=query.cursor, most=query.most)
        page, total = query.page(found, lambda user: user.id), queries.how_many_users(session)
        people = [PersonShape.seen(each, second_factor=each.id in doubly) for each in page.things]
        return listing(people, total, page.following)


@call("GET /users/<user_id>", TAG, Answer(model=PersonShape, headers=("ETag",)), refuses=(*NEEDS_RIGHTS, 404))
def get_user(path: UserPath) -> Response:
    """One user, active or not."""
    require_sight(actor(), Act.MANAGE_USERS)
    with database().reading() as session:
        return _answered(session, queries.user(session, path.user_id))


@call(
    "POST /users",
    TAG,
    Answer(HTTPStatus.CREATED, PersonShape, headers=("Location", "ETag")),
    said=NewUser,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 409),
    takes_key=True,
)
def create_user() -> Response:
    """A new user, with a password for one use: its owner chooses another before anything else."""
    permit_opening(Act.MANAGE_USERS)
    words = body(NewUser)
    kept = passwords.accepted(words.password, words.username)
    with creating(words) as (session, keep):
        user = commands.create_user(session, actor(), words, password=kept, must_change=True)
        place = f"/api/users/{user.id}"
        return keep(answer(_shaped(session, user), HTTPStatus.CREATED, place=place, version=user.version))


@call(
    "PUT /users/<user_id>",
    TAG,
    Answer(model=PersonShape, headers=("ETag",)),
    said=UserUpdate,
    example={"role": "admin", "version": 1},
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
)
def change_user(path: UserPath) -> Response:
    """Change what was sent of a user; a new role, and `"active": false`, end their sign-ins and tokens.

    The last active admin stays one: 409 LAST_ADMIN.
    """
    permit_opening(Act.MANAGE_USERS)
    words = body(UserUpdate)
    with database().transaction() as session:
        queries.hold_admins(session)
        user = queries.held_user(session, path.user_id)
        last = trail.latest(session, "user", user.id)
        refuse_unmatched(user.version, last.username if last else None, last.at if last else None)
        _refuse_other_username(user, words)
        return _answered(session, commands.change_user(session, actor(), user.id, words, version=words.read_version))


def _refuse_other_username(user: User, words: UserUpdate) -> None:
    """Raises Invalid unless the username, when sent, is theirs."""
    if "username" in words.model_fields_set and words.username != user.username:
        raise invalid("username", "fixed", _("A username stays as it is. Leave this out."))


@call(
    "PUT /users/<user_id>/password",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Set"),
    said=GivenPassword,
    example={"password": "seven camels at noon"},
    refuses=(*NEEDS_RIGHTS, 404, 409),
)
def set_password(path: UserPath) -> Response:
    """Give somebody else a password for one use, which ends all their sign-ins and tokens.

    Your own is changed at /api/auth/password: here that is 409 OWN_PASSWORD.
    """
    permit_opening(Act.MANAGE_USERS)
    words = body(GivenPassword)
    with database().reading() as session:
        username = queries.user(session, path.user_id).username
    kept = passwords.accepted(words.password, username)
    with database().transaction() as session:
        commands.set_password(session, actor(), path.user_id, kept, must_change=True)
        return nothing()


@call(
    "DELETE /users/<user_id>/sign-ins",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Signed out"),
    refuses=(*NEEDS_RIGHTS, 404),
)
def sign_out_user(path: UserPath) -> Response:
    """Sign a user out everywhere; their tokens stay."""
    permit(Act.MANAGE_USERS)
    with database().transaction() as session:
        signins.sign_out_everywhere(session, actor(), queries.user(session, path.user_id))
        return nothing()


@call(
    "DELETE /users/<user_id>/second-factor",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Taken away"),
    refuses=(*NEEDS_RIGHTS, 404, 409),
)
def reset_second_factor(path: UserPath) -> Response:
    """Take away the second factor of somebody else who lost it, and sign them out everywhere.

    Without one it is 409 SECOND_FACTOR_OFF; your own is 409 OWN_SECOND_FACTOR.
    """
    permit_opening(Act.MANAGE_USERS)
    with database().transaction() as session:
        second_factor.reset(session, actor(), queries.user(session, path.user_id))
        return nothing()
