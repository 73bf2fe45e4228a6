"""The standard Atlas offer and months of its sales, priced by the very functions that price everybody's books."""

from dataclasses import replace
from decimal import Decimal

from vela.domain.catalog import pricing
from vela.domain.catalog.intake import NewService
from vela.domain.catalog.preset import preset_offers
from vela.domain.catalog.pricing import Line, Scenario, Totals
from vela.domain.ledger.profit import Figures, MonthFigures, summed
from vela.intake import read
from vela.periods import Month
from vela.seeding import DEFAULT_OPEX

SOLD = 3
RISE = Decimal(10)
OPEX = Decimal(DEFAULT_OPEX["amount"])


class Offer:
    """A preset offer as it would be the moment it is made."""

    def __init__(self, name: str) -> None:
        said = next(read(NewService, words) for words in preset_offers() if words["name"] == name)
        self.name, self.list_sell = said.name, said.list_sell
        self.lines = [
            Line(part.name, part.group, part.quantity, part.unit_cost, part.unit_sell) for part in said.components
        ]
        self.totals: Totals = pricing.totals(self.lines)
        self.gap = pricing.list_gap(self.totals, self.list_sell)

    def line(self, name: str) -> Line:
        return next(line for line in self.lines if line.name == name)

    def dearer(self, name: str) -> Scenario:
        """What would be if the component of that name cost RISE percent more."""
        return pricing.what_if(
            self.lines, cost_change=RISE, sell_change=Decimal(0), applies=lambda line: line.name == name
        )


def month_of(*sales: Totals) -> MonthFigures:
    """The figures of a month in which these were sold."""
    sold = summed(Figures(sale.sell, sale.cost, Decimal(0)) for sale in sales)
    return MonthFigures(sold.total_revenue, sold.total_cost, OPEX, Month(2026, 10))


def times(quantity: int, unit: Totals) -> Totals:
    """What a sale of `quantity` brings and costs."""
    return Totals(unit.cost * quantity, unit.sell * quantity)


def half_of(line: Line, unit_cost: Decimal) -> Line:
    """The same line with half a unit at another cost: where a sum of money ends in half a cent."""
    return replace(line, quantity=Decimal("0.5"), unit_cost=unit_cost)
