"""Finding users."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vela.db import find
from vela.domain.people.access import Role
from vela.domain.people.models import User
from vela.errors import NotFound


def user(session: Session, user_id: int) -> User:
    """One user. Raises NotFound."""
    found = find(session, User, user_id)
    if found is None:
        raise NotFound("user", user_id)
    return found


def user_named(session: Session, username: str) -> User | None:
    return session.scalar(select(User).where(User.username == username.strip().lower()))


def users(session: Session) -> list[User]:
    """Everybody, active ones first, by name."""
    return list(session.scalars(select(User).order_by(User.active.desc(), User.username)))


def active_admins(session: Session) -> int:
    count = select(func.count()).select_from(User).where(User.active, User.role == Role.ADMIN)
    return session.scalar(count) or 0
