"""A block of cells copied from a spreadsheet: which component and field each of its cells is meant for."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from flask import request
from pydantic import BeforeValidator

from vela.blueprints.web.figures import understood
from vela.blueprints.web.offers.typed import COMPONENT_NUMBERS
from vela.intake import Words, read, refusal
from vela.language import gettext as _

COLUMNS = ("name", "quantity", "unit_cost", "unit_sell", "notes")
_SEEN = re.compile(r"([0-9]{1,9}):([0-9]{1,9})")
_ROW = re.compile(r"rows\[([0-9]+)\](?:\.(\w+))?")


def _column(value: object) -> str:
    if isinstance(value, str) and value in COLUMNS:
        return value
    raise refusal("column", _("Start in a cell that can be edited."))


class Pasted(Words):
    """What a paste says: the column it starts in, the rows from there on with the versions seen, the cells as text."""

    at: Annotated[str, BeforeValidator(_column)]
    rows: str = ""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the block as it was typed, by field; for a component with the version seen, or for a new one (0)."""

    number: int
    component_id: int
    version: int
    typed: dict[str, str]

    @property
    def said(self) -> dict[str, Any]:
        """The row as the domain reads rows, its numbers as people write them in their language."""
        words = {name: understood(text) if name in COMPONENT_NUMBERS else text for name, text in self.typed.items()}
        if self.component_id:
            return {**words, "id": self.component_id, "version": self.version}
        return {name: text for name, text in words.items() if text or name != "quantity"}


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that have a place, and how many rows and columns have none."""

    rows: list[Row]
    rows_left_out: int
    columns_left_out: int

    def complained(self, path: str) -> tuple[Row | None, str]:
        """The row and field that a complaint about `rows[3].unit_cost` is about."""
        found = _ROW.fullmatch(path)
        return (self.rows[int(found[1])], found[2] or "") if found else (None, "")


def pasted() -> Block:
    """What the form says. Raises Invalid when it does not start in a column that can be edited."""
    said = read(Pasted, {name: request.form.get(name, "") for name in ("at", "rows", "block")})
    fields = COLUMNS[COLUMNS.index(said.at) :]
    seen = [(int(component), int(version)) for component, version in _SEEN.findall(said.rows)]
    lines = list(_lines(said.block))
    grows = said.at == COLUMNS[0]
    placed = [
        Row(number, *(seen[number - 1] if number <= len(seen) else (0, 0)), dict(zip(fields, cells, strict=False)))
        for number, cells in enumerate(lines, start=1)
        if any(cells) and (grows or number <= len(seen))
    ]
    widest = max((len(cells) for cells in lines), default=0)
    return Block(placed, sum(map(any, lines)) - len(placed), max(0, widest - len(fields)))


def _lines(text: str) -> Iterable[list[str]]:
    """The cells of each line; a spreadsheet puts quotes around a cell that holds a line break, a tab or a quote."""
    rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter="\t")
    try:
        yield from ([cell.strip() for cell in row] for row in rows)
    except csv.Error:  # a cell longer than any field takes
        yield [text]
