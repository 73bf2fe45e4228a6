"""Reading the trail: newest first, a page at a time, narrowed to one kind of thing or one person."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from vela.db import MOST_ID
from vela.domain.audit.models import AuditEntry

MOST = 50


def entries(
    session: Session, *, before: int | None = None, subject: str = "", username: str = "", most: int | None = MOST
) -> Sequence[AuditEntry]:
    """At most `most` entries, newest first, that are older than number `before`; of a kind of thing, by a person."""
    query = select(AuditEntry).where(*_narrowed(subject, username)).order_by(AuditEntry.id.desc()).limit(most)
    if before is not None:
        query = query.where(AuditEntry.id < min(before, MOST_ID))
    return session.scalars(query).all()


def count(session: Session, *, subject: str = "", username: str = "") -> int:
    """How many entries there are of a kind of thing, by a person, or at all."""
    return session.scalar(select(func.count(AuditEntry.id)).where(*_narrowed(subject, username))) or 0


def _narrowed(subject: str, username: str) -> Iterator[ColumnElement[bool]]:
    if subject:
        yield AuditEntry.subject == subject
    if username:
        yield AuditEntry.username == username


def ever(session: Session, subject: str, action: str = "") -> bool:
    """Whether anything, or this very act, was ever done to a kind of thing."""
    found = select(AuditEntry.id).where(AuditEntry.subject == subject).limit(1)
    return session.scalar(found.where(AuditEntry.action == action) if action else found) is not None


def subjects(session: Session) -> list[str]:
    """The kinds of things that entries are about."""
    return sorted(session.scalars(select(AuditEntry.subject).distinct()))


def usernames(session: Session) -> list[str]:
    """Everybody who ever made a change."""
    return sorted(session.scalars(select(AuditEntry.username).distinct()))
