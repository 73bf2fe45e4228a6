"""Pasting a block of cells into the components of an offer: all of it as one revision, or nothing."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import done, from_htmx, partials
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.ids import dom_id, slot_id
from vela.blueprints.web.offers.block import COLUMNS, Block, Row, pasted
from vela.blueprints.web.offers.freshness import since
from vela.blueprints.web.offers.looking import everything
from vela.blueprints.web.once import once
from vela.blueprints.web.routes import pages
from vela.domain.catalog import queries
from vela.domain.catalog.intake import ComponentChanges
from vela.domain.catalog.models import Component, Service
from vela.domain.catalog.several import apply_changes, read_rows
from vela.domain.catalog.staleness import refuse_stale_component
from vela.domain.people.access import Act
from vela.errors import Conflict, Invalid, Issue, Stale
from vela.intake import read
from vela.language import gettext as _
from vela.wording import differing


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one cell: the slot beside it ("" when it has none), what was pasted, whoever was quicker."""

    slot: str
    words: str
    typed: str = ""
    dispute: dict[str, Any] | None = None


@pages.post("/offers/<int:offer_id>/paste")
def paste(offer_id: int) -> Response:
    """Put a block into the cells from the focused one on; rows below the last become new components."""
    try:
        with once(Act.CHANGE_OFFERS) as session:
            block = pasted()
            was = queries.service(session, offer_id).version
            offer = apply_changes(session, actor(), offer_id, read_rows([row.said for row in block.rows]))
            return _pasted(session, offer, block, was)
    except (Invalid, Conflict) as error:
        if not from_htmx() or _is_about_all(error):
            raise
        return _refused(offer_id, pasted(), error)


def _is_about_all(error: Invalid | Conflict) -> bool:
    """Whether there is no block to speak of: a form that was tampered with, or was sent before."""
    if isinstance(error, Invalid):
        return not error.issues[0].field.startswith("rows[")
    return error.code == "sent_before"


def _pasted(session: Session, offer: Service, block: Block, was: int) -> Response:
    own = since(queries.revision(session, offer.id, was), offer)
    context = everything(session, offer, made=offer.version != was)
    context["since"] = context["since"] or own
    added = sum(not row.component_id for row in block.rows)
    words = [_("Pasted. Components changed: %(changed)d, added: %(added)d.", changed=len(own.lines), added=added)]
    if offer.version == was:
        words = [_("Nothing to change.")]
    if block.rows_left_out:
        words.append(_("Rows left out, for there is no component for them: %(count)d.", count=block.rows_left_out))
    if block.columns_left_out:
        words.append(_("Columns left out, for there is no field for them: %(count)d.", count=block.columns_left_out))
    said = " ".join(words)
    changed = offer.version != was
    return done(session, "offers/pasted.html", f"/offers/{offer.id}", words=said, said=said, changed=changed, **context)


def _refused(offer_id: int, block: Block, error: Invalid | Conflict) -> Response:
    with database().reading() as session:
        offer = queries.service(session, offer_id)
        issues = error.issues if isinstance(error, Invalid) else ()
        complaints = [_complaint(session, offer, block, issue) for issue in issues]
        stale = isinstance(error, Conflict) or any(each.dispute for each in complaints)
        status = HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY
        return partials(
            session,
            "offers/paste_refused.html",
            status,
            error=error,
            stale=stale,
            cells=[each for each in complaints if each.slot],
            others=[each for each in complaints if not each.slot],
            **everything(session, offer, made=False),
        )


def _complaint(session: Session, offer: Service, block: Block, issue: Issue) -> Complaint:
    row, field = block.complained(issue.field)
    component = next((each for each in offer.components if row and each.id == row.component_id), None)
    if row is None or component is None or field not in row.typed:
        return Complaint("", _about(row, field, issue.message))
    slot = slot_id(dom_id(component, field), "")
    dispute = _dispute(session, component, row, field) if issue.code == "stale" else None
    return Complaint(slot, issue.message, row.typed[field], dispute)


def _about(row: Row | None, field: str, message: str) -> str:
    """A complaint that stands away from its cell says which row of the block, and which field, it is about."""
    if row is None:
        return message
    if field not in COLUMNS:
        return _("Row %(number)d of what was pasted: %(why)s", number=row.number, why=message)
    return _(
        "Row %(number)d of what was pasted, %(field)s “%(typed)s”: %(why)s",
        number=row.number,
        field=differing.label(field),
        typed=row.typed.get(field, ""),
        why=message,
    )


def _dispute(session: Session, component: Component, row: Row, field: str) -> dict[str, Any] | None:
    """Who changed the cell meanwhile, and to what, as for a single edit."""
    try:
        changes = read(ComponentChanges, {field: row.said[field]}).said()
        refuse_stale_component(session, component, changes, row.version)
    except Stale as stale:
        return stale.data
    return None
