"""The history of all changes, for admins: the trail, told in sentences, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from flask import Response, request

from vela.blueprints.web.answers import page, settle
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.domain.audit import reading
from vela.domain.audit.models import AuditEntry
from vela.domain.ledger.queries import counting
from vela.domain.people.access import Act, require
from vela.errors import Invalid
from vela.intake import Identity, Optional, Words, read
from vela.wording import facts, telling
from vela.wording.differing import door

LONGEST = 80


class Before(Words):
    """Where a page of the history begins."""

    before: Annotated[Identity | None, Optional] = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address narrows the history to."""

    subject: str
    user: str
    before: int | None

    def address(self, before: int | None) -> str:
        """The address of another page of the same choice."""
        said = {"subject": self.subject, "user": self.user, "before": before}
        query = urlencode({name: value for name, value in said.items() if value})
        return f"/settings/trail?{query}" if query else "/settings/trail"


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as a sentence, with what was and what is."""

    entry: AuditEntry
    who: str
    words: str
    door: str
    differences: list[tuple[str, str | None, str | None]]
    undo: str


@pages.get("/settings/trail")
def history_of_all() -> Response:
    """Every change, newest first, narrowed by `subject` and `user`; admins only. Raises Forbidden."""
    require(actor(), Act.CHANGE_SETTINGS)
    choice = chosen_history()
    with database().reading() as session:
        found = reading.entries(
            session, before=choice.before, subject=choice.subject, username=choice.user, most=reading.MOST + 1
        )
        shown = found[: reading.MOST]
        settle(session)  # sentences name amounts in the currency of the books
        known = facts.names(session)
        counted = counting(session, {entry.subject_id or 0 for entry in shown if entry.subject == "transaction"})
        return page(
            session,
            "settings/trail.html",
            here="settings",
            chosen=choice,
            told=[_told(entry, known, counted) for entry in shown],
            subjects=[(kind, telling.name_of_kind(kind)) for kind in reading.subjects(session)],
            usernames=[(name, known.person(name)) for name in reading.usernames(session)],
            newest=choice.address(None) if choice.before else "",
            older=choice.address(shown[-1].id) if len(found) > len(shown) else "",
        )


def chosen_history() -> Chosen:
    """What the address says."""
    said = {name: request.args.get(name, "").replace("\0", "")[:LONGEST] for name in ("subject", "user", "before")}
    try:
        before = read(Before, {"before": said["before"]} if said["before"] else {}).before
    except Invalid:
        before = None
    return Chosen(said["subject"], said["user"], before)


def _told(entry: AuditEntry, known: facts.Names, counted: Mapping[int, bool]) -> Told:
    return Told(
        entry,
        known.person(entry.username),
        telling.sentence(entry, known),
        door(entry.face),
        telling.differences(entry, known),
        _way_back(entry, counted),
    )


def _way_back(entry: AuditEntry, counted: Mapping[int, bool]) -> str:
    """Where a change of an offer is undone, a sale voided and a void taken back; empty for what has no way back.

    `counted` says of sales whether they count now.
    """
    revision = (entry.after or {}).get("revision")
    if entry.subject == "service" and isinstance(revision, int) and revision > 1:
        return f"/offers/{entry.subject_id}/revisions/{revision}/undo"
    ways: dict[tuple[str, bool | None], str] = {
        ("record sale", True): "void",
        ("reinstate sale", True): "void",
        ("void sale", False): "reinstate",
    }
    way = ways.get((entry.action, counted.get(entry.subject_id or 0)))
    return f"/transactions/{entry.subject_id}/{way}" if way else ""
