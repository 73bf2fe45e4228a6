"""The list of offers: sums, splits, list prices and what was sold this month."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Response, request

from vela import money
from vela.blueprints.web import drawings, figures
from vela.blueprints.web.answers import may_now, page, partials
from vela.blueprints.web.drawings import Piece
from vela.blueprints.web.guards import database
from vela.blueprints.web.offers.looking import positive
from vela.blueprints.web.routes import pages
from vela.domain.catalog import pricing, queries
from vela.domain.catalog.models import Component, Service
from vela.domain.catalog.pricing import Share, Totals
from vela.domain.insight.offer_list import COLUMNS, Listed, OffersWanted, offers_wanted
from vela.domain.people.access import Act
from vela.domain.workspace.settings import current_month
from vela.language import gettext as _
from vela.language import pgettext

MOST_SHARES = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One offer of the list, with how its cost is split."""

    listed: Listed
    shares: Sequence[Share]
    bar: Sequence[Piece]

    @property
    def offer(self) -> Service:
        return self.listed.offer

    @property
    def totals(self) -> Totals:
        return self.listed.totals

    @property
    def sold(self) -> int:
        return self.listed.sold


@pages.get("/offers")
def offers() -> Response:
    """The offers: `q` narrows them, `status=archived` shows the others, `sort` orders by a column (-cost: falling)."""
    with database().reading() as session:
        every = queries.services(session, include_inactive=True)
        wanted = offers_asked()
        rows = [_row(each) for each in offers_wanted(session, wanted, every)]
        gaps = sorted((each for each in every if each.active and (each.list_gap or 0) < 0), key=_name)
        return page(
            session,
            "offers/offers.html",
            here="offers",
            rows=rows,
            decimals=_decimals(rows),
            active=sum(each.active for each in every),
            archived_count=sum(not each.active for each in every),
            archived=wanted.archived,
            q=request.args.get("q", ""),
            column=wanted.column,
            falling=wanted.falling,
            gaps=gaps,
            month=current_month(session),
            in_words=in_words,
            may_change=may_now(session, Act.CHANGE_OFFERS),
        )


def offers_asked() -> OffersWanted:
    """Which offers the address asks for; what it says of no column is taken for nothing."""
    sort = request.args.get("sort", "")
    column = sort.removeprefix("-")
    words, archived = request.args.get("q", "").strip(), request.args.get("status") == "archived"
    if column not in COLUMNS:
        return OffersWanted(words, archived)
    return OffersWanted(words, archived, column, sort.startswith("-"))


def _name(offer: Service) -> str:
    return offer.name.casefold()


def _decimals(rows: Sequence[Row]) -> dict[str, int]:
    """How many decimals each column of amounts is written with."""
    columns = {name: [getattr(row.totals, name) for row in rows] for name in ("cost", "sell", "margin")}
    lists = [row.offer.list_sell for row in rows if row.offer.list_sell is not None]
    return {name: figures.places(values) for name, values in {**columns, "list": lists}.items()}


def _row(listed: Listed) -> Row:
    shares = pricing.split([component.line for component in listed.offer.components], other=_("other"))
    costs = [share.cost for share in shares]
    return Row(listed, shares, drawings.split(costs, positive(costs)))


@pages.get("/offers/<int:offer_id>/parts")
def offer_parts(offer_id: int) -> Response:
    """The components of an offer as a row to put under it; closed again when it is open already."""
    with database().reading() as session:
        offer = queries.service(session, offer_id)
        may_change = may_now(session, Act.CHANGE_OFFERS)
        return partials(session, "offers/parts.html", offer=offer, parts=_parts(offer), may_change=may_change)


def _parts(offer: Service) -> list[tuple[Component, int]]:
    """Each component with the number of its colour in the split, which goes by cost."""
    dearest = sorted(offer.components, key=lambda part: (-part.totals.cost, -part.totals.margin))
    colours = {part.id: min(place, MOST_SHARES) for place, part in enumerate(dearest, start=1)}
    return [(part, colours[part.id]) for part in offer.components]


def in_words(count: int) -> str:
    """A count in prose: in words up to nine, in figures beyond."""
    words = (
        pgettext("how many", "no"),
        _("one"),
        _("two"),
        _("three"),
        _("four"),
        _("five"),
        _("six"),
        _("seven"),
        _("eight"),
        _("nine"),
    )
    return words[count] if 0 <= count < len(words) else figures.number(money.rounded(Decimal(count), 0))
