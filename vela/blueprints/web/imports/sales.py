"""Bringing in sales: the form, what would become of every row, and recording those that are new."""

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web import figures
from vela.blueprints.web.answers import settle
from vela.blueprints.web.answers import told as told_there
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.imports.bringing import (
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
from vela.domain.importing import files, sales
from vela.domain.importing.sales import SaleRow
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Refusal
from vela.language import ngettext
from vela.sheets.headings import SALES

AREA = Area(sales.KIND, "/transactions/import", "/transactions", SALES, sales.NEEDED)
SHOWN = ("month", "offer", "quantity", "notes")


@pages.get("/transactions/import")
def import_sales() -> Response:
    """The form for a file of sales."""
    require(actor(), Act.RECORD_SALES)
    return form(AREA)


@pages.post("/transactions/import")
def bring_sales() -> Response:
    """Read a file of sales; nothing is recorded before it is confirmed."""
    require(actor(), Act.RECORD_SALES)
    return bring(AREA)


@pages.get("/transactions/import/<int:file_id>")
def preview_sales(file_id: int) -> Response:
    """What would become of every row, as things stand now."""
    require(actor(), Act.RECORD_SALES)
    try:
        with database().reading() as session:
            return _preview(session, file_id)
    except Conflict as refusal:
        if refusal.code != files.BROUGHT_IN:
            raise
        return brought_in(AREA, refusal)


@pages.post("/transactions/import/<int:file_id>")
def record_imported(file_id: int) -> Response:
    """Record the sales of a file that was looked at; the fresh preview when it would do something else by now."""
    try:
        with once(Act.RECORD_SALES) as session:
            table = files.brought(session, actor(), sales.KIND, file_id).table
            made = sales.record_sales(session, actor(), table, seen=seen(), leave_out=leaves_out())
            files.forget(session, file_id)
            settle(session)
            words = ngettext(
                "%(number)s sale added from the file.",
                "%(number)s sales added from the file.",
                len(made),
                number=figures.number(len(made)),
            )
            back = f"/transactions?month={max(sale.month for sale in made)}"
            return keep(session, told_there(words, back), back)
    except Conflict as refusal:
        if refusal.code == "sent_before":
            raise
        if refusal.code == files.BROUGHT_IN:
            return brought_in(AREA, refusal)
        with database().reading() as session:
            return _preview(session, file_id, refusal)


def _preview(session: Session, file_id: int, refusal: Refusal | None = None) -> Response:
    brought = files.brought(session, actor(), sales.KIND, file_id)
    checked = sales.check_sales(session, actor(), brought.table)
    part = part_of(checked.rows, [row.fate for row in checked.rows], f"{AREA.path}/{file_id}")
    shown = [_shown(row) for row in part.rows]
    return preview(session, AREA, brought, part, refusal, checked=checked, shown=shown)


def _shown(row: SaleRow) -> Shown:
    said = [row.line.cells.get(key, "") for key in SHOWN]
    return Shown(row.line, row.fate, said, told(AREA, row.complaints), row.remark)
