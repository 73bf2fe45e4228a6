"""Offers as files: the list, the components of offers in the form that can be read back, and the history of one."""

from collections.abc import Iterator
from itertools import pairwise

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.files import files, sent, today
from vela.blueprints.web.guards import database
from vela.blueprints.web.offers import listing, wording
from vela.blueprints.web.settings.telling import act_on
from vela.domain.catalog import queries
from vela.domain.catalog.models import Revision, Service
from vela.domain.catalog.revisions import differences
from vela.domain.people.access import Face
from vela.language import gettext as _
from vela.shapes import ChangeShape
from vela.sheets.headings import OFFERS, Column, Filled, Kind, Row, Said, Sheet, computed, yes_or_no

AT_A_TIME = 200
LIST = Sheet(
    "offer_list",
    lambda: _("Offers"),
    (
        computed("offer", lambda: _("Offer")),
        computed("description", lambda: _("Description")),
        computed("components", lambda: _("Components"), Kind.WHOLE),
        computed("cost", lambda: _("Cost"), Kind.AMOUNT),
        computed("sell", lambda: _("Sell"), Kind.AMOUNT),
        computed("margin", lambda: _("Margin"), Kind.AMOUNT),
        computed("margin_pct", lambda: _("Margin %"), Kind.PERCENT),
        computed("target_margin_pct", lambda: _("Target margin %"), Kind.PERCENT),
        computed("list_cost", lambda: _("List cost"), Kind.AMOUNT),
        computed("list_sell", lambda: _("List price"), Kind.AMOUNT),
        computed("list_gap", lambda: _("Difference to the list price"), Kind.AMOUNT),
        computed("sold", lambda: _("Sold this month"), Kind.WHOLE),
        Column("active", lambda: _("Active"), Kind.CHOICE, is_read_only=True, words=yes_or_no),
        computed("id", lambda: _("Number"), Kind.WHOLE),
    ),
)


def doors() -> dict[str | bool, str]:
    """The faces, as people call them."""
    return {face.value: wording.door(face) for face in Face}


HISTORY = Sheet(
    "offer_history",
    lambda: _("History"),
    (
        computed("number", lambda: _("Revision"), Kind.WHOLE),
        computed("at", lambda: _("When"), Kind.MOMENT),
        computed("author", lambda: _("Who")),
        Column("face", lambda: _("Where"), Kind.CHOICE, is_read_only=True, words=doors),
        computed("action", lambda: _("Act")),
        computed("changes", lambda: _("Change")),
        computed("reason", lambda: _("Reason")),
        computed("cost", lambda: _("Cost"), Kind.AMOUNT),
        computed("sell", lambda: _("Sell"), Kind.AMOUNT),
        computed("margin", lambda: _("Margin"), Kind.AMOUNT),
        computed("margin_pct", lambda: _("Margin %"), Kind.PERCENT),
    ),
)


@files("/offers")
def offers_file(ending: str) -> Response:
    """The offers of the list, narrowed and ordered as there, one to a row."""
    with database().reading() as session:
        rows = listing.wanted(session, queries.services(session, include_inactive=True))
        filled = Filled(LIST, map(_listed, rows))
        return sent(session, ending, f"offers-{today(session)}", filled, listing.narrowed_to())


def _listed(row: listing.Row) -> Row:
    offer, totals = row.offer, row.totals
    priced = (totals.cost, totals.sell, totals.margin, totals.margin_pct, offer.target_margin_pct)
    listed = (offer.list_cost, offer.list_sell, offer.list_gap, row.sold, offer.active, offer.id)
    return offer.name, offer.description, len(offer.components), *priced, *listed


@files("/offers/components")
def components_of_offers_file(ending: str) -> Response:
    """The same offers with their components, one to a row, as they can be read back."""
    with database().reading() as session:
        rows = listing.wanted(session, queries.services(session, include_inactive=True))
        filled = Filled(OFFERS, (line for row in rows for line in _lines(row.offer)))
        name = f"offers-with-components-{today(session)}"
        return sent(session, ending, name, filled, listing.narrowed_to())


@files("/offers/<int:offer_id>")
def components_file(offer_id: int, ending: str) -> Response:
    """The components of one offer, as they can be read back. Raises NotFound."""
    with database().reading() as session:
        offer = queries.service(session, offer_id)
        name = f"offer-{offer.id}-components-{today(session)}"
        return sent(session, ending, name, Filled(OFFERS, _lines(offer)), {"offer": offer.name})


def _lines(offer: Service) -> Iterator[Row]:
    """One row a component; an offer without any is one row that says nothing of components."""
    said = (offer.name, offer.description, offer.active, offer.list_cost, offer.list_sell, offer.target_margin_pct)
    for each in offer.components:
        typed = (each.name, each.group, each.kind, each.quantity, each.unit_cost, each.unit_sell, each.notes)
        priced = each.totals
        yield *said, *typed, priced.cost, priced.sell, priced.margin, priced.margin_pct
    if not offer.components:
        yield *said, *(None for _column in OFFERS.columns[len(said) :])


@files("/offers/<int:offer_id>/history")
def history_file(offer_id: int, ending: str) -> Response:
    """The revisions of an offer, newest first, all of them. Raises NotFound."""
    with database().reading() as session:
        offer = queries.service(session, offer_id)
        revisions = _newest_first(session, offer.id)
        filled = Filled(HISTORY, (_revised(newer, older) for newer, older in revisions))
        return sent(session, ending, f"offer-{offer.id}-history-{today(session)}", filled, {"offer": offer.name})


def _newest_first(session: Session, offer_id: int) -> Iterator[tuple[Revision, Revision | None]]:
    """Each revision and the one before it, read some at a time however many there are."""
    before: int | None = None
    last: list[Revision] = []
    while found := queries.revisions(session, offer_id, most=AT_A_TIME, before=before):
        yield from pairwise([*last, *found])
        last, before = found[-1:], found[-1].number
    for first in last:
        yield first, None


def _revised(newer: Revision, older: Revision | None) -> Row:
    told = (_sentence(each) for each in wording.tell(older, newer))
    changes = [ChangeShape.of(each).model_dump(mode="json") for each in differences(older, newer)]
    totals = newer.totals
    return (
        newer.number, newer.at, newer.author, newer.face, Said(act_on(newer.name, newer.action), newer.action),
        Said("\n".join(told), changes), newer.reason, totals.cost, totals.sell, totals.margin, totals.margin_pct,
    )  # fmt: skip


def _sentence(told: wording.Told) -> str:
    """A change as the page tells it."""
    if not told.after:
        return f"{told.subject} {told.label}"
    between = _("%(before)s to %(after)s", before=told.before, after=told.after)
    return f"{told.subject} {told.label}, {between}"
