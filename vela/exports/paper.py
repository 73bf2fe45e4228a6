"""A month's statement on paper, as PDF: what one hands to an accountant, in the reader's language."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from vela import clock, figures
from vela.domain.insight.month_report import MonthReport, Part, month_report
from vela.domain.ledger import listing
from vela.domain.ledger.listing import Together, Wanted
from vela.domain.ledger.profit import Figures
from vela.domain.people.access import Actor
from vela.domain.workspace.settings import workspace
from vela.exports.making import Made, kept, one_at_a_time
from vela.language import current_language, ngettext, pgettext
from vela.language import gettext as _
from vela.papers.typesetting import typeset
from vela.periods import Month
from vela.wording.naming import person

MEDIA_TYPE = "application/pdf"
MOST = 2_000  # sales on paper; more of them would be a book, and the files have them all
CENTS = 2


def paper(session: Session, actor: Actor, month: Month) -> Made:
    """The statement of a month, with its sales as an annex, in the language that is spoken.

    Raises Conflict while another file is being made for the same user.
    """
    with one_at_a_time(actor):
        made_at = clock.now()
        data = typeset("statement", _said(session, month, made_at), made_at)
    return kept(f"vela-statement-{month}.pdf", MEDIA_TYPE, data)


def _said(session: Session, chosen: Month, made_at: datetime) -> dict[str, Any]:
    """Everything on the paper, as its layout takes it: texts and figures that are ready to be printed."""
    books, report, month = workspace(session), month_report(session, chosen), figures.month_long(chosen)
    zone, wanted = ZoneInfo(books.time_zone), Wanted(chosen)
    together = listing.together(session, wanted)
    printed = together.sales <= MOST
    return {
        "language": current_language(),
        "business": books.name,
        "title": _("Profit and loss, %(month)s", month=month),
        "state": _state(chosen, report, made_at.astimezone(zone), zone),
        "columns": [
            "", _("Quantity"), figures.month_short(chosen), figures.month_short(chosen.previous),
            _("Year to date"),
        ],
        "lines": list(_lines(report)),
        "sale_columns": [
            _("No."), _("Added"), _("Offer"), _("Note"), _("Qty"), _("Revenue"), _("Cost"), _("Margin"),
        ],
        "sales": list(_sales(session, wanted, zone)) if printed else [],
        "totals": _totals(together),
        "words": {
            "amounts": _("Amounts in %(currency)s.", currency=books.currency),
            "annex": _("Sales of %(month)s", month=month),
            "annex_says": _annex_says(together, printed=printed),
            "total": _("Total"),
            "made": _("Made with Vela on %(when)s", when=figures.date_and_time(made_at, zone)),
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        },
    }  # fmt: skip


def _state(month: Month, report: MonthReport, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """Whether the figures may still change, in a word and in a sentence; `now` is that of the books' own clocks."""
    if report.closed is not None:
        when = figures.date_and_time(report.closed.closed_at, zone)
        words = _("%(who)s closed this month on %(when)s: %(reason)s", who=person(report.closed.closed_by), when=when,
                  reason=report.closed.reason)  # fmt: skip
        return {"short": _("Closed"), "long": words}
    present = Month.of(now.date())
    if month > present:
        return {"short": _("Not begun"), "long": _("This month has not begun.")}
    if month == present:
        words = _("Day %(day)d of %(days)d. These figures still grow.", day=now.day, days=month.days)
        return {"short": _("To date"), "long": words}
    words = _("This month is not closed, so its figures may still change.")
    return {"short": pgettext("a month that is not closed", "Open"), "long": words}


def _lines(report: MonthReport) -> Iterator[dict[str, Any]]:
    columns = (report.month, report.before, report.year)

    def line(kind: str, name: str, value: Callable[[Figures], Decimal], quantity: str = "") -> dict[str, Any]:
        return {"kind": kind, "name": name, "quantity": quantity, "values": [_amount(value(each)) for each in columns]}

    def ratio(name: str, value: Callable[[Figures], Decimal | None]) -> dict[str, Any]:
        values = [figures.percent(value(each)) for each in columns]
        return {"kind": "ratio", "name": name, "quantity": "", "values": values}

    yield line("sum", _("Revenue"), lambda each: each.total_revenue, figures.number(report.quantity))
    yield from (_part(each, 1) for each in report.revenue)
    yield line("sum", _("Cost of components"), lambda each: -each.total_cost)
    yield from (_part(each, -1) for each in report.cost)
    yield line("sum", _("Gross profit"), lambda each: each.gross_profit)
    yield ratio(_("Gross margin"), lambda each: each.gross_margin_pct)
    yield line("sum", _("Opex"), lambda each: -each.opex)
    yield from (_part(each, -1) for each in report.opex)
    yield line("sum", _("Net profit"), lambda each: each.net_profit)
    yield ratio(_("Net margin"), lambda each: each.net_margin_pct)


def _part(part: Part, sign: int) -> dict[str, Any]:
    values = [_amount(None if each is None else sign * each) for each in (part.month, part.before, part.year)]
    quantity = "" if part.quantity is None else figures.number(part.quantity)
    return {"kind": "part", "name": part.name, "quantity": quantity, "values": values}


def _sales(session: Session, wanted: Wanted, zone: ZoneInfo) -> Iterator[list[str]]:
    """The sales of the month in the order in which they were recorded, each as the cells of a row."""
    for sale in listing.all_sales(session, wanted, order="added", falling=False):
        totals = sale.totals
        amounts = [_amount(each) for each in (totals.sell, totals.cost, totals.margin)]
        yield [
            str(sale.id),
            figures.day(sale.created_at, zone),
            sale.offer,
            sale.notes,
            figures.number(sale.quantity),
            *amounts,
        ]


def _totals(together: Together) -> list[str]:
    totals = together.totals
    return [figures.number(together.quantity), *(_amount(each) for each in (totals.sell, totals.cost, totals.margin))]


def _annex_says(together: Together, *, printed: bool) -> str:
    if not together.sales:
        return _("No sale was recorded in this month.")
    if not printed:
        return _(
            "%(count)s sales are too many for paper. The files under Transactions list them all, with these totals.",
            count=figures.number(together.sales),
        )
    return ngettext(
        "%(count)d sale, with the prices of its day. Voided sales are left out.",
        "%(count)d sales, each with the prices of its day. Voided sales are left out.",
        together.sales,
    )


def _amount(value: Decimal | None) -> str:
    return figures.amount(value, CENTS)
