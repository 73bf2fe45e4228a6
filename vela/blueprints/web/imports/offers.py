"""Bringing in offers: the form, what would become of each offer and its components, and storing that."""

from collections.abc import Sequence

from flask import Response

from vela.blueprints.web import figures
from vela.blueprints.web.answers import settle
from vela.blueprints.web.answers import told as told_there
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.imports.bringing import (
    A_PAGE,
    Area,
    Shown,
    bring,
    brought_in,
    form,
    leaves_out,
    part_of,
    preview,
    seen,
    told,
)
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.domain.catalog.revisions import Change
from vela.domain.importing import files, offers
from vela.domain.importing.fates import Fate
from vela.domain.importing.offers import OfferRow, OffersChecked
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Refusal
from vela.language import gettext as _
from vela.language import ngettext
from vela.sheets.headings import OFFERS
from vela.wording import differing

AREA = Area(offers.KIND, "/offers/import", "/offers", OFFERS, offers.NEEDED, offers.MOST_ROWS)
SHOWN = ("offer", "component", "group", "quantity", "unit_cost", "unit_sell")


@pages.get("/offers/import")
def import_offers() -> Response:
    """The form for a file of offers with their components."""
    require(actor(), Act.CHANGE_OFFERS)
    return form(AREA)


@pages.post("/offers/import")
def bring_offers() -> Response:
    """Read a file of offers; nothing is stored before it is confirmed."""
    require(actor(), Act.CHANGE_OFFERS)
    return bring(AREA)


@pages.get("/offers/import/<int:file_id>")
def preview_offers(file_id: int) -> Response:
    """What would become of each offer, as things stand now: it is tried, and taken back."""
    require(actor(), Act.CHANGE_OFFERS)
    try:
        return _preview(file_id)
    except Conflict as refusal:
        if refusal.code != files.BROUGHT_IN:
            raise
        return brought_in(AREA, refusal)


@pages.post("/offers/import/<int:file_id>")
def store_imported(file_id: int) -> Response:
    """Store the offers of a file that was looked at; the fresh preview when it would do something else by now."""
    try:
        with once(Act.CHANGE_OFFERS) as session:
            table = files.brought(session, actor(), offers.KIND, file_id).table
            stored = offers.store_offers(session, actor(), table, seen=seen(), leave_out=leaves_out())
            files.forget(session, file_id)
            settle(session)
            return keep(session, told_there(_words(stored), AREA.home), AREA.home)
    except Conflict as refusal:
        if refusal.code == "sent_before":
            raise
        if refusal.code == files.BROUGHT_IN:
            return brought_in(AREA, refusal)
        return _preview(file_id, refusal)


def _words(stored: OffersChecked) -> str:
    made, changed = stored.count(Fate.ADD), stored.count(Fate.CHANGE)
    added = ngettext("%(number)s offer added.", "%(number)s offers added.", made, number=figures.number(made))
    altered = ngettext(
        "%(number)s offer changed.", "%(number)s offers changed.", changed, number=figures.number(changed)
    )
    return " ".join(words for words, several in ((added, made), (altered, changed)) if several)


def _preview(file_id: int, refusal: Refusal | None = None) -> Response:
    with database().transaction() as session:
        brought = files.brought(session, actor(), offers.KIND, file_id)
        checked = offers.check_offers(session, actor(), brought.table)
    with database().reading() as session:
        rows = checked.rows
        part = part_of(rows, [row.fate for row in rows], f"{AREA.path}/{file_id}")
        settle(session)
        shown = [_shown(row) for row in part.rows]
        moved = [offer for offer in checked.offers if offer.after is not None and offer.after != offer.before][:A_PAGE]
        return preview(session, AREA, brought, part, refusal, checked=checked, shown=shown, moved=moved)


def _shown(row: OfferRow) -> Shown:
    said = [row.line.cells.get(key, "") for key in SHOWN]
    note = ""
    if row.fate == Fate.BAD and not row.complaints:
        note = _("Waits for another row of this offer.")
    return Shown(row.line, row.fate, said, [*told(AREA, row.complaints), *_changed(row.changes)], note)


def _changed(changes: Sequence[Change]) -> list[str]:
    """What a row changes: from what to what."""
    told_of = [differing.told_of(change) for change in changes if change.field != "position"]
    return [
        _("%(label)s: %(before)s → %(after)s", label=each.label, before=each.before, after=each.after)
        if each.after
        else each.label
        for each in told_of
    ]
