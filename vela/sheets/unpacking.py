"""The tables of a file that somebody brings: of a CSV file of any dialect, or of an XLSX workbook."""

import csv
import json
import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from vela.errors import Invalid, invalid
from vela.language import current_language, grouped
from vela.language import gettext as _
from vela.sheets import opening

FIELD = "file"
MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_UNPACKED = 64 * 1024 * 1024
MOST_MEMBERS = 2000  # files in a workbook, which may all claim to be the same bytes
PATIENCE = 60  # seconds, for a machine that has much else to do
HEAD = 20  # rows at the start of a table among which the headings are looked for
DELIMITERS = ",;\t"
_SAID_SO = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOCAL_HEADER, _SIZE_OF_NAMES = 30, slice(26, 30)
_PASSWORD = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class RawCell:
    """What stands in a cell. It is exact when a workbook holds it as a number or a date, and not as a text."""

    text: str
    is_exact: bool = False


RawRow = tuple[int, Sequence[RawCell]]


@dataclass(frozen=True, slots=True)
class RawTable:
    """The rows that hold anything, each with its number as a spreadsheet shows it."""

    rows: Sequence[RawRow]
    is_csv: bool


Fits = Callable[[Iterable[RawRow]], int]
"""How well the first rows of a table fit what is looked for; 0 is not at all."""


def unpacked(data: bytes, fits: Fits) -> RawTable:
    """The table of a file that fits best. Raises Invalid, with a sentence about the file, when there is none."""
    if not data.strip(b"\0 \t\r\n"):
        raise _unreadable("empty_file", _("This file is empty."))
    if len(data) > MOST_BYTES:
        raise too_large()
    if data.startswith(b"PK\x03\x04"):
        return _best(_of_workbook(data), fits)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if _PASSWORD in data:
            words = _("This workbook has a password. Save it without one and choose it again.")
            raise _unreadable("password", words)
        raise _unreadable("old_workbook", _("This is a workbook of an old kind. Save it as XLSX or CSV."))
    return _best([_of_csv(_text_of(data), fits)], fits)


def too_large() -> Invalid:
    """The refusal of a file with too many bytes."""
    return _unreadable("too_large", _("This file is larger than %(most)d MB. Split it.", most=MOST_BYTES >> 20))


def _unreadable(code: str, words: str) -> Invalid:
    return invalid(FIELD, code, words)


def _no_spreadsheet() -> Invalid:
    return _unreadable("no_spreadsheet", _("This is no spreadsheet. Choose a CSV or XLSX file."))


def too_many_rows(most: int) -> Invalid:
    """The refusal of a file with more rows than `most`."""
    words = _("This file has more than %(most)s rows. Split it.", most=grouped(most))
    return _unreadable("too_many_rows", words)


def _best(tables: Sequence[RawTable], fits: Fits) -> RawTable:
    if not any(table.rows for table in tables):
        raise _unreadable("empty_file", _("This file is empty."))
    best = max(tables, key=lambda table: fits(table.rows[:HEAD]))  # the first of equals
    if len(best.rows) > MOST_ROWS + 1:
        raise too_many_rows(MOST_ROWS)
    return best


# ---------- CSV


def _text_of(data: bytes) -> str:
    """The text of a file in whichever encoding spreadsheets save it."""
    older = "cp1251" if current_language() == "ru" else "cp1252"
    for encoding in (_by_its_mark(data), "utf-8", older, "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = text.removeprefix("\ufeff")
        if _NO_TEXT.search(text):
            break
        return text
    raise _no_spreadsheet()


def _by_its_mark(data: bytes) -> str:
    """UTF-16 by its byte order mark, or by the zeros that every second byte of such a file is; else UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = data[:200]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) > len(start) // 4 else "utf-8"


def _of_csv(text: str, fits: Fits) -> RawTable:
    said = _SAID_SO.match(text)
    if said:
        return _whole(text[said.end() :], said[1], offset=1)
    starts = {each: _start(text, each) for each in DELIMITERS}
    found = max(
        DELIMITERS, key=lambda each: (fits(starts[each]), max((len(row) for _n, row in starts[each]), default=0))
    )
    return _whole(text, found)


def _start(text: str, delimiter: str) -> list[RawRow]:
    """The first rows, as far as they can be read."""
    rows: list[RawRow] = []
    with suppress(csv.Error):
        rows.extend(islice(_rows(text, delimiter), HEAD))
    return rows


def _whole(text: str, delimiter: str, offset: int = 0) -> RawTable:
    rows: list[RawRow] = []
    try:
        for number, cells in _rows(text, delimiter):
            rows.append((number + offset, cells))
            if len(rows) > MOST_ROWS + 1:
                raise too_many_rows(MOST_ROWS)
    except csv.Error:
        number = rows[-1][0] + 1 if rows else 1
        words = _("Row %(number)d cannot be read: its quotes do not match.", number=number)
        raise _unreadable("quotes", words) from None
    return RawTable(rows, is_csv=True)


def _rows(text: str, delimiter: str) -> Iterator[RawRow]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number, cells in enumerate(reader, start=1):
        if any(cell.strip() for cell in cells):
            yield number, [RawCell(cell) for cell in cells[: opening.MOST_COLUMNS]]


# ---------- XLSX


def _of_workbook(data: bytes) -> list[RawTable]:
    _refuse_bombs(data)
    program = [sys.executable, "-I", str(Path(opening.__file__)), str(MOST_ROWS + 1)]
    try:
        done = subprocess.run(program, input=data, capture_output=True, timeout=PATIENCE, check=True)  # noqa: S603 our own
        tables: list[Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise _unreadable("damaged", _("This workbook cannot be read. Save it anew, as XLSX or CSV.")) from None
    return [
        RawTable([(number, [_cell(each) for each in row]) for number, row in table], is_csv=False) for table in tables
    ]


def _cell(said: str) -> RawCell:
    return RawCell(said[1:], said.startswith(opening.EXACT))


def _refuse_bombs(data: bytes) -> None:
    """Raises Invalid unless `data` is a workbook that really unpacks to no more than it may, whatever it claims."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError):
        raise _no_spreadsheet() from None
    if len(members) > MOST_MEMBERS or not any(member.filename.startswith("xl/") for member in members):
        raise _no_spreadsheet()
    left = MOST_UNPACKED
    for member in members:
        left -= _unpacked_size(data, member, left)
        if left < 0:
            words = _("This workbook unpacks to more than %(most)d MB. Split it.", most=MOST_UNPACKED >> 20)
            raise _unreadable("too_large_unpacked", words)


def _unpacked_size(data: bytes, member: ZipInfo, most: int) -> int:
    """How many bytes `member` really unpacks to, found by unpacking it; counting ends beyond `most`."""
    at = member.header_offset
    names = data[at : at + _LOCAL_HEADER][_SIZE_OF_NAMES]
    start = at + _LOCAL_HEADER + int.from_bytes(names[:2], "little") + int.from_bytes(names[2:], "little")
    packed = data[start : start + member.compress_size]
    if member.compress_type == 0:
        return len(packed)
    unpacking, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while size <= most and not unpacking.eof:
            piece = unpacking.decompress(packed, 1 << 20)
            packed = unpacking.unconsumed_tail
            if not piece and not packed:
                break
            size += len(piece)
    except zlib.error:
        raise _unreadable("damaged", _("This workbook cannot be read. Save it anew, as XLSX or CSV.")) from None
    return size
