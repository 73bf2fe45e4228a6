"""The list of offers: sums, splits, list prices and what was sold this month."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Response, request
from sqlalchemy.orm import Session

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
from vela.domain.ledger.queries import offer_months
from vela.domain.people.access import Act
from vela.domain.workspace.settings import current_month
from vela.language import gettext as _
from vela.language import pgettext

MOST_SHARES = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One offer of the list."""

    offer: Service
    totals: Totals
    sold: int
    shares: Sequence[Share]
    bar: Sequence[Piece]

    def sort_key(self, column: str) -> tuple[Decimal, str]:
        """Where this row stands when the list is sorted by `column`; names decide among equals."""
        name = self.offer.name.casefold()
        if column == "name":
            return Decimal(0), name
        value = self.sold if column == "sold" else getattr(self.totals, column)
        return Decimal("-Infinity") if value is None else Decimal(value), name


COLUMNS = ("name", "cost", "sell", "margin", "margin_pct", "sold")


@pages.get("/offers")
def offers() -> Response:
    """The offers: `q` narrows them, `status=archived` shows the others, `sort` orders by a column (-cost: falling)."""
    with database().reading() as session:
        every = queries.services(session, include_inactive=True)
        column, falling = _order()
        rows = wanted(session, every)
        gaps = sorted((each for each in every if each.active and (each.list_gap or 0) < 0), key=_name)
        return page(
            session,
            "offers/offers.html",
            here="offers",
            rows=rows,
            decimals=_decimals(rows),
            active=sum(each.active for each in every),
            archived_count=sum(not each.active for each in every),
            archived=_archived(),
            q=request.args.get("q", ""),
            column=column,
            falling=falling,
            gaps=gaps,
            month=current_month(session),
            in_words=in_words,
            may_change=may_now(session, Act.CHANGE_OFFERS),
        )


def wanted(session: Session, every: Sequence[Service]) -> list[Row]:
    """The offers of `every` that the address asks for, in its order."""
    column, falling = _order()
    rows = _rows(session, [each for each in every if each.active != _archived() and _meant(each)])
    return sorted(rows, key=lambda row: row.sort_key(column), reverse=falling)


def narrowed_to() -> dict[str, str]:
    """What the address narrows and orders the offers by, where that is not what a bare one does."""
    said = {"q": request.args.get("q", "").strip(), "status": "archived" if _archived() else ""}
    column, falling = _order()
    said["sort"] = ("-" if falling else "") + column if (column, falling) != ("name", False) else ""
    return {name: value for name, value in said.items() if value}


def _archived() -> bool:
    return request.args.get("status") == "archived"


def _name(offer: Service) -> str:
    return offer.name.casefold()


def _decimals(rows: Sequence[Row]) -> dict[str, int]:
    """How many decimals each column of amounts is written with."""
    columns = {name: [getattr(row.totals, name) for row in rows] for name in ("cost", "sell", "margin")}
    lists = [row.offer.list_sell for row in rows if row.offer.list_sell is not None]
    return {name: figures.places(values) for name, values in {**columns, "list": lists}.items()}


def _order() -> tuple[str, bool]:
    text = request.args.get("sort", "")
    column = text.removeprefix("-")
    return (column, text.startswith("-")) if column in COLUMNS else ("name", False)


def _meant(offer: Service) -> bool:
    wanted = request.args.get("q", "").strip().casefold()
    return wanted in offer.name.casefold() or wanted in offer.description.casefold()


def _rows(session: Session, offers: Sequence[Service]) -> list[Row]:
    sold = {each.service_id: each.quantity for each in offer_months(session, [current_month(session)])}
    return [_row(offer, sold.get(offer.id, 0)) for offer in offers]


def _row(offer: Service, sold: int) -> Row:
    shares = pricing.split([component.line for component in offer.components], other=_("other"))
    costs = [share.cost for share in shares]
    return Row(offer, offer.totals, sold, shares, drawings.split(costs, positive(costs)))


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
