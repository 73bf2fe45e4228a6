"""The history of all changes as a file, for admins: all that the list can be turned to, not one page of it."""

from collections.abc import Iterator
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import settle
from vela.blueprints.web.files import files, sent, today
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.offers.exporting import doors
from vela.blueprints.web.settings import facts, telling
from vela.blueprints.web.settings.history import Chosen, chosen_history
from vela.domain.audit import reading
from vela.domain.audit.models import AuditEntry
from vela.domain.people.access import Act, require
from vela.language import gettext as _
from vela.sheets.headings import Column, Filled, Kind, Row, Said, Sheet, computed

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


@files("/settings/trail")
def history_of_all_file(ending: str) -> Response:
    """Every change of the chosen kind and person, newest first; admins only. Raises Forbidden."""
    require(actor(), Act.CHANGE_SETTINGS)
    choice = chosen_history()
    with database().reading() as session:
        settle(session)  # sentences name amounts in the currency of the books
        known = facts.names(session)
        rows = (_changed(entry, known) for entry in _newest_first(session, choice))
        narrowed = {"subject": choice.subject, "user": choice.user}
        return sent(session, ending, f"changes-{today(session)}", Filled(CHANGES, rows), narrowed)


def _newest_first(session: Session, choice: Chosen) -> Iterator[AuditEntry]:
    """The entries, read some at a time however many there are."""
    before: int | None = None
    while found := reading.entries(
        session, before=before, subject=choice.subject, username=choice.user, most=AT_A_TIME
    ):
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
