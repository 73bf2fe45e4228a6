"""Reading a sheet back from a file: its columns found by their headings, in any order and in every language."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from vela.errors import invalid
from vela.language import current_language
from vela.language import gettext as _
from vela.sheets import meanings
from vela.sheets.headings import Column, Kind, Sheet
from vela.sheets.plain import as_meant
from vela.sheets.unpacking import FIELD, HEAD, RawCell, RawRow, RawTable, unpacked

NUMBERS = (Kind.AMOUNT, Kind.PRICE, Kind.QUANTITY, Kind.PERCENT, Kind.WHOLE)
LONGEST_HEADING = 60
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file by its number there, and what it says: the text of each column that is there, by its key.

    Numbers are plain, months YYYY-MM and choices their stable value, where the text could be understood so.
    """

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read: the rows, the keys of the columns there were, the headings that mean nothing here.

    `guessed` is a number that could be read in two ways, and `as_read` how it was read; both empty when none was.
    """

    lines: Sequence[Line]
    columns: Sequence[str]
    ignored: Sequence[str]
    guessed: str = ""
    as_read: str = ""


def read_sheet(data: bytes, sheet: Sheet, *, needed: Sequence[str], mark: str) -> Table:
    """Read `sheet` from a CSV or XLSX file; `mark` is the reader's decimal mark, for numbers that leave a doubt.

    Raises Invalid when the file is no spreadsheet, too large or empty, or has no columns for the keys in `needed`.
    """
    raw = unpacked(data, lambda rows: _fit(rows, sheet))
    at = max(range(len(raw.rows[:HEAD])), key=lambda each: len(_columns(raw.rows[each], sheet)), default=0)
    columns = _columns(raw.rows[at], sheet)
    _refuse_missing(sheet, needed, columns)
    rows = raw.rows[at + 1 :]
    if not rows:
        raise invalid(FIELD, "empty_file", _("There are no rows under the headings."))
    return _read(raw, rows, columns, _others(raw.rows[at], columns), mark)


def _fit(rows: Iterable[RawRow], sheet: Sheet) -> int:
    return max((len(_columns(row, sheet)) for row in rows), default=0)


def _columns(row: RawRow, sheet: Sheet) -> dict[int, Column]:
    """The columns that a row of headings names, by their place; the first of two with one name."""
    names, found = _names(sheet), dict[int, Column]()
    for place, cell in enumerate(row[1]):
        column = names.get(_plain(cell.text))
        if column is not None and column not in found.values():
            found[place] = column
    return found


@cache
def _names(sheet: Sheet) -> dict[str, Column]:
    """Every column by what it may be called: its stable key, and its heading in each language."""
    names: dict[str, Column] = {}
    for column in sheet.columns:
        for name in (*column.headings().values(), column.key.replace("_", " "), column.key):
            names.setdefault(_plain(name), column)
    return names


def _plain(heading: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", heading).casefold().replace("'", "’").split()).strip(":*’ ")


def _refuse_missing(sheet: Sheet, needed: Sequence[str], columns: Mapping[int, Column]) -> None:
    there = {column.key for column in columns.values()}
    missing = [sheet.column(key).heading() for key in needed if key not in there]
    if missing:
        names = ", ".join(missing)
        words = _("No heading in this file says: %(names)s. Name the columns as an exported file does.", names=names)
        raise invalid(FIELD, "columns_missing", words)


def _others(row: RawRow, columns: Mapping[int, Column]) -> list[str]:
    found = [cell.text.strip()[:LONGEST_HEADING] for place, cell in enumerate(row[1]) if place not in columns]
    return [name for name in found if name][:MOST_NAMED]


def _read(
    raw: RawTable, rows: Sequence[RawRow], columns: Mapping[int, Column], ignored: list[str], preferred: str
) -> Table:
    mark, doubtful = meanings.mark_of(_typed(rows, columns, NUMBERS), preferred)
    habit = None if current_language() == "en" else True
    day_first = meanings.day_comes_first((text.strip() for text in _typed(rows, columns, (Kind.MONTH,))), habit)

    def said(column: Column, cell: RawCell) -> str:
        if column.kind in NUMBERS:
            text = cell.text.strip().removesuffix("%") if column.kind is Kind.PERCENT else cell.text
            return cell.text if cell.is_exact else meanings.number(text, mark)
        if column.kind is Kind.MONTH:
            return meanings.month(cell.text.strip(), day_first)
        if column.kind is Kind.CHOICE:
            return _choices(column).get(_plain(cell.text), cell.text)
        return as_meant(cell.text) if raw.is_csv else cell.text

    nothing = RawCell("")
    lines = [
        Line(number, {column.key: said(column, _at(cells, place, nothing)) for place, column in columns.items()})
        for number, cells in rows
    ]
    keys = [column.key for column in columns.values()]
    return Table(lines, keys, ignored, doubtful, meanings.number(doubtful, mark) if doubtful else "")


def _at(cells: Sequence[RawCell], place: int, nothing: RawCell) -> RawCell:
    return cells[place] if place < len(cells) else nothing


def _typed(rows: Sequence[RawRow], columns: Mapping[int, Column], kinds: Sequence[Kind]) -> Iterator[str]:
    """The texts in columns of these kinds that a person may have typed."""
    places = [place for place, column in columns.items() if column.kind in kinds]
    for _number, cells in rows:
        for place in places:
            if place < len(cells) and not cells[place].is_exact:
                yield cells[place].text


@cache
def _choices(column: Column) -> dict[str, str]:
    """The stable value of each choice by everything it may be called."""
    known = {_plain(word): _stable(value) for said in column.said().values() for value, word in said.items()}
    stable = {_stable(value): _stable(value) for said in column.said().values() for value in said}
    return known | stable | ({"1": "true", "0": "false"} if "true" in stable else {})


def _stable(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
