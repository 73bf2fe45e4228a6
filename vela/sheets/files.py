"""The kinds of files a sheet can be written as."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from vela.sheets.headings import Filled
from vela.sheets.workbooks import write_xlsx
from vela.sheets.writing import About, write_csv, write_json


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: what its name ends with, its media type, and what writes it."""

    ending: str
    media_type: str
    write: Callable[[Filled, About, IO[bytes]], None]


FORMATS = {
    each.ending: each
    for each in (
        Format("csv", "text/csv; charset=utf-8", write_csv),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
        Format("json", "application/json", write_json),
    )
}
