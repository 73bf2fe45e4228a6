"""The dashboard: this month, the twelve that led to it, what earns most and least, and what needs a look."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vela import money
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.models import PART, Service
from vela.domain.ledger import queries as ledger
from vela.domain.ledger.models import OperatingExpense
from vela.domain.ledger.profit import MonthFigures
from vela.domain.ledger.queries import ComponentMonth
from vela.periods import Month, months_ending

TREND_MONTHS = 12
COMPONENTS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that needs a look. Kinds: loss, part_at_loss, list_low, list_high, below_target, no_components, opex,
    ends; `name` is the component or the expense that it is about, `month` the last in which an expense counts."""

    kind: str
    service: Service | None
    amount: Decimal
    other: Decimal | None
    name: str = ""
    month: Month | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the dashboard shows of one month; `previous` is None when nothing was sold the month before."""

    current: MonthFigures
    previous: MonthFigures | None
    trend: list[MonthFigures]
    offers: list[Service]
    best: list[ComponentMonth]
    weakest: list[ComponentMonth]
    concerns: list[Concern]


def dashboard(session: Session, month: Month) -> Dashboard:
    """The dashboard of `month` with the twelve-month trend that ends with it."""
    trend = ledger.profits_of(session, months_ending(month, TREND_MONTHS))
    current, before = trend[-1], trend[-2]
    offers = catalog.services(session)
    ranked = ranked_components(ledger.component_months(session, [month]))
    return Dashboard(
        current=current,
        previous=before if before.total_revenue else None,
        trend=trend,
        offers=offers,
        best=ranked[:COMPONENTS_SHOWN],
        weakest=ranked[::-1][: min(COMPONENTS_SHOWN, max(0, len(ranked) - COMPONENTS_SHOWN))],
        concerns=[*price_concerns(offers), *_opex_concern(current), *_ending(ledger.expenses(session), month)],
    )


def ranked_components(sold: list[ComponentMonth]) -> list[ComponentMonth]:
    """Components with a price of their own, best margin % first, larger margin first among equals."""
    earning = [each for each in sold if each.totals.margin_pct is not None]
    return sorted(
        earning,
        key=lambda each: (each.totals.margin_pct or money.ZERO, each.totals.margin),
        reverse=True,
    )


def price_concerns(offers: list[Service]) -> list[Concern]:
    """Offers sold at a loss or with a component that is, listed at another price than their components add up to, below
    their target, or without parts."""
    concerns: list[Concern] = []
    for offer in offers:
        priced = offer.totals
        gap = offer.list_gap
        if priced.margin < 0:
            concerns.append(Concern("loss", offer, -priced.margin, None))
        concerns += [
            Concern("part_at_loss", offer, -part.totals.margin, None, part.name)
            for part in offer.components
            if part.kind == PART and part.totals.margin < 0
        ]
        if not offer.components:
            concerns.append(Concern("no_components", offer, money.ZERO, None))
        if gap:
            concerns.append(
                Concern(
                    "list_low" if gap < 0 else "list_high",
                    offer,
                    abs(gap),
                    offer.list_sell,
                )
            )
        target, margin_pct = offer.target_margin_pct, priced.margin_pct
        if target is not None and margin_pct is not None and margin_pct < target:
            concerns.append(Concern("below_target", offer, margin_pct, target))
    return concerns


def _opex_concern(current: MonthFigures) -> list[Concern]:
    if not current.opex:
        return []
    return [
        Concern(
            "opex",
            None,
            current.opex,
            money.percent(current.opex, current.gross_profit),
        )
    ]


def _ending(expenses: list[OperatingExpense], month: Month) -> list[Concern]:
    """The expenses that count in `month`, but not after the month that follows it."""
    return [
        Concern("ends", None, each.amount, None, each.name, each.last_month)
        for each in expenses
        if each.covers(month) and each.last_month in (month, month.next)
    ]
