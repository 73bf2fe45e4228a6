"""Writing to the trail, in the transaction of the change itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

from vela.clock import now
from vela.domain.audit import chain
from vela.domain.audit.intake import Subject
from vela.domain.audit.models import AuditEntry
from vela.periods import Month
from vela.tracing import request_id

BATCH = 5000
_WAITING = "entries of the trail that wait for the commit"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry to be chained; `since` is the transaction or savepoint in which it was made."""

    entry: AuditEntry
    even_when_stopped: bool
    since: SessionTransaction | None

    def falls_with(self, rolled_back: SessionTransaction) -> bool:
        """Whether the entry was made in `rolled_back`, or in a savepoint inside it."""
        step = self.since
        while step is not None and step is not rolled_back:
            step = step.parent
        return step is rolled_back


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
    subject: Subject,
    subject_id: int | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    even_when_stopped: bool = False,
) -> None:
    """Add one entry: `author` did `action` to `subject` number `subject_id`. No secret in `before` or `after`, ever.

    It is chained to the entries before it when the transaction commits, which raises Stopped, and keeps nothing, while
    the books are read-only; `even_when_stopped` is for repairs.
    """
    entry = AuditEntry(
        at=now(),
        user_id=author.user_id,
        username=author.username,
        face=author.face,
        token_name=author.token_name,
        request_id=request_id.get(),
        action=action,
        subject=subject,
        subject_id=subject_id,
        before=None if before is None else plain(before),
        after=None if after is None else plain(after),
    )
    if _WAITING not in session.info:
        event.listen(session, "before_commit", _chain)
        event.listen(session, "after_soft_rollback", _forget)
    since = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(_WAITING, []).append(_Waiting(entry, even_when_stopped, since))


def _chain(session: Session) -> None:
    """Last of all, so that whoever waits for its turn at the end of the chain holds all other locks already."""
    if session.in_nested_transaction():
        return
    waiting: list[_Waiting] = session.info.get(_WAITING, [])
    if waiting:
        session.info[_WAITING] = []
        session.flush()
        entries = [each.entry for each in waiting]
        chain.append(session, entries, even_when_stopped=all(each.even_when_stopped for each in waiting))


def _forget(session: Session, rolled_back: SessionTransaction) -> None:
    """What a savepoint took back leaves no entry."""
    waiting: list[_Waiting] = session.info.get(_WAITING, [])
    session.info[_WAITING] = [each for each in waiting if not each.falls_with(rolled_back)]


def latest(session: Session, subject: str, subject_id: int) -> AuditEntry | None:
    """The last entry about one thing."""
    about = select(AuditEntry).where(AuditEntry.subject == subject, AuditEntry.subject_id == subject_id)
    return session.scalar(about.order_by(AuditEntry.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Told:
    """What one entry says was done to one thing; nothing said before or after is empty."""

    action: str
    subject_id: int
    before: dict[str, Any]
    after: dict[str, Any]


def told(session: Session, subject: str) -> Iterator[Told]:
    """Everything that was ever done to things of one kind, in order."""
    columns = (AuditEntry.action, AuditEntry.subject_id, AuditEntry.before, AuditEntry.after)
    about = select(*columns).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    with session.execute(about.execution_options(yield_per=BATCH)) as rows:
        for action, subject_id, before, after in rows:
            yield Told(action, subject_id or 0, before or {}, after or {})


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the trail keeps them: decimals, months and instants as their text."""
    return {name: _as_json(value) for name, value in values.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Month):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
