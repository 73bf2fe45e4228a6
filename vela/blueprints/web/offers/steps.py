"""The price history of an offer as a drawing: two stepped lines and the band of margin between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vela.domain.catalog.history import PricePoint

WIDTH = Decimal(240)
TOP = Decimal(12)
BOTTOM = Decimal(84)


@dataclass(frozen=True, slots=True)
class Steps:
    """Paths in a drawing 240 wide and 96 high, and what they run from and to."""

    sell: str
    cost: str
    band: str
    first: PricePoint
    last: PricePoint
    start: datetime


def drawn(points: Sequence[PricePoint], start: datetime, end: datetime) -> Steps | None:
    """The lines of `points` from `start` to `end`; None without a point."""
    if not points:
        return None
    start = max(start, points[0].at)
    xs = [_x(max(point.at, start), start, end) for point in points]
    y = _scale([amount for point in points for amount in (point.totals.cost, point.totals.sell)])
    sell = list(zip(xs, [y(point.totals.sell) for point in points], strict=True))
    cost = list(zip(xs, [y(point.totals.cost) for point in points], strict=True))
    return Steps(_line(sell), _line(cost), f"{_line(sell)}{_back(cost)}Z", points[0], points[-1], start)


def _x(at: datetime, start: datetime, end: datetime) -> Decimal:
    whole = Decimal((end - start).total_seconds())
    return WIDTH * Decimal((at - start).total_seconds()) / whole if whole > 0 else Decimal(0)


def _scale(amounts: Sequence[Decimal]) -> Callable[[Decimal], Decimal]:
    low, high = min(amounts), max(amounts)
    span = high - low
    return lambda amount: BOTTOM - (BOTTOM - TOP) * (amount - low) / span if span else (TOP + BOTTOM) / 2


def _line(corners: Sequence[tuple[Decimal, Decimal]]) -> str:
    steps = "".join(f"H{x:.1f}V{y:.1f}" for x, y in corners[1:])
    return f"M{corners[0][0]:.1f} {corners[0][1]:.1f}{steps}H{WIDTH}"


def _back(corners: Sequence[tuple[Decimal, Decimal]]) -> str:
    steps = "".join(
        f"H{x:.1f}V{before:.1f}" for (x, _), (_, before) in zip(corners[:0:-1], corners[-2::-1], strict=True)
    )
    return f"V{corners[-1][1]:.1f}{steps}H{corners[0][0]:.1f}"
