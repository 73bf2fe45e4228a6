"""Sheets as CSV, XLSX and JSON, written row by row; a figure keeps every digit and never becomes a binary fraction."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import IO
from zoneinfo import ZoneInfo

from vela import money
from vela.language import current_language
from vela.periods import Month
from vela.sheets.headings import Cell, Column, Filled, Kind, Said, Value
from vela.sheets.plain import made_plain

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOMENT = "%Y-%m-%d %H:%M:%S"
LEAST_PLACES = {Kind.AMOUNT: money.AMOUNT_PLACES, Kind.PERCENT: money.PERCENT_PLACES, Kind.PRICE: money.AMOUNT_PLACES}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the spreadsheets of a language read a CSV file: what stands between cells, and the decimal mark."""

    delimiter: str
    mark: str


DIALECTS = {
    "en": Dialect(",", "."),
    "es": Dialect(";", ","),
    "fr": Dialect(";", ","),
    "ru": Dialect(";", ","),
}


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: where the books are kept, their currency, when it was made, and what it is of."""

    zone: ZoneInfo
    currency: str
    made_at: datetime
    of: Mapping[str, str]


def plain_decimal(value: Decimal | int, least: int = 0) -> str:
    """All digits of a number, without grouping or exponent, with at least `least` decimals if it is a decimal."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.{max(least, money.places_of(value))}f}"


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment as the clocks show it where the books are kept, to the second and without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)


# ---------- CSV


def write_csv(filled: Filled, about: About, file: IO[bytes]) -> None:
    """Write a sheet as CSV, the way spreadsheets of the reader's language open it (UTF-8 with a byte order mark)."""
    dialect = DIALECTS[current_language()]
    file.write(BYTE_ORDER_MARK)
    lines = StringIO()
    writer = csv.writer(lines, delimiter=dialect.delimiter, lineterminator="\r\n")
    write_cell = _cells_as_text(dialect.mark, about.zone)
    columns = filled.sheet.columns
    writer.writerow([column.heading() for column in columns])
    for row in filled.rows:
        writer.writerow([write_cell(column, each) for column, each in zip(columns, row, strict=True)])
        file.write(_taken(lines))
    file.write(_taken(lines))


def _taken(lines: StringIO) -> bytes:
    """What was written since the last time."""
    text = lines.getvalue()
    lines.seek(0)
    lines.truncate()
    return text.encode()


def _cells_as_text(mark: str, zone: ZoneInfo) -> Callable[[Column, Value | Cell], str]:
    words = Choices()

    def as_text(column: Column, cell: Value | Cell) -> str:
        kind, value = (cell.kind, cell.value) if isinstance(cell, Cell) else (column.kind, cell)
        if value is None:
            return ""
        if kind is Kind.CHOICE:
            return words.said(column, value)
        if isinstance(value, Decimal | int):
            return plain_decimal(value, LEAST_PLACES.get(kind, 0)).replace(".", mark)
        if isinstance(value, Month):
            return str(value)
        if isinstance(value, datetime):
            return local(value, zone).strftime(MOMENT)
        return made_plain(value.words if isinstance(value, Said) else value)

    return as_text


class Choices:
    """What the values of choices are called, asked of the catalogue once a column."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[str | bool, str]] = {}

    def said(self, column: Column, value: object) -> str:
        if column.key not in self._known:
            self._known[column.key] = column.words() if column.words else {}
        return self._known[column.key].get(value, str(value)) if isinstance(value, str | bool) else str(value)


# ---------- JSON


def write_json(filled: Filled, about: About, file: IO[bytes]) -> None:
    """Write a sheet as JSON: what it is of, and an object with stable English names for each row."""
    head = {
        "sheet": filled.sheet.key,
        "of": about.of,
        "currency": about.currency,
        "time_zone": about.zone.key,
        "made_at": in_utc(about.made_at),
    }
    file.write(json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "rows": [')
    names = [json.dumps(column.key) for column in filled.sheet.columns]
    for number, row in enumerate(filled.rows):
        cells = ", ".join(f"{name}: {_as_json(each)}" for name, each in zip(names, row, strict=True))
        file.write(f"{',' if number else ''}\n{{{cells}}}".encode())
    file.write(b"\n]}\n")


def in_utc(moment: datetime) -> str:
    """A moment as the JSON API writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _as_json(cell: Value | Cell) -> str:
    value = cell.value if isinstance(cell, Cell) else cell
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int):
        return plain_decimal(value)
    if isinstance(value, Month):
        return f'"{value}"'
    if isinstance(value, datetime):
        return f'"{in_utc(value)}"'
    return json.dumps(value.data if isinstance(value, Said) else value, ensure_ascii=False)
