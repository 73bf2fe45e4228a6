"""Drawings made on the server: where the shapes of lines and bars stand, as the attributes of their SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

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
    start = Decimal(0)
    for part in parts:
        width = share(part, most)
        pieces.append(Piece(_percent(start), _percent(max(Decimal(0), width - GAP))))
        start += width
    return pieces


def share(part: Decimal, whole: Decimal) -> Decimal:
    """`part` in percent of `whole`, from 0 to 100."""
    return min(HUNDRED, max(Decimal(0), HUNDRED * part / whole)) if whole else Decimal(0)


def _percent(value: Decimal) -> str:
    return f"{value:.2f}%"
