"""Writing to the trail, in the transaction of the change itself."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.audit.models import AuditEntry
from vela.periods import Month


class Author(Protocol):
    """Whoever makes a change, as the trail needs to know them."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def username(self) -> str: ...
    @property
    def face(self) -> str: ...
    @property
    def token_name(self) -> str: ...


def record(
    session: Session,
    author: Author,
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry: `author` did `action` to `subject` number `subject_id`. No secret in `before` or `after`, ever."""
    session.add(
        AuditEntry(
            at=now(),
            user_id=author.user_id,
            username=author.username,
            face=author.face,
            token_name=author.token_name,
            action=action,
            subject=subject,
            subject_id=subject_id,
            before=_plain(before),
            after=_plain(after),
        )
    )


def latest(session: Session, subject: str, subject_id: int) -> AuditEntry | None:
    """The last entry about one thing."""
    about = select(AuditEntry).where(AuditEntry.subject == subject, AuditEntry.subject_id == subject_id)
    return session.scalar(about.order_by(AuditEntry.id.desc()).limit(1))


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else {name: _as_json(value) for name, value in values.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Month):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
