"""What an explanation consists of, and how numbers are written in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from vela.blueprints.web import figures


@dataclass(frozen=True, slots=True)
class Topic:
    """One explained thing.

    `formula` is the formula in signs, `spoken` the same formula in words for whoever listens; `examples` are sentences.
    """

    anchor: str
    name: str
    words: str
    formula: str = ""
    spoken: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Topics that belong together."""

    anchor: str
    name: str
    topics: tuple[Topic, ...]


def listed(amounts: Iterable[Decimal]) -> str:
    """Amounts one after the other; with semicolons where a comma is part of a number."""
    shown = [figures.amount(each) for each in amounts]
    return ("; " if any("," in each for each in shown) else ", ").join(shown)
