"""Users, managed by admins: creating them, changing their role and rights, setting a new password."""

from flask import Response

from vela.blueprints.web.answers import done, from_htmx, partials
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import everything, put_back
from vela.domain.people import commands, queries
from vela.domain.people.access import Act, require
from vela.domain.people.intake import NewUser, Password, UserChanges
from vela.errors import Conflict, Invalid
from vela.intake import Words, read
from vela.problems import status_of

BACK = "/settings#users"


class GivenPassword(Words):
    """A password that an admin gives somebody."""

    password: Password


@pages.post("/settings/users")
def create_user() -> Response:
    """A new user."""
    try:
        with database().transaction() as session:
            require(actor(), Act.MANAGE_USERS)
            words = read(NewUser, said("username", "display_name", "password", "role", "may_record_sales"))
            user = commands.create_user(session, actor(), words)
            return done(session, "settings/user_created.html", BACK, user=user, **everything(session))
    except (Invalid, Conflict) as error:
        if from_htmx():
            raise
        return put_back("user-new", error)


@pages.patch("/settings/users/<int:user_id>")
@pages.post("/settings/users/<int:user_id>")
def change_user(user_id: int) -> Response:
    """Change what the form holds of a user: one field, or without script the whole row."""
    try:
        with database().transaction() as session:
            require(actor(), Act.MANAGE_USERS)
            words = read(UserChanges, said("display_name", "role", "may_record_sales", "active"))
            user = commands.change_user(session, actor(), user_id, words)
            fields = sorted(words.model_fields_set)
            return done(session, "settings/user_changed.html", BACK, user=user, said=fields, **everything(session))
    except Conflict as error:
        return _unchanged(user_id, error)
    except Invalid as error:
        if from_htmx():
            raise
        return put_back(f"user-{user_id}", error)


@pages.post("/settings/users/<int:user_id>/password")
def set_password(user_id: int) -> Response:
    """A new password for a user, which signs them out everywhere."""
    try:
        with database().transaction() as session:
            require(actor(), Act.MANAGE_USERS)
            user = commands.set_password(session, actor(), user_id, read(GivenPassword, said("password")).password)
            return done(session, "settings/password_set.html", BACK, user=user, **everything(session))
    except Invalid as error:
        if from_htmx():
            raise
        return put_back(f"user-{user_id}-password", error)


def _unchanged(user_id: int, error: Conflict) -> Response:
    """What cannot be changed goes back to how it was: the row as it is, and why."""
    if not from_htmx():
        return put_back(f"user-{user_id}", error)
    with database().reading() as session:
        user, context = queries.user(session, user_id), everything(session)
        return partials(session, "settings/user_unchanged.html", status_of(error), user=user, error=error, **context)
