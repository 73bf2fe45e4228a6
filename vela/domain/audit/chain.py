"""The hash chain of the trail: each entry's hash covers the entry and the hash before it, so that none can be
changed, taken out, put in or moved without every later hash being wrong.

Whoever can write to the database could make the whole chain anew; the hashes that backups and the settings page show
are what such a chain would not match.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit.models import NOTHING_YET, AuditEntry, AuditHead
from vela.errors import Stopped
from vela.language import gettext as _

BATCH = 1000
_EVERY = select(*AuditEntry.__table__.columns).order_by(AuditEntry.id)

# An entry as it is written, or a bare row of the table, which is what many of them are read as.
Entry = AuditEntry | Row[Any]


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold: the number of the entry, what is wrong, and what is found there, in short."""

    entry_id: int
    words: str
    found: str = ""


def digest(entry: Entry, prev_hash: str) -> str:
    """SHA-256, in hexadecimal, over the hash before an entry and everything that the entry says."""
    said = [
        prev_hash,
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.user_id,
        entry.username,
        entry.face,
        entry.token_name,
        entry.request_id,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.before,
        entry.after,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def head(session: Session) -> AuditHead:
    """The newest entry's number and hash, and whether the books are stopped."""
    return session.get(AuditHead, 1) or AuditHead(id=1, entry_id=0, hash="", stopped_at=None, stopped_because="")


def append(session: Session, entries: list[AuditEntry], *, even_when_stopped: bool) -> None:
    """Put `entries` at the end of the chain, taking turns with other writers. Raises Stopped."""
    tip = hold(session, AuditHead, 1)
    if tip is None:
        words = _("The trail has lost its end, so nothing can be changed. “vela check” tells the operator why.")
        raise Stopped(words)
    if tip.stopped_at is not None and not even_when_stopped:
        raise Stopped(stop_words(tip.stopped_because))
    for entry in entries:
        entry.id, entry.prev_hash = tip.entry_id + 1, tip.hash
        entry.hash = digest(entry, entry.prev_hash)
        tip.entry_id, tip.hash = entry.id, entry.hash
    session.add_all(entries)


def stop_words(because: str) -> str:
    """What is said instead of a change while the books are stopped."""
    return _("Vela is read-only: %(why)s Nothing was changed; the operator can find out more with “vela check”.",
             why=because)  # fmt: skip


def stop(session: Session, because: str) -> None:
    """Refuse every change from now on; `because` is a sentence that names what is wrong."""
    tip = hold(session, AuditHead, 1)
    if tip is None:  # the row itself was lost: changes are refused without it, and the reason still has to be kept
        tip = AuditHead(id=1, entry_id=0, hash=NOTHING_YET)
        session.add(tip)
    tip.stopped_at = tip.stopped_at or now()
    tip.stopped_because = because[:500]


def release(session: Session) -> bool:
    """Allow changes again; whether they were refused before."""
    tip = hold(session, AuditHead, 1)
    if tip is None or tip.stopped_at is None:
        return False
    tip.stopped_at, tip.stopped_because = None, ""
    return True


def contains(session: Session, hash_seen: str) -> bool:
    """Whether a hash that was noted down once belongs to an entry of this chain."""
    return session.scalar(select(AuditEntry.id).where(AuditEntry.hash == hash_seen.lower())) is not None


def verify(session: Session) -> Iterator[Break]:
    """Every place where the chain does not hold, in order; none when nothing was tampered with."""
    last_id, last_hash = 0, NOTHING_YET
    try:
        with session.execute(_EVERY.execution_options(yield_per=BATCH)) as entries:
            for entry in entries:
                wrong = _wrong_with(entry, last_id, last_hash)
                if wrong:
                    yield Break(entry.id, wrong, digest(entry, entry.prev_hash)[:16])
                last_id, last_hash = entry.id, entry.hash
    except (ValueError, TypeError, AttributeError):
        yield Break(_first_unreadable(session), _("It cannot be read at all."))
        return
    tip = session.get(AuditHead, 1)
    if tip is None:
        yield Break(last_id, _("The record of the newest entry is missing."))
    elif (tip.entry_id, tip.hash) != (last_id, last_hash):
        words = _("The newest entry should be number %(should)s, with another hash than what is there.",
                  should=tip.entry_id)  # fmt: skip
        yield Break(last_id, words, tip.hash[:16])


def _first_unreadable(session: Session) -> int:
    """The number of the first entry that cannot be read, found one by one."""
    numbers = session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all()
    for number in numbers:
        try:
            session.execute(_EVERY.where(AuditEntry.id == number)).one()
        except (ValueError, TypeError, AttributeError):
            return number
    return 0


def _wrong_with(entry: Entry, last_id: int, last_hash: str) -> str:
    if entry.id != last_id + 1:
        return _("Entries %(first)s to %(last)s are missing.", first=last_id + 1, last=entry.id - 1)
    if entry.prev_hash != last_hash:
        return _("It does not follow the entry before it.")
    if entry.hash != digest(entry, entry.prev_hash):
        return _("It is not what was written.")
    return ""
