"""What a change would do: the lines it touches, the offer and the month before and after. Pure, and kept as JSON.

Source of the formulas: the offer's totals and the month's P&L as they are computed everywhere else; this module only
takes differences of them.
"""

import hashlib
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict

from vela import money
from vela.domain.catalog.pricing import Totals


class Priced(BaseModel):
    """One unit of an offer, in the currency of the books; the margin also in percent of the price."""

    model_config = ConfigDict(frozen=True)

    cost: Decimal
    sell: Decimal

    @classmethod
    def of(cls, priced: Totals) -> Self:
        return cls(cost=priced.cost, sell=priced.sell)

    @property
    def totals(self) -> Totals:
        return Totals(self.cost, self.sell)


class LineChange(BaseModel):
    """One field that would differ; `field` is added or removed for a whole component, and empty sides are None."""

    model_config = ConfigDict(frozen=True)

    component_id: int | None
    subject: str
    field: str
    before: str | None
    after: str | None


class SaleMoved(BaseModel):
    """A sale that would be recorded, or voided."""

    model_config = ConfigDict(frozen=True)

    voided: bool
    quantity: int
    revenue: Decimal
    cost: Decimal
    notes: str

    @property
    def earned(self) -> Decimal:
        """What the profit of its month gains: the sale's margin, which a void takes away."""
        margin = self.revenue - self.cost
        return -margin if self.voided else margin

    @property
    def unit_sell(self) -> Decimal:
        """What a unit was sold for, which need not be what the offer costs now."""
        return self.revenue / self.quantity


class Plan(BaseModel):
    """What a change would do. Amounts in the currency of the books; `month` is YYYY-MM, the one whose profit is told.

    `units` is how many of the offer that month sold so far.
    """

    model_config = ConfigDict(frozen=True)

    change: str
    service_id: int
    service: str
    lines: list[LineChange]
    before: Priced
    after: Priced
    sale: SaleMoved | None
    month: str
    net_profit_before: Decimal
    net_profit_after: Decimal
    units: int

    @property
    def margin_change(self) -> Decimal:
        """How much more one unit would earn."""
        return self.after.totals.margin - self.before.totals.margin

    @property
    def margin_pct_change(self) -> Decimal | None:
        """By how many percentage points the margin would move; None where there is no price on either side."""
        return money.points(self.before.totals.margin_pct, self.after.totals.margin_pct)

    @property
    def profit_change(self) -> Decimal:
        """What the month's net profit would gain: nothing by a change of prices, for recorded sales keep theirs."""
        return self.net_profit_after - self.net_profit_before

    @property
    def profit_change_at_units(self) -> Decimal:
        """What as many units as the month sold so far would earn more at the new cost and price."""
        return self.margin_change * self.units

    @property
    def is_nothing(self) -> bool:
        """Whether everything would stay as it is."""
        return not self.lines and self.sale is None and self.before == self.after and not self.profit_change

    @property
    def mark(self) -> str:
        """A text that a plan with another effect does not have.

        What others sold meanwhile moves the month, but not what this change adds to it, and leaves the mark as it is.
        """
        kept = {"change", "service_id", "lines", "before", "after", "sale"} | ({"month"} if self.sale else set[str]())
        said = f"{self.model_dump_json(include=kept)} {self.profit_change}"
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
