"""Users, managed by admins: creating them, changing their role and rights, setting a new password."""

from flask import Response, request

from vela.blueprints.web.answers import done, from_htmx, partials
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import everything, put_back
from vela.domain.people import commands, passwords, queries
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
            user = commands.create_user(session, actor(), _new_user())
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


def _new_user() -> NewUser:
    """The new user of the form, called by their username when no name was typed. Raises Invalid, all at once."""
    typed = said("username", "display_name", "password", "role", "may_record_sales")
    if not str(typed.get("display_name", "")).strip():
        typed["display_name"] = typed.get("username", "")
    try:
        return read(NewUser, typed)
    except Invalid as error:
        raise _with_the_password(error, typed) from error


def _with_the_password(error: Invalid, typed: dict[str, object]) -> Invalid:
    """The refusal of a new user, with what is wrong with a password that could be read."""
    issues = [each for each in error.issues if each.field != "display_name" or request.form.get("display_name")]
    if typed.get("password") and not any(each.field == "password" for each in issues):
        try:
            passwords.check_rules(str(typed["password"]), str(typed.get("username", "")))
        except Invalid as weak:
            issues += weak.issues
    return Invalid(*issues)


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
