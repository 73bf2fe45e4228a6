"""The trail of changes to be taken away: all that it can be narrowed to, newest first."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from vela.domain.audit import reading
from vela.domain.audit.models import AuditEntry
from vela.exports.making import Export, today
from vela.exports.offers import doors
from vela.language import gettext as _
from vela.sheets.headings import Column, Filled, Kind, Row, Said, Sheet, computed
from vela.wording import facts, telling

AT_A_TIME = 500
CHANGES = Sheet(
    "changes",
    lambda: _("Changes"),
    (
        computed("id", lambda: _("Number"), Kind.WHOLE),
        computed("at", lambda: _("When"), Kind.MOMENT),
        computed("username", lambda: _("Who")),
        Column("face", lambda: _("Where"), Kind.CHOICE, is_read_only=True, words=doors),
        computed("token_name", lambda: _("Token")),
        computed("action", lambda: _("Act")),
        computed("subject", lambda: _("About")),
        computed("subject_id", lambda: _("Number of what it is about"), Kind.WHOLE),
        computed("before", lambda: _("Before")),
        computed("after", lambda: _("After")),
        computed("request_id", lambda: _("Request")),
        computed("prev_hash", lambda: _("Hash before")),
        computed("hash", lambda: _("Hash")),
    ),
)


def trail(session: Session, *, subject: str = "", username: str = "") -> Export:
    """Every change of things of a kind, by a person; who may see it is for the caller to ask."""
    known = facts.names(session)
    rows = (_changed(entry, known) for entry in _newest_first(session, subject, username))
    return Export(f"changes-{today(session)}", Filled(CHANGES, rows), {"subject": subject, "user": username})


def _newest_first(session: Session, subject: str, username: str) -> Iterator[AuditEntry]:
    """The entries, read some at a time however many there are."""
    before: int | None = None
    while found := reading.entries(session, before=before, subject=subject, username=username, most=AT_A_TIME):
        yield from found
        before = found[-1].id


def _changed(entry: AuditEntry, known: facts.Names) -> Row:
    return (
        entry.id, entry.at, entry.username, entry.face, entry.token_name,
        Said(telling.sentence(entry, known), entry.action), Said(telling.name_of_kind(entry.subject), entry.subject),
        entry.subject_id, _facts(entry.before, known),
        _facts(entry.after, known), entry.request_id, entry.prev_hash, entry.hash,
    )  # fmt: skip


def _facts(values: dict[str, Any] | None, known: facts.Names) -> Said | None:
    """What a thing was or became: for people a fact to a line."""
    if values is None:
        return None
    return Said("\n".join(f"{facts.label(name)}: {facts.shown(values, name, known)}" for name in values), values)
