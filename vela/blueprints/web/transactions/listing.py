"""A month of sales: what was sold, narrowed and ordered as the address says, and the line to record one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web import figures
from vela.blueprints.web.answers import page
from vela.blueprints.web.guards import database
from vela.blueprints.web.months import MonthChoice
from vela.blueprints.web.routes import pages
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.models import Service
from vela.domain.ledger import closing, listing
from vela.domain.ledger.listing import Wanted
from vela.domain.workspace.settings import current_month
from vela.errors import Invalid
from vela.intake import read

MOST = 500
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class View:
    """What the list shows, and how it writes that into addresses."""

    wanted: Wanted
    order: str = "added"
    falling: bool = True

    def address(self, **changes: Any) -> str:
        """The address of the list with some of its choices changed: `sort`, or a field of Wanted."""
        sort = changes.pop("sort", ("-" if self.falling else "") + self.order)
        wanted = replace(self.wanted, **changes)
        said = {
            "month": str(wanted.month),
            "offer": wanted.service_id,
            "q": wanted.notes,
            "by": wanted.by,
            "voided": 1 if wanted.voided else None,
            "sort": None if sort == "-added" else sort,
        }
        return "/transactions?" + urlencode({name: value for name, value in said.items() if value})

    def turned(self, column: str) -> str:
        """The address that orders by `column`, the other way round when it does so already."""
        return self.address(sort=column if self.order == column and self.falling else f"-{column}")


@pages.get("/transactions")
def transactions() -> Response:
    """The sales of a month: narrowed by `offer`, `q` (in the note), `by`, `voided`; ordered by `sort`."""
    with database().reading() as session:
        return sales_page(session, view_of(session, request.args))


def sales_page(
    session: Session, view: View, status: int = 200, *, typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """The whole page; with `typed` and `errors`, the line that records a sale as it was sent."""
    latest = current_month(session)
    context = shown(session, view)
    entered = {"quantity": "1", "month": str(view.wanted.month), **(typed or {})}
    first = chosen_offer(context["sellable"], entered.get("service_id", ""))
    return page(
        session,
        "transactions/transactions.html",
        status,
        here="transactions",
        latest=max(latest, view.wanted.month),
        entered=entered,
        errors=errors or {},
        chosen=first,
        worth=first.totals if first and not typed else None,
        previewed=previewed(first),
        **context,
    )


def shown(session: Session, view: View) -> dict[str, Any]:
    """What the list shows; also what an answer that changes it has to refresh."""
    sales = listing.sales(session, view.wanted, order=view.order, falling=view.falling, most=MOST)
    offers = catalog.services(session, include_inactive=True)
    counted = listing.counts(session, view.wanted)
    return {
        "view": view,
        "wanted": view.wanted,
        "closed": closing.closed_month(session, view.wanted.month),
        "sales": sales,
        "sum": listing.together(session, view.wanted),
        "places": figures.places(part for sale in sales for part in (sale.revenue, sale.cost)),
        "chips": [offer for offer in offers if offer.active or offer.id in counted],
        "counted": counted,
        "voided": listing.together(session, Wanted(view.wanted.month, voided=True)).sales,
        "sellers": listing.sellers(session, view.wanted.month),
        "sellable": [offer for offer in offers if offer.active and offer.components],
    }


def chosen_offer(sellable: list[Service], said: str) -> Service | None:
    """The offer that the line starts with: the one that was said, else the first."""
    return next((offer for offer in sellable if str(offer.id) == said), sellable[0] if sellable else None)


def previewed(offer: Service | None) -> str:
    """The offer and the version of it whose prices a page shows, as its form says them again."""
    return f"{offer.id}:{offer.version}" if offer else ""


def view_of(session: Session, said: Mapping[str, str]) -> View:
    """The list that an address asks for. Raises Invalid for what is no month."""
    month = read(MonthChoice, {"month": said["month"]}).month if "month" in said else current_month(session)
    offer, sort = said.get("offer", ""), said.get("sort", "")
    known = offer.isascii() and offer.isdigit() and len(offer) <= MOST_DIGITS
    wanted = Wanted(
        month=month,
        service_id=int(offer) if known else None,
        notes=said.get("q", "").replace("\0", "").strip(),
        by=said.get("by", "").replace("\0", ""),
        voided=bool(said.get("voided")),
    )
    order = sort.removeprefix("-")
    return View(wanted, order, sort.startswith("-")) if order in listing.ORDERS else View(wanted)


def view_behind(session: Session) -> View:
    """The list that stands on the page from which something was asked."""
    here = request.headers.get("HX-Current-URL") or request.form.get("back", "")
    try:
        return view_of(session, dict(parse_qsl(here.partition("?")[2].partition("#")[0])))
    except Invalid:
        return View(Wanted(current_month(session)))
