"""Changing users: creating, changing, deactivating, new passwords."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.audit import trail
from vela.domain.people import passwords, queries, signins
from vela.domain.people.access import Act, Actor, Role, require
from vela.domain.people.intake import NewPassword, NewUser, UserChanges
from vela.domain.people.models import User
from vela.errors import Conflict, invalid
from vela.language import gettext as _

SHOWN = ("username", "display_name", "role", "may_record_sales", "active")


def create_user(session: Session, actor: Actor, words: NewUser, *, demo: bool = False) -> User:
    """A new user. Demo users, whose passwords everybody knows, are marked and exempt from the password rules.

    Raises Forbidden; Invalid for a weak password; Conflict when the name is taken.
    """
    require(actor, Act.MANAGE_USERS)
    if not demo:
        passwords.check_rules(words.password, words.username)
    if queries.user_named(session, words.username):
        raise _taken(words.username)
    user = User(
        username=words.username,
        display_name=words.display_name,
        password_hash=passwords.hashed(words.password),
        role=words.role,
        may_record_sales=words.may_record_sales,
        demo=demo,
        active=True,
        version=1,
        created_at=now(),
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else took the name at the same moment
        raise _taken(words.username) from error
    trail.record(session, actor, "create", "user", user.id, after=_shown(user))
    return user


def _taken(username: str) -> Conflict:
    words = _("%(name)s is taken. Pick another name.", name=username)
    return Conflict("taken", words, field="username")


def change_user(session: Session, actor: Actor, user_id: int, words: UserChanges) -> User:
    """Change what was said of a user. A new role ends their sign-ins, a deactivation their personal tokens too.

    Raises Forbidden, NotFound; Conflict when no active admin would be left.
    """
    require(actor, Act.MANAGE_USERS)
    queries.hold_admins(session)
    user = queries.held_user(session, user_id)
    before = _shown(user)
    for field, value in words.said().items():
        setattr(user, field, value)
    if before == _shown(user):
        return user
    user.version += 1
    session.flush()
    if not queries.active_admins(session):
        raise Conflict(
            "last_admin",
            _("This is the last active admin. Make another user an admin first."),
        )
    if not user.active or before["role"] != user.role:
        signins.end_all(session, user.id, tokens=not user.active)
    trail.record(session, actor, "change", "user", user.id, before=before, after=_shown(user))
    return user


def change_own_password(session: Session, actor: Actor, words: NewPassword) -> User:
    """A new password for the actor, which ends all their sign-ins and personal tokens.

    Raises Invalid under the field at fault.
    """
    user = queries.held_user(session, actor.user_id or 0)
    if not passwords.matches(user.password_hash, words.current_password):
        raise invalid("current_password", "password", _("That is not your current password."))
    return _set_password(session, actor, user, words.new_password, field="new_password")


def set_password(session: Session, actor: Actor, user_id: int, password: str) -> User:
    """A new password for somebody else, set by an admin, which ends all their sign-ins and personal tokens.

    Raises Forbidden, NotFound, Invalid.
    """
    require(actor, Act.MANAGE_USERS)
    return _set_password(session, actor, queries.held_user(session, user_id), password, field="password")


def _set_password(session: Session, actor: Actor, user: User, password: str, field: str) -> User:
    passwords.check_rules(password, user.username, field)
    user.password_hash = passwords.hashed(password)
    user.demo = False
    user.version += 1
    signins.end_all(session, user.id, tokens=True)
    trail.record(session, actor, "set password", "user", user.id)
    session.flush()
    return user


def _shown(user: User) -> dict[str, object]:
    return {field: _plain(getattr(user, field)) for field in SHOWN}


def _plain(value: object) -> object:
    return value.value if isinstance(value, Role) else value
