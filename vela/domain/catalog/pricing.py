"""What an offer costs, sells for and earns, from its lines. Pure arithmetic on exact decimals.

Source of the formulas: unit economics as bookkeepers use them. line = quantity × unit price, rounded half up to the
minor unit; total = sum of the shown lines; margin = sell − cost; margin % = 100 · margin / sell (a share of the
price, not a mark-up on cost), undefined without a price above zero.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vela import money


@dataclass(frozen=True, slots=True)
class Line:
    """What prices: a quantity and two unit prices in the currency of the books, under a name and a group."""

    name: str
    group: str
    quantity: Decimal
    unit_cost: Decimal
    unit_sell: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Cost and sell of a line, an offer or a period, and what follows from them."""

    cost: Decimal
    sell: Decimal

    @property
    def margin(self) -> Decimal:
        """sell − cost, in the currency of the books."""
        return self.sell - self.cost

    @property
    def margin_pct(self) -> Decimal | None:
        """100 · margin / sell, percent with two decimals; None when sell is zero or less."""
        return money.percent(self.margin, self.sell) if self.sell > 0 else None


def line_totals(line: Line) -> Totals:
    """One line: quantity × unit cost and quantity × unit sell, each rounded half up to the minor unit."""
    return Totals(
        money.rounded(line.quantity * line.unit_cost),
        money.rounded(line.quantity * line.unit_sell),
    )


def totals(lines: Iterable[Line]) -> Totals:
    """An offer: the sums of its shown lines."""
    parts = [line_totals(line) for line in lines]
    return Totals(
        money.total(part.cost for part in parts),
        money.total(part.sell for part in parts),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a split: its name, its amount, and its percentage of the whole (None when the whole is zero)."""

    name: str
    cost: Decimal
    margin: Decimal
    cost_pct: Decimal | None


def split(lines: Iterable[Line], most: int = 9, other: str = "other") -> list[Share]:
    """Where cost and margin come from: one share a line, dearest first; what exceeds `most` is summed as `other`."""
    priced = [(line.name, line_totals(line)) for line in lines]
    priced.sort(key=lambda pair: (-pair[1].cost, -pair[1].margin))
    if len(priced) > most:
        rest = [part for _, part in priced[most - 1 :]]
        summed = Totals(
            money.total(part.cost for part in rest),
            money.total(part.sell for part in rest),
        )
        priced = [*priced[: most - 1], (other, summed)]
    whole = money.total(part.cost for _, part in priced)
    return [Share(name, part.cost, part.margin, money.percent(part.cost, whole)) for name, part in priced]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What would be: the totals now and under supposed prices, and the price that would keep the margin % of now."""

    now: Totals
    then: Totals
    price_to_keep_margin: Decimal | None


def what_if(
    lines: Sequence[Line],
    *,
    cost_change: Decimal,
    sell_change: Decimal,
    applies: Callable[[Line], bool],
) -> Scenario:
    """Suppose unit costs of the lines that `applies` accepts move by `cost_change` percent and all unit prices by
    `sell_change` percent.

    Unit prices are rounded half up to five decimals before anything is added up, as if they had been typed in.
    """
    supposed = [
        Line(
            line.name,
            line.group,
            line.quantity,
            moved_price(line.unit_cost, cost_change if applies(line) else Decimal(0)),
            moved_price(line.unit_sell, sell_change),
        )
        for line in lines
    ]
    before, after = totals(lines), totals(supposed)
    return Scenario(before, after, price_for_margin(after.cost, before))


def moved_price(price: Decimal, percent: Decimal) -> Decimal:
    """A unit price after a move of `percent`: price · (100 + percent) / 100, half up to five decimals."""
    return money.rounded(price * (100 + percent) / 100, money.UNIT_PRICE_PLACES)


def price_for_margin(cost: Decimal, like: Totals) -> Decimal | None:
    """The price at which `cost` earns the same margin % as `like`: cost · like.sell / like.cost, to the minor unit.

    None when `like` has no cost or no price to take a ratio from, or no price that can be written would do.
    """
    if not like.cost or not like.sell:
        return None
    price = money.ratio(cost, like.sell, like.cost)
    return price if 0 <= price <= money.MOST_AMOUNT else None


def price_at_margin(cost: Decimal, margin_pct: Decimal) -> Decimal | None:
    """The price of which `margin_pct` percent are left after `cost`: cost · 100 / (100 − margin_pct), half up to the
    minor unit. None when no price does, or none that can be written."""
    if margin_pct >= 100:
        return None
    price = money.ratio(cost, Decimal(100), 100 - margin_pct)
    return price if price <= money.MOST_AMOUNT else None


def list_gap(totals: Totals, list_sell: Decimal | None) -> Decimal | None:
    """List price minus what the components add up to: negative when the list gives something away; None without one."""
    return None if list_sell is None else list_sell - totals.sell
