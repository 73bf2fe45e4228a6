"""Users, managed by admins: creating them, changing their role and rights, setting a new password."""

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import done, from_htmx, partials
from vela.blueprints.web.confirming import admins_recently_confirmed, changes, confirmed_when
from vela.blueprints.web.forms import said, version_seen
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.once import once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.disputing import disputed
from vela.blueprints.web.settings.looking import everything, put_back
from vela.domain.people import commands, passwords, queries, second_factor, signins
from vela.domain.people.access import Act, require
from vela.domain.people.intake import GivenPassword, NewUser, UserChanges
from vela.domain.people.models import User
from vela.errors import Conflict, Invalid, Stale
from vela.intake import read
from vela.language import gettext as _
from vela.problems import status_of

BACK = "/settings#users"


@pages.post("/settings/users")
@admins_recently_confirmed
def create_user() -> Response:
    """A new user."""
    try:
        require(actor(), Act.MANAGE_USERS)
        words = _new_user()
        kept = passwords.accepted(words.password, words.username)
        with once(Act.MANAGE_USERS) as session:
            user = commands.create_user(session, actor(), words, password=kept, must_change=True)
            return done(session, "settings/user_created.html", BACK, user=user, **everything(session))
    except (Invalid, Conflict) as error:
        if from_htmx():
            raise
        return put_back("user-new", error)


@pages.patch("/settings/users/<int:user_id>")
@pages.post("/settings/users/<int:user_id>")
@confirmed_when(changes("role", "active", "may_record_sales"))
def change_user(user_id: int) -> Response:
    """Change what the form holds of a user: one field, or without script the whole row."""
    try:
        with database().transaction() as session:
            require(actor(), Act.MANAGE_USERS)
            words = read(UserChanges, said("display_name", "role", "may_record_sales", "active"))
            user = commands.change_user(session, actor(), user_id, words, version=version_seen())
            fields = sorted(words.model_fields_set)
            return done(session, "settings/user_changed.html", BACK, user=user, said=fields, **everything(session))
    except Conflict as error:
        if isinstance(error, Stale) and from_htmx():
            return _disputed(user_id, error)
        return _unchanged(user_id, error)
    except Invalid as error:
        if from_htmx():
            raise
        return put_back(f"user-{user_id}", error)


@pages.post("/settings/users/<int:user_id>/password")
@admins_recently_confirmed
def set_password(user_id: int) -> Response:
    """A new password for somebody else, which signs them out everywhere."""
    try:
        require(actor(), Act.MANAGE_USERS)
        kept = _accepted(user_id)
        with database().transaction() as session:
            user = commands.set_password(session, actor(), user_id, kept, must_change=True)
            return done(session, "settings/password_set.html", BACK, user=user, **everything(session))
    except (Invalid, Conflict) as error:
        if from_htmx():
            raise
        return put_back(f"user-{user_id}-password", error)


def _accepted(user_id: int) -> passwords.Hashed:
    """The password of the form, as it is kept. Raises NotFound, Invalid."""
    with database().reading() as session:
        username = queries.user(session, user_id).username
    return passwords.accepted(read(GivenPassword, said("password")).password, username)


@pages.post("/settings/users/<int:user_id>/sign-out")
@admins_recently_confirmed
def sign_out_user(user_id: int) -> Response:
    """End every sign-in of a user; their tokens stay."""
    with database().transaction() as session:
        require(actor(), Act.MANAGE_USERS)
        user = queries.user(session, user_id)
        signins.sign_out_everywhere(session, actor(), user)
        words = _("%(name)s is signed out everywhere.", name=user.display_name)
        return _doors(session, user, words)


@pages.post("/settings/users/<int:user_id>/second-factor/reset")
@admins_recently_confirmed
def reset_second_factor(user_id: int) -> Response:
    """Take away the second factor of somebody else who lost it."""
    with database().transaction() as session:
        require(actor(), Act.MANAGE_USERS)
        user = queries.user(session, user_id)
        second_factor.reset(session, actor(), user)
        words = _("%(name)s is signed out everywhere, and signs in with a password alone now.", name=user.display_name)
        return _doors(session, user, words)


def _doors(session: Session, user: User, words: str) -> Response:
    return done(session, "settings/user_doors.html", BACK, words=words, told=words, user=user, **everything(session))


def _new_user() -> NewUser:
    """The new user of the form, called by their username when no name was typed. Raises Invalid, all at once."""
    typed = said("username", "display_name", "password", "role", "may_record_sales")
    if not str(typed.get("display_name", "")).strip():
        typed["display_name"] = typed.get("username", "")
    try:
        return read(NewUser, typed)
    except Invalid as error:
        named = request.form.get("display_name")
        raise Invalid(*(each for each in error.issues if named or each.field != "display_name")) from error


def _disputed(user_id: int, error: Stale) -> Response:
    """What somebody else changed meanwhile stands beside what was typed."""
    sales = error.data["field"] == "may_record_sales"
    flags = (_("May record"), _("May not record")) if sales else (_("Active"), _("Inactive"))
    with database().reading() as session:
        called = {role.value: words for role, words in everything(session)["roles"].items()}
        called |= {"true": flags[0], "false": flags[1]}
        return disputed(session, error, f"user-{user_id}", called if error.data["field"] != "display_name" else {})


def _unchanged(user_id: int, error: Conflict) -> Response:
    """What cannot be changed goes back to how it was: the row as it is, and why."""
    if not from_htmx():
        return put_back(f"user-{user_id}", error)
    with database().reading() as session:
        user, context = queries.user(session, user_id), everything(session)
        beside = {"form": f"user-{user_id}", "typed": {}, "errors": dict.fromkeys(request.form, error.message)}
        return partials(
            session, "settings/user_unchanged.html", status_of(error), user=user, error=error, refused=beside, **context
        )
