"""The dashboard: how a month is going, what led to it, and what needs a look."""

from decimal import Decimal
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web import drawings, figures
from vela.blueprints.web.answers import may_now, page, settle, told
from vela.blueprints.web.confirming import admins_recently_confirmed
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.key_figures import key_figures
from vela.blueprints.web.months import Chosen, chosen
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import currencies_offered
from vela.domain.catalog.models import Service
from vela.domain.catalog.preset import preset_offers
from vela.domain.insight.beginning import beginning
from vela.domain.insight.dashboard import Dashboard
from vela.domain.insight.dashboard import dashboard as read_dashboard
from vela.domain.ledger.commands import clear_samples
from vela.domain.ledger.queries import has_samples
from vela.domain.people.access import Act, require
from vela.language import gettext as _
from vela.language import ngettext, pgettext

OFFERS_SHOWN = 6


@pages.get("/")
def dashboard() -> Response:
    """A month at a glance. Raises Invalid for a month that is none."""
    with database().reading() as session:
        return dashboard_page(session)


def dashboard_page(session: Session, status: int = 200, *, refused: dict[str, Any] | None = None) -> Response:
    """The whole page; with `refused`, the form of the first steps as it was sent."""
    choice, first = chosen(session), beginning(session)
    settle(session)
    board = read_dashboard(session, choice.month)
    return page(
        session,
        "dashboard/dashboard.html",
        status,
        here="dashboard",
        choice=choice,
        board=board,
        tiles=key_figures(board),
        chart=_chart(board, choice),
        bars=_bars(board.offers[:OFFERS_SHOWN]),
        samples=may_now(session, Act.VOID_SALES) and has_samples(session),
        sold=any(month.total_revenue or month.total_cost for month in board.trend),
        first=first,
        examples=[words["name"] for words in preset_offers()],
        currencies=currencies_offered(session) if first and not first.settled else [],
        refused=refused,
    )


@pages.get("/samples/clear")
def ask_to_clear_samples() -> Response:
    """What clearing the sample sales would do, and the button that does it."""
    require(actor(), Act.VOID_SALES)
    with database().reading() as session:
        return page(session, "dashboard/clear_samples.html", here="dashboard", samples=has_samples(session))


@pages.post("/samples/clear")
@admins_recently_confirmed
def clear_all_samples() -> Response:
    """Remove the sample sales from the books."""
    with database().transaction() as session:
        removed = clear_samples(session, actor())
    words = ngettext("%(count)d sample sale was removed.", "%(count)d sample sales were removed.", removed)
    return told(words, "/")


def _chart(board: Dashboard, choice: Chosen) -> dict[str, Any]:
    """What the chart draws: amounts as exact text, names in the reader's language."""
    trend = board.trend
    return {
        "labels": [figures.month_tiny(month.month) for month in trend],
        "names": [_("Revenue"), _("Cost"), _("Net profit")],
        "short": [pgettext("thousands, after a number", "k"), pgettext("millions, after a number", "M")],
        "revenue": [str(month.total_revenue) for month in trend],
        "cost": [str(month.total_cost) for month in trend],
        "net": [str(month.net_profit) for month in trend],
        "open": choice.in_progress,
    }


def _bars(offers: list[Service]) -> list[tuple[Service, list[drawings.Piece], list[str]]]:
    """Offers with their split bars, all drawn to the scale of the dearest."""
    most = max((max(offer.totals.cost, offer.totals.sell) for offer in offers), default=drawings.NONE)
    return [(offer, *_bar(offer, most)) for offer in offers]


def _bar(offer: Service, most: Decimal) -> tuple[list[drawings.Piece], list[str]]:
    """Cost and margin beside each other, or what is sold and what is lost on it."""
    priced = offer.totals
    if priced.margin < 0:
        return drawings.split([priced.sell, -priced.margin], most), ["k-cost", "k-bad"]
    return drawings.split([priced.cost, priced.margin], most), ["k-cost", "k-margin"]
