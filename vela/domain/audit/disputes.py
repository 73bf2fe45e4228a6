"""Stale edits of things whose history is the trail alone: in which wanted changes somebody else was quicker."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.domain.audit.models import AuditEntry
from vela.errors import Stale
from vela.language import gettext as _


def refuse_disputed(
    session: Session,
    subject: str,
    subject_id: int,
    *,
    seen: int | None,
    version: int,
    stands: Mapping[str, Any],
    wanted: Mapping[str, Any],
) -> None:
    """Raises Stale when somebody changed a field in `wanted` after version `seen` to something else than is wanted.

    `stands` holds what stands there at the present `version`; entries of the trail say in `after` to which version they
    led. None for `seen` means that the caller does not say. Besides the first field, `disputes` in the refusal's data
    lists all of them: field, theirs, yours.
    """
    if seen is None or seen == version:
        return
    later = _since(session, subject, subject_id, seen)
    differing = {field: yours for field, yours in wanted.items() if yours != stands[field]}
    by = {field: next((each for each in later if _changed(each, field)), None) for field in differing}
    disputes = [(field, stands[field], yours) for field, yours in differing.items() if by[field]]
    if not disputes:
        return
    field, theirs, yours = disputes[0]
    made = by[field]
    who = made.username if made else ""
    words = _("%(who)s changed this meanwhile. Look at the new value, then decide.", who=who)
    raise Stale(
        "stale", words, field=field, theirs=theirs, yours=yours, who=who, at=made.at if made else None,
        version=version, disputes=disputes,
    )  # fmt: skip


def _since(session: Session, subject: str, subject_id: int, seen: int) -> list[AuditEntry]:
    """The entries that led to a later version than `seen`, or do not say to which, the newest first."""
    about = select(AuditEntry).where(AuditEntry.subject == subject, AuditEntry.subject_id == subject_id)
    entries = session.scalars(about.order_by(AuditEntry.id.desc())).all()
    return [each for each in entries if (each.after or {}).get("version", seen + 1) > seen]


def _changed(entry: AuditEntry, field: str) -> bool:
    before, after = entry.before or {}, entry.after or {}
    return field in before and field in after and before[field] != after[field]
