"""What the columns of a sheet are: a stable key, a heading in the reader's language, and the kind of its cells."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from vela.language import LANGUAGES, speaking
from vela.language import gettext as _
from vela.periods import Month


class Kind(StrEnum):
    """What the cells of a column hold. Amounts, prices and percentages are exact decimals; percent 47.37 is 47.37 %."""

    TEXT = "text"
    AMOUNT = "amount"
    PRICE = "unit price"
    QUANTITY = "quantity"
    PERCENT = "percent"
    WHOLE = "whole"
    MONTH = "month"
    MOMENT = "moment"
    CHOICE = "choice"  # one of a few words, said in the reader's language


@dataclass(frozen=True, slots=True)
class Said:
    """Something that people read as words and programs as data."""

    words: str
    data: Any


Value = str | Decimal | int | Month | datetime | Said | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of another kind than its column, such as a percentage among amounts."""

    kind: Kind
    value: Value


Row = Sequence[Value | Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `heading` says it in the reader's language; `words` is what a choice is called, by its stable value.

    A read-only column is computed by Vela: it is written, and whoever reads a file passes over it.
    """

    key: str
    heading: Callable[[], str]
    kind: Kind = Kind.TEXT
    is_read_only: bool = False
    words: Callable[[], Mapping[str | bool, str]] | None = None

    def headings(self) -> dict[str, str]:
        """The heading in each language."""
        return _in_each_language(self.heading)

    def said(self) -> dict[str, dict[str | bool, str]]:
        """What the values of a choice are called, in each language; nothing for other kinds."""
        return {} if self.words is None else _in_each_language(lambda: dict(self.words() if self.words else {}))


Word = TypeVar("Word")


def _in_each_language(say: Callable[[], Word]) -> dict[str, Word]:
    said: dict[str, Word] = {}
    for language in LANGUAGES:
        with speaking(language):
            said[language] = say()
    return said


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of its own: a stable key, a title in the reader's language, and the columns in their order."""

    key: str
    title: Callable[[], str]
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """The column of a key. Raises KeyError."""
        return {each.key: each for each in self.columns}[key]


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet with its rows, each with one value per column, in the same order; they may be read only once."""

    sheet: Sheet
    rows: Iterable[Row]


def computed(key: str, heading: Callable[[], str], kind: Kind = Kind.TEXT) -> Column:
    """A column that Vela computes."""
    return Column(key, heading, kind, is_read_only=True)


def yes_or_no() -> dict[str | bool, str]:
    return {True: _("yes"), False: _("no")}


def component_kinds() -> dict[str | bool, str]:
    return {"part": _("part"), "adjustment": _("adjustment")}


SALES = Sheet(
    "transactions",
    lambda: _("Transactions"),
    (
        Column("month", lambda: _("Month"), Kind.MONTH),
        Column("offer", lambda: _("Offer")),
        Column("quantity", lambda: _("Quantity"), Kind.WHOLE),
        Column("notes", lambda: _("Note")),
        computed("revenue", lambda: _("Revenue"), Kind.AMOUNT),
        computed("cost", lambda: _("Cost"), Kind.AMOUNT),
        computed("margin", lambda: _("Margin"), Kind.AMOUNT),
        computed("margin_pct", lambda: _("Margin %"), Kind.PERCENT),
        computed("created_by", lambda: _("Added by")),
        computed("created_at", lambda: _("Added"), Kind.MOMENT),
        computed("voided_by", lambda: _("Voided by")),
        computed("voided_at", lambda: _("Voided"), Kind.MOMENT),
        computed("revision", lambda: _("Revision of the offer"), Kind.WHOLE),
        Column("sample", lambda: _("Sample"), Kind.CHOICE, is_read_only=True, words=yes_or_no),
        computed("id", lambda: _("Number"), Kind.WHOLE),
    ),
)

OFFERS = Sheet(
    "offers",
    lambda: _("Offers with components"),
    (
        Column("offer", lambda: _("Offer")),
        Column("description", lambda: _("Description")),
        Column("active", lambda: _("Active"), Kind.CHOICE, words=yes_or_no),
        Column("list_cost", lambda: _("List cost"), Kind.AMOUNT),
        Column("list_sell", lambda: _("List price"), Kind.AMOUNT),
        Column("target_margin_pct", lambda: _("Target margin %"), Kind.PERCENT),
        Column("component", lambda: _("Component")),
        Column("group", lambda: _("Group")),
        Column("kind", lambda: _("Kind"), Kind.CHOICE, words=component_kinds),
        Column("quantity", lambda: _("Quantity"), Kind.QUANTITY),
        Column("unit_cost", lambda: _("Unit cost"), Kind.PRICE),
        Column("unit_sell", lambda: _("Unit sell"), Kind.PRICE),
        Column("notes", lambda: _("Notes")),
        computed("cost", lambda: _("Cost"), Kind.AMOUNT),
        computed("sell", lambda: _("Sell"), Kind.AMOUNT),
        computed("margin", lambda: _("Margin"), Kind.AMOUNT),
        computed("margin_pct", lambda: _("Margin %"), Kind.PERCENT),
    ),
)
