"""Watching the books: every transaction that is kept is counted, and every change in it is written to the log."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from vela import events, meters
from vela.domain.audit.models import AuditEntry

_NEW = "changes that wait for the commit"


def watch() -> None:
    """Watch every session of this process from now on; once is enough, and twice is no more than once."""
    for target, name, act in (
        (AuditEntry, "after_insert", _note),
        (Session, "after_commit", _tell),
        (Session, "after_rollback", _forget),
    ):
        if not event.contains(target, name, act):
            event.listen(target, name, act)


def _note(_mapper: object, _connection: object, entry: AuditEntry) -> None:
    session = Session.object_session(entry)
    if session is not None:
        session.info.setdefault(_NEW, []).append(entry)


def _tell(session: Session) -> None:
    if session.in_nested_transaction():
        return
    meters.COMMITS.inc()
    entries: list[Any] = session.info.pop(_NEW, [])
    for entry in entries:
        events.changed(entry.action, entry.subject, entry.subject_id, entry.username, entry.face)


def _forget(session: Session) -> None:
    session.info.pop(_NEW, None)
