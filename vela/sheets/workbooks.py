"""Sheets as XLSX: a number is a number with all its digits, a text is a text and never a formula."""

from datetime import datetime
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from vela.errors import Conflict
from vela.language import gettext as _
from vela.sheets.headings import Cell, Column, Filled, Kind, Said, Value
from vela.sheets.plain import looks_like_a_formula
from vela.sheets.writing import About, Choices, local

if TYPE_CHECKING:
    from xlsxwriter import Workbook, Worksheet

MOST_ROWS = 1_048_576  # the format's own bound, headings included
MOST_SIGNS = 32_767  # of one cell, the format's own bound too
WIDEST = 60
FORMATS = {
    Kind.AMOUNT: "#,##0.00",
    Kind.PRICE: "#,##0.00###",
    Kind.PERCENT: '0.00"%"',
    Kind.WHOLE: "#,##0",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
}
LEAST_WIDTHS = {Kind.AMOUNT: 14, Kind.PRICE: 12, Kind.MOMENT: 19, Kind.MONTH: 9}


def write_xlsx(filled: Filled, about: About, file: IO[bytes]) -> None:
    """Write a sheet as a workbook of one table, row by row. Raises Conflict when it has more rows than XLSX holds."""
    import xlsxwriter  # noqa: PLC0415 slow to load, and few requests write a workbook

    with TemporaryDirectory() as scratch:
        workbook = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": scratch})
        try:
            _fill(workbook, filled, about)
        finally:
            workbook.close()


def _fill(workbook: "Workbook", filled: Filled, about: About) -> None:
    workbook.set_properties({"title": filled.sheet.title(), "created": local(about.made_at, about.zone)})
    table = workbook.add_worksheet(_tab(filled.sheet.title()))
    table.freeze_panes(1, 0)
    table.repeat_rows(0)
    table.set_landscape()
    table.fit_to_pages(1, 0)
    columns = filled.sheet.columns
    cells = _Cells(workbook, table, about)
    cells.write_headings(columns)
    for row, values in enumerate(filled.rows, start=1):
        if row >= MOST_ROWS:
            raise Conflict("too_many_rows", _("A workbook holds a million rows and these are more. Take the CSV file."))
        for place, (column, each) in enumerate(zip(columns, values, strict=True)):
            cells.write(row, place, column, each)
    cells.set_widths()


def _tab(title: str) -> str:
    """A title as the name of a table, which some signs and more than 31 of them may not be in."""
    return "".join(sign for sign in title if sign not in "[]:*?/\\")[:31].strip("' ")


class _Cells:
    """The cells of one table, with the formats of their kinds and how wide they come."""

    def __init__(self, workbook: "Workbook", table: "Worksheet", about: About) -> None:
        self._table = table
        self._about = about
        self._choices = Choices()
        self._formats = {kind: workbook.add_format({"num_format": text}) for kind, text in FORMATS.items()}
        self._heading = workbook.add_format({"bold": True, "bottom": 1})
        self._text = workbook.add_format({"quote_prefix": True})
        self._plain = workbook.add_format({})
        self._widths: list[int] = []

    def write_headings(self, columns: tuple[Column, ...]) -> None:
        for place, column in enumerate(columns):
            self._table.write_string(0, place, column.heading(), self._heading)
            self._widths.append(max(len(column.heading()), LEAST_WIDTHS.get(column.kind, 0)))

    def set_widths(self) -> None:
        for place, width in enumerate(self._widths):
            self._table.set_column(place, place, min(width, WIDEST) + 2)

    def write(self, row: int, place: int, column: Column, cell: Value | Cell) -> None:
        kind, value = (cell.kind, cell.value) if isinstance(cell, Cell) else (column.kind, cell)
        if value is None or value == "":
            return
        if kind is Kind.CHOICE:
            self._write_text(row, place, self._choices.said(column, value))
        elif isinstance(value, Decimal | int):
            self._table.write_number(row, place, value, self._formats.get(kind))
        elif isinstance(value, datetime):
            self._table.write_datetime(row, place, local(value, self._about.zone), self._formats[Kind.MOMENT])
        else:
            self._write_text(row, place, value.words if isinstance(value, Said) else str(value))

    def _write_text(self, row: int, place: int, text: str) -> None:
        kept = _that_fits(text)
        self._widths[place] = max(self._widths[place], len(kept[:WIDEST].partition("\n")[0]))
        style = self._text if looks_like_a_formula(kept) else None
        if kept.startswith("<r>"):  # which the library would take for markup of its own, unless it comes in pieces
            self._table.write_rich_string(row, place, "<", self._plain, kept[1:])
        else:
            self._table.write_string(row, place, kept, style)


def _that_fits(text: str) -> str:
    """`text`, or its beginning with an ellipsis when it has more signs than a cell may hold."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * MOST_SIGNS:
        return text
    return units[: 2 * (MOST_SIGNS - 1)].decode("utf-16-le", "ignore") + "…"
