"""A program of its own that reads one workbook from its input and says what is in it, as JSON.

The library that reads workbooks builds whatever table a file claims to hold, and a file of five kilobytes can claim
sixteen thousand million cells: memory that is not there ends the process at once. So it is this process that ends.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MOST_MEMORY = 768 * 1024 * 1024
MOST_SECONDS = 20
MOST_TABLES = 20
MOST_COLUMNS = 100
MOST_SIGNS = 1000  # of one cell: no field of ours takes as many, so a longer one is refused whatever follows
MOST_TEXT = 40_000_000
TEXT, EXACT = "t", "n"


def main(most_rows: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    book = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    names = [
        each.name
        for each in book.sheets_metadata
        if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
    ]
    json.dump([_rows(book, name, most_rows) for name in names[:MOST_TABLES]], sys.stdout)


def _rows(book: CalamineWorkbook, name: str, most: int) -> list[tuple[int, list[str]]]:
    """The rows of a table that hold anything, at most `most` and one more, each with its number from 1."""
    table: Any = book.get_sheet_by_name(name)
    first = table.start[0] + 1 if table.start else 1
    found: list[tuple[int, list[str]]] = []
    signs = 0
    for number, row in enumerate(table.to_python(skip_empty_area=True), start=first):
        cells = [_as_text(value) for value in row[:MOST_COLUMNS]]
        signs += sum(map(len, cells))
        if signs > MOST_TEXT:
            raise MemoryError
        if any(len(cell) > 1 for cell in cells):
            found.append((number, cells))
        if len(found) > most:
            break
    return found


def _as_text(value: Any) -> str:
    """A cell as text behind a sign that says whether it is exact as it stands, or was typed by somebody."""
    if isinstance(value, bool):
        return EXACT + str(value).lower()
    if isinstance(value, float | int):
        # What a binary fraction is written as, in the fewest digits, is what was typed: 600.13 and not 600.1299999….
        text = f"{Decimal(str(value)):f}"
        return EXACT + (text.rstrip("0").rstrip(".") if "." in text else text)[:MOST_SIGNS]
    if isinstance(value, date | datetime | time):
        return EXACT + value.isoformat()
    if isinstance(value, timedelta):
        return TEXT + str(value)
    return TEXT + str(value)[:MOST_SIGNS]


if __name__ == "__main__":
    main(int(sys.argv[1]))
