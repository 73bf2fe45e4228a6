"""Changing users: creating, changing, deactivating, new passwords."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.audit import trail
from vela.domain.audit.disputes import refuse_disputed
from vela.domain.people import passwords, queries, signins
from vela.domain.people.access import Act, Actor, Role, require, require_full_reach
from vela.domain.people.intake import DemoUser, PreferencesChosen, UserChanges
from vela.domain.people.models import User
from vela.domain.people.passwords import Hashed
from vela.errors import Conflict
from vela.language import gettext as _

SHOWN = ("username", "display_name", "role", "may_record_sales", "active")


def create_user(
    session: Session,
    actor: Actor,
    words: DemoUser,
    *,
    password: Hashed | None = None,
    must_change: bool = False,
    demo: bool = False,
) -> User:
    """A new user. Demo users, whose passwords everybody knows, are marked and exempt from the password rules.

    `password` is that of `words` as it is kept, from a caller who did that work beforehand; `must_change` makes its
    owner choose another one first of all. Raises Forbidden; Invalid for a weak password; Conflict when the name is
    taken.
    """
    require(actor, Act.MANAGE_USERS)
    kept = password or passwords.accepted(words.password, words.username, known=demo)
    if queries.user_named(session, words.username):
        raise _taken(words.username)
    user = User(
        username=words.username,
        display_name=words.display_name,
        password_hash=kept.text,
        role=words.role,
        may_record_sales=words.may_record_sales,
        demo=demo,
        must_change_password=must_change,
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


def change_user(
    session: Session, actor: Actor, user_id: int, words: UserChanges, *, version: int | None = None
) -> User:
    """Change what was said of a user. A new role, and a deactivation, end their sign-ins and personal tokens.

    What only takes rights away is done in books that are read-only, too. Raises Forbidden, NotFound; Stale when
    somebody changed the same since `version`; Conflict when no active admin would be left.
    """
    require(actor, Act.MANAGE_USERS)
    queries.hold_admins(session)
    user = queries.held_user(session, user_id)
    before, wanted = _shown(user), {field: _plain(value) for field, value in words.said().items()}
    refuse_disputed(session, "user", user.id, seen=version, version=user.version, stands=before, wanted=wanted)
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
        signins.end_all(session, user.id, tokens=True)
    after = _shown(user)
    closes = _only_takes_away(before, after)
    after |= {"version": user.version}
    trail.record(session, actor, "change", "user", user.id, before=before, after=after, even_when_stopped=closes)
    return user


def _only_takes_away(before: dict[str, object], after: dict[str, object]) -> bool:
    """Whether a change does nothing but close doors: a lesser role, a right less, no way in."""
    changed = {field: after[field] for field in SHOWN if after[field] != before[field]}
    return changed.items() <= {"role": Role.VIEWER.value, "may_record_sales": False, "active": False}.items()


def change_preferences(session: Session, actor: Actor, words: PreferencesChosen) -> User:
    """What was said of the actor's own language and keys.

    Raises Forbidden for a narrow token; NotFound for the operator, who has none.
    """
    require_full_reach(actor)
    user = queries.held_user(session, actor.user_id or 0)
    said = words.said()
    before = {field: getattr(user, field) for field in said}
    if before != said:
        for field, value in said.items():
            setattr(user, field, value)
        session.flush()
        who = {"username": user.username}
        trail.record(session, actor, "choose preferences", "user", user.id, before=who | before, after=who | said)
    return user


def change_own_password(session: Session, actor: Actor, proven: str, new: Hashed) -> User:
    """A new password for the actor, which ends all their sign-ins and personal tokens.

    `proven` is the hash that their old password was just compared with. Raises Forbidden for a narrow token; Conflict
    when it is no longer theirs.
    """
    require_full_reach(actor)
    user = queries.held_user(session, actor.user_id or 0)
    if user.password_hash != proven:
        raise Conflict("password_changed", _("Your password was changed a moment ago. Sign in with the new one."))
    return _set_password(session, actor, user, new, must_change=False)


def set_password(
    session: Session, actor: Actor, user_id: int, password: str | Hashed, *, must_change: bool = False
) -> User:
    """A new password for somebody else, set by an admin, which ends all their sign-ins and personal tokens.

    `must_change` makes its owner choose another one first of all. Raises Forbidden, NotFound, Invalid; Conflict for the
    actor's own, which asks for the old one.
    """
    require(actor, Act.MANAGE_USERS)
    if user_id == actor.user_id:
        words = _("Change your own password under Your account, where you are asked for the one you have.")
        raise Conflict("own_password", words, field="password")
    user = queries.held_user(session, user_id)
    kept = passwords.accepted(password, user.username) if isinstance(password, str) else password
    return _set_password(session, actor, user, kept, must_change=must_change)


def _set_password(session: Session, actor: Actor, user: User, password: Hashed, *, must_change: bool) -> User:
    user.password_hash = password.text
    user.must_change_password = must_change
    user.demo = False
    user.version += 1
    signins.end_all(session, user.id, tokens=True)
    who = {"username": user.username}
    trail.record(session, actor, "set password", "user", user.id, after=who, even_when_stopped=True)
    session.flush()
    return user


def _shown(user: User) -> dict[str, object]:
    return {field: _plain(getattr(user, field)) for field in SHOWN}


def _plain(value: object) -> object:
    return value.value if isinstance(value, Role) else value
