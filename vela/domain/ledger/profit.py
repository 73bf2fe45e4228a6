"""Profit and loss of a month, a quarter or a year, and sums over several. Pure arithmetic on exact decimals.

Source of the formulas: the income statement by function of expense. gross profit = revenue − cost of sales;
net profit = gross profit − operating expenses; a margin is 100 · profit / revenue, undefined without revenue.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from vela import money
from vela.periods import Month, Period


@dataclass(frozen=True, slots=True)
class Figures:
    """The P&L of a period, in the currency of the books; margins in percent, None without revenue."""

    total_revenue: Decimal
    total_cost: Decimal
    opex: Decimal

    @property
    def gross_profit(self) -> Decimal:
        return self.total_revenue - self.total_cost

    @property
    def gross_margin_pct(self) -> Decimal | None:
        return money.percent(self.gross_profit, self.total_revenue)

    @property
    def net_profit(self) -> Decimal:
        return self.gross_profit - self.opex

    @property
    def net_margin_pct(self) -> Decimal | None:
        return money.percent(self.net_profit, self.total_revenue)


@dataclass(frozen=True, slots=True)
class MonthFigures(Figures):
    """The P&L of one month."""

    month: Month

    @property
    def period(self) -> Month:
        return self.month


@dataclass(frozen=True, slots=True)
class PeriodFigures(Figures):
    """The P&L of one month, quarter or year."""

    period: Period


def of_period(period: Period, months: Iterable[MonthFigures]) -> PeriodFigures:
    """The P&L of a period: the sums of those of `months` that are its own; margins from the sums, never averaged."""
    together = summed(each for each in months if period.span.covers(each.month))
    return PeriodFigures(together.total_revenue, together.total_cost, together.opex, period)


def summed(figures: Iterable[Figures]) -> Figures:
    """The P&L of several periods together: sums of sums, margins from the sums."""
    parts = list(figures)
    return Figures(
        money.total(part.total_revenue for part in parts),
        money.total(part.total_cost for part in parts),
        money.total(part.opex for part in parts),
    )


def change_pct(now: Decimal, before: Decimal) -> Decimal | None:
    """100 · (now − before) / |before|, percent; None when there was nothing before."""
    return money.percent(now - before, abs(before))
