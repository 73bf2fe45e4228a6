"""Drawings made on the server: where the shapes of lines and bars stand, as the attributes of their SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

NONE = Decimal(0)
HUNDRED = Decimal(100)
GAP = Decimal("0.35")


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a horizontal bar: where it begins and how wide it is, in percent of the drawing."""

    x: str
    width: str


def split(parts: Sequence[Decimal], most: Decimal) -> list[Piece]:
    """Parts of a bar beside each other, where the whole drawing stands for `most`; a small gap between neighbours."""
    pieces: list[Piece] = []
    start = NONE
    for part in parts:
        width = share(part, most)
        pieces.append(Piece(_percent(start), _percent(max(NONE, width - GAP))))
        start += width
    return pieces


def share(part: Decimal, whole: Decimal) -> Decimal:
    """`part` in percent of `whole`, from 0 to 100."""
    return min(HUNDRED, max(NONE, HUNDRED * part / whole)) if whole else NONE


def _percent(value: Decimal) -> str:
    return f"{value:.2f}%"


# ---------- lines

WIDE, HIGH, TOP = Decimal(100), Decimal(36), Decimal(4)
FOOT = Decimal("0.3")
DOT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Stretch:
    """An unbroken stretch of a line: the points of the line, and of the area under it, in a drawing of 100 x 36."""

    line: str
    area: str


def spark(values: Sequence[Decimal | None]) -> list[Stretch]:
    """The shape of a series, drawn in its own range; None breaks the line, a lonely value becomes a dot."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    high, low = max(known), min(known)
    floor = low - FOOT * (high - low)
    stretches: list[list[tuple[Decimal, Decimal]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            stretches.append([])
            continue
        x = WIDE * place / max(1, len(values) - 1)
        y = TOP + (HIGH - TOP) * (high - value) / (high - floor) if high > low else (TOP + HIGH) / 2
        stretches[-1].append((x, y))
    return [_stretch(points) for points in stretches if points]


def _stretch(points: list[tuple[Decimal, Decimal]]) -> Stretch:
    if len(points) == 1:
        points = [*points, (points[0][0] + DOT, points[0][1])]
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return Stretch(line, f"{points[0][0]:.2f},{HIGH} {line} {points[-1][0]:.2f},{HIGH}")
