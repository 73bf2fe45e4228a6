"""Finding users."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vela.db import find, hold
from vela.domain.people.access import Role
from vela.domain.people.models import User
from vela.errors import NotFound


def user(session: Session, user_id: int) -> User:
    """One user. Raises NotFound."""
    found = find(session, User, user_id)
    if found is None:
        raise NotFound("user", user_id)
    return found


def held_user(session: Session, user_id: int) -> User:
    """One user as they stand now, kept from other writers until the transaction ends. Raises NotFound."""
    found = hold(session, User, user_id)
    if found is None:
        raise NotFound("user", user_id)
    return found


def hold_admins(session: Session) -> None:
    """Keep all active admins from other writers, so that no two can take each other's rights at once."""
    active = select(User.id).where(User.active, User.role == Role.ADMIN).order_by(User.id)
    session.execute(active.with_for_update(key_share=True)).all()


def user_named(session: Session, username: str) -> User | None:
    return session.scalar(select(User).where(User.username == username.strip().lower()))


def users(session: Session) -> list[User]:
    """Everybody, active ones first, by name."""
    return list(session.scalars(select(User).order_by(User.active.desc(), User.username)))


def users_by_number(session: Session, *, after: int | None = None, most: int | None = None) -> list[User]:
    """Everybody in the order they were added; with `after`, only those with a higher id."""
    query = select(User).order_by(User.id).limit(most)
    return list(session.scalars(query if after is None else query.where(User.id > after)))


def how_many_users(session: Session) -> int:
    return session.scalar(select(func.count(User.id))) or 0


def active_admins(session: Session) -> int:
    count = select(func.count()).select_from(User).where(User.active, User.role == Role.ADMIN)
    return session.scalar(count) or 0
