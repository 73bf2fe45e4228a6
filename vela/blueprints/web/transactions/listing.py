"""The sales of a month or of several: narrowed, ordered and paged as the address says, and the line to record one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web import figures
from vela.blueprints.web.answers import page
from vela.blueprints.web.guards import database
from vela.blueprints.web.months import span_of
from vela.blueprints.web.routes import pages
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.models import Service
from vela.domain.catalog.revisions import line_at
from vela.domain.ledger import closing, listing
from vela.domain.ledger.listing import Wanted
from vela.domain.ledger.models import Transaction
from vela.domain.workspace.settings import current_month
from vela.errors import Invalid
from vela.exports.sales import narrowed, said
from vela.periods import Period, Span

PAGE = 200
MOST_DIGITS = 9
MOST_SIGNS = 1000  # more than SQLite looks for would be a fault


# What an address leaves out, because it is so anyway.
UNSAID = {("sort", "-added"), ("page", 1)}


@dataclass(frozen=True, slots=True)
class View:
    """What the list shows, and how it writes that into addresses."""

    wanted: Wanted
    order: str = "added"
    falling: bool = True
    page: int = 1

    def address(self, **changes: Any) -> str:
        """The address of the list with some of its choices changed: `sort`, `page`, or a field of Wanted.

        Whatever else changes, it begins with the first page again.
        """
        page, sort = changes.pop("page", 1), changes.pop("sort", ("-" if self.falling else "") + self.order)
        words = said(replace(self.wanted, **changes)) | {"sort": sort, "page": page}
        kept = {name: value for name, value in words.items() if value and (name, value) not in UNSAID}
        return "/transactions?" + urlencode(kept)

    @property
    def here(self) -> str:
        """The address of what is shown."""
        return self.address(page=self.page)

    @property
    def kept(self) -> dict[str, Any]:
        """What a form that narrows the list has to say besides its own fields."""
        return narrowed(replace(self.wanted, notes="", by=""), self.order, falling=self.falling)

    @property
    def query(self) -> str:
        """What an address says after its question mark to narrow and order the sales as here."""
        return self.address().partition("?")[2]

    def turned(self, column: str) -> str:
        """The address that orders by `column`, the other way round when it does so already."""
        return self.address(sort=column if self.order == column and self.falling else f"-{column}")

    def in_months(self, span: Span) -> str:
        """The address of the same of other months."""
        return self.address(**_months(span))


@pages.get("/transactions")
def transactions() -> Response:
    """The sales of a `month`, or `from` one `to` another: narrowed by `offer`, `revision`, `part` (a component and its
    version), `q` (in the note), `by`, `voided`; ordered by `sort`; two hundred to a `page`.

    Raises Invalid for months that are none.
    """
    with database().reading() as session:
        return sales_page(session, view_of(session, request.args))


def sales_page(
    session: Session, view: View, status: int = 200, *, typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """The whole page; with `typed` and `errors`, the line that records a sale as it was sent."""
    latest = current_month(session)
    context = shown(session, view)
    span = view.wanted.span
    asked = {"service_id": str(view.wanted.service_id or ""), "month": str(min(span.last, max(span.first, latest)))}
    entered = {"quantity": "1", **asked, **(typed or {})}
    first = chosen_offer(context["sellable"], entered.get("service_id", ""))
    return page(
        session,
        "transactions/transactions.html",
        status,
        here="transactions",
        earlier=_way(view, -1),
        later=_way(view, 1) if span.last < latest else "",
        entered=entered,
        errors=errors or {},
        chosen=first,
        worth=first.totals if first and not typed else None,
        previewed=previewed(first),
        **context,
    )


def _way(view: View, step: int) -> str:
    """The address of the month, quarter or year before or after; empty when there is none."""
    period = view.wanted.span.period
    other: Period | None = period.plus(step) if period else None
    return view.in_months(other.span) if other and other.is_bookable else ""


def shown(session: Session, view: View) -> dict[str, Any]:
    """What the list shows; also what an answer that changes it has to refresh."""
    wanted, span = view.wanted, view.wanted.span
    summed = listing.together(session, wanted)
    page_count = max(1, -(-summed.sales // PAGE))
    view = replace(view, page=min(view.page, page_count))
    skip = (view.page - 1) * PAGE
    sales = listed(session, view)
    offers = catalog.services(session, include_inactive=True)
    counted = listing.counts(session, wanted)
    locked = {each.month for each in closing.closed_months(session) if span.covers(each.month)}
    return {
        "view": view,
        "wanted": wanted,
        "closed": span.count == 1 and span.first in locked,
        "locked": locked,
        "sales": sales,
        "sum": summed,
        "first_shown": skip + 1,
        "page_count": page_count,
        "places": figures.places(part for each in (summed, *sales) for part in (each.totals.sell, each.totals.cost)),
        "chips": [offer for offer in offers if offer.active or offer.id in counted],
        "counted": counted,
        "voided": listing.together(session, Wanted(span.first, until=wanted.until, voided=True)).sales,
        "sellers": listing.sellers(session, span),
        "sellable": [offer for offer in offers if offer.active and offer.components],
        "part": line_at(session, *wanted.part) if wanted.part else None,
    }


def listed(session: Session, view: View) -> list[Transaction]:
    """The sales of one page of the list, in its order."""
    skip = (view.page - 1) * PAGE
    return listing.sales(session, view.wanted, order=view.order, falling=view.falling, most=PAGE, skip=skip)


def chosen_offer(sellable: list[Service], said: str) -> Service | None:
    """The offer that the line starts with: the one that was said, else the first."""
    return next((offer for offer in sellable if str(offer.id) == said), sellable[0] if sellable else None)


def previewed(offer: Service | None) -> str:
    """The offer and the version of it whose prices a page shows, as its form says them again."""
    return f"{offer.id}:{offer.version}" if offer else ""


def view_of(session: Session, args: Mapping[str, str]) -> View:
    """The list that an address asks for. Raises Invalid for what is no month."""
    sort = args.get("sort", "")
    wanted = Wanted(
        **_months(span_of(session, args)),
        service_id=_number(args.get("offer", "")),
        revision=_number(args.get("revision", "")),
        part=_part(args.get("part", "")),
        notes=args.get("q", "").replace("\0", "").strip()[:MOST_SIGNS],
        by=args.get("by", "").replace("\0", ""),
        voided=bool(args.get("voided")),
    )
    view = View(wanted, page=_number(args.get("page", "")) or 1)
    order = sort.removeprefix("-")
    return replace(view, order=order, falling=sort.startswith("-")) if order in listing.ORDERS else view


def _months(span: Span) -> dict[str, Any]:
    return {"month": span.first, "until": span.last if span.count > 1 else None}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def _part(text: str) -> tuple[int, int] | None:
    """A component and its version, as an address says them: `12-3`."""
    component_id, version = (_number(each) for each in (text.partition("-")[0], text.partition("-")[2]))
    return (component_id, version) if component_id and version else None


def view_behind(session: Session) -> View:
    """The list that stands on the page from which something was asked."""
    here = request.headers.get("HX-Current-URL") or request.form.get("back", "")
    try:
        return view_of(session, dict(parse_qsl(here.partition("?")[2].partition("#")[0])))
    except Invalid:
        return View(Wanted(current_month(session)))
