"""Offers to be taken away: the list, their components in the form that can be read back, and the history of one."""

from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy.orm import Session

from vela.domain.catalog import queries
from vela.domain.catalog.models import Revision, Service
from vela.domain.catalog.revisions import differences
from vela.domain.insight.offer_list import Listed, OffersWanted, offers_wanted
from vela.domain.people.access import Face
from vela.exports.making import Export, today
from vela.language import gettext as _
from vela.shapes.revisions import ChangeShape
from vela.sheets.headings import OFFERS, Column, Filled, Kind, Row, Said, Sheet, computed, yes_or_no
from vela.wording import differing
from vela.wording.telling import act_on

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
    return {face.value: differing.door(face) for face in Face}


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


def offers(session: Session, wanted: OffersWanted) -> Export:
    """The wanted offers, one to a row."""
    rows = map(_listed, offers_wanted(session, wanted))
    return Export(f"offers-{today(session)}", Filled(LIST, rows), wanted.said)


def _listed(row: Listed) -> Row:
    offer, totals = row.offer, row.totals
    priced = (totals.cost, totals.sell, totals.margin, totals.margin_pct, offer.target_margin_pct)
    listed = (offer.list_cost, offer.list_sell, offer.list_gap, row.sold, offer.active, offer.id)
    return offer.name, offer.description, len(offer.components), *priced, *listed


def components_of_offers(session: Session, wanted: OffersWanted) -> Export:
    """The same offers with their components, one to a row, as they can be read back."""
    rows = (line for row in offers_wanted(session, wanted) for line in _lines(row.offer))
    return Export(f"offers-with-components-{today(session)}", Filled(OFFERS, rows), wanted.said)


def components(session: Session, offer_id: int) -> Export:
    """The components of one offer, as they can be read back. Raises NotFound."""
    offer = queries.service(session, offer_id)
    name = f"offer-{offer.id}-components-{today(session)}"
    return Export(name, Filled(OFFERS, _lines(offer)), {"offer": offer.name})


def _lines(offer: Service) -> Iterator[Row]:
    """One row a component; an offer without any is one row that says nothing of components."""
    said = (offer.name, offer.description, offer.active, offer.list_cost, offer.list_sell, offer.target_margin_pct)
    for each in offer.components:
        typed = (each.name, each.group, each.kind, each.quantity, each.unit_cost, each.unit_sell, each.notes)
        priced = each.totals
        yield *said, *typed, priced.cost, priced.sell, priced.margin, priced.margin_pct
    if not offer.components:
        yield *said, *(None for _column in OFFERS.columns[len(said) :])


def history(session: Session, offer_id: int) -> Export:
    """The revisions of an offer, newest first, all of them. Raises NotFound."""
    offer = queries.service(session, offer_id)
    rows = (_revised(newer, older) for newer, older in _newest_first(session, offer.id))
    return Export(f"offer-{offer.id}-history-{today(session)}", Filled(HISTORY, rows), {"offer": offer.name})


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
    told = (_sentence(each) for each in differing.tell(older, newer))
    changes = [ChangeShape.of(each).model_dump(mode="json") for each in differences(older, newer)]
    totals = newer.totals
    return (
        newer.number, newer.at, newer.author, newer.face, Said(act_on(newer.name, newer.action), newer.action),
        Said("\n".join(told), changes), newer.reason, totals.cost, totals.sell, totals.margin, totals.margin_pct,
    )  # fmt: skip


def _sentence(told: differing.Told) -> str:
    """A change as the page tells it."""
    if not told.after:
        return f"{told.subject} {told.label}"
    between = _("%(before)s to %(after)s", before=told.before, after=told.after)
    return f"{told.subject} {told.label}, {between}"
