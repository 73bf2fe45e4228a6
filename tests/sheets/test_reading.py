"""Files as people bring them: any dialect, any order, any language; and what is no spreadsheet is said to be none."""

import struct
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from tests.sheets.test_plain import HOSTILE
from tests.sheets.test_writing import written
from vela.errors import Invalid
from vela.language import LANGUAGES, speaking
from vela.periods import Month
from vela.sheets import unpacking
from vela.sheets.headings import SALES, Row
from vela.sheets.opening import MOST_COLUMNS
from vela.sheets.reading import Table, read_sheet

NEEDED = ("month", "offer", "quantity")


def read(data: bytes | str, language: str = "en", mark: str = ".") -> Table:
    with speaking(language):
        return read_sheet(data.encode() if isinstance(data, str) else data, SALES, needed=NEEDED, mark=mark)


def refused(data: bytes | str, language: str = "en") -> str:
    with pytest.raises(Invalid) as refusal:
        read(data, language)
    (issue,) = refusal.value.issues
    assert (issue.field, issue.message[-1]) == ("file", ".")
    return issue.code


def rows(table: Table) -> list[tuple[str, ...]]:
    return [tuple(line.cells.get(key, "") for key in ("month", "offer", "quantity", "notes")) for line in table.lines]


def workbook(*tables: Sequence[Sequence[object]], **named: Any) -> bytes:
    file = BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True})
    dated = book.add_format({"num_format": "yyyy-mm"})
    for number, table in enumerate(tables):
        sheet = book.add_worksheet(f"T{number}")
        if number in named.get("hidden", ()):
            sheet.hide()
        for place, row in enumerate(table):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(place, column, value, dated)
                elif isinstance(value, str) and value.startswith("=") and named.get("formulas"):
                    sheet.write_formula(place, column, value, value=named["formulas"][value])
                elif value is not None:
                    (sheet.write_string if isinstance(value, str) else sheet.write)(place, column, value)
    book.close()
    return file.getvalue()


PLAIN = [("2026-11", "Atlas", "2", "Café")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_dialect_is_found_out(encoding: str, delimiter: str, end: str) -> None:
    lines = ["Month,Offer,Quantity,Note", "2026-11,Atlas,2,Café", ""]
    assert rows(read(end.join(lines).replace(",", delimiter).encode(encoding))) == PLAIN


def test_a_delimiter_that_is_said_counts_and_cyrillic_code_pages_are_read() -> None:
    assert rows(read("sep=|\nmonth|offer|quantity|notes\n2026-11|Atlas|2|Café")) == PLAIN
    russian = "month;offer;quantity;notes\n2026-11;Атлас;2;Тест".encode("cp1251")
    assert rows(read(russian, "ru", ",")) == [("2026-11", "Атлас", "2", "Тест")]


def test_quotes_keep_marks_and_lines_together() -> None:
    text = 'month,offer,quantity,notes\n2026-11,"Atlas, ""big""",2,"one\ntwo"\n'
    assert rows(read(text)) == [("2026-11", 'Atlas, "big"', "2", "one\ntwo")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_vela_writes_in_any_language_is_read_in_every_other(language: str, ending: str) -> None:
    exported: Row = (
        Month(2026, 11), "Atlas", 1234, "=1+1", 4000, 2000, 2000, None, "Salma", None, "", None, 3, False, 17,
    )  # fmt: skip
    data = written(SALES, [exported], ending, language)
    for reader, mark in (("en", "."), ("ru", ",")):
        table = read(data, reader, mark)
        assert rows(table) == [("2026-11", "Atlas", "1234", "=1+1")]
        assert (table.lines[0].number, table.lines[0].cells["id"], table.lines[0].cells["sample"]) == (2, "17", "false")
        assert (list(table.ignored), table.guessed) == ([], "")


def test_columns_stand_in_any_order_and_unknown_ones_are_named() -> None:
    table = read("Sales of November\n\nCustomer,QUANTITY: , offer,Month,Offer\nOmar,2,Atlas,2026-11,Rif\n,,,,\n")
    assert rows(table) == [("2026-11", "Atlas", "2", "")]
    assert list(table.ignored) == ["Customer", "Offer"]
    assert [line.number for line in table.lines] == [4]


def test_a_text_that_was_made_plain_is_as_it_was() -> None:
    data = written(SALES, [(Month(2026, 11), "Atlas", 1, text, *[None] * 11) for text in HOSTILE], "csv")
    assert [line.cells["notes"] for line in read(data).lines] == list(HOSTILE)


# ---------- numbers and months


def quantities(delimiter: str, *texts: str, language: str = "en", mark: str = ".") -> tuple[list[str], str]:
    lines = [f"2026-11{delimiter}Atlas{delimiter}{text}" for text in texts]
    table = read("\n".join([f"month{delimiter}offer{delimiter}quantity", *lines]), language, mark)
    return [line.cells["quantity"] for line in table.lines], table.as_read


def test_the_file_shows_its_decimal_mark() -> None:
    assert quantities(";", "1,5", "1.234") == (["1.5", "1234"], "")
    assert quantities(";", "1.5", "1.234", mark=",") == (["1.5", "1.234"], "")
    assert quantities(";", "1.234.567,5", "2,125") == (["1234567.5", "2.125"], "")
    assert quantities(";", "1 234", "1\u202f234,5", "x", "") == (["1234", "1234.5", "x", ""], "")


def test_a_number_that_leaves_a_doubt_is_read_as_the_reader_writes_and_said() -> None:
    assert quantities(";", "1.234") == (["1.234"], "1.234")
    assert quantities(";", "1.234", mark=",") == (["1234"], "1234")
    assert quantities(";", "1.234", "2.5", "2,5", mark=",") == (["1234", "2.5", "2.5"], "1234")


@pytest.mark.parametrize(
    ("texts", "language", "months"),
    [
        (["2026-11", "2026-11-05", "2026/11", "11/2026", "2026-1"], "en", ["2026-11"] * 4 + ["2026-01"]),
        (["Nov-26", "nov. 2026", "November 2026", "noviembre de 2026"], "en", ["2026-11"] * 4),
        (["novembre 2026", "ноябрь 2026", "нояб.26", "ноября 2026 г."], "fr", ["2026-11"] * 4),
        (["01/11/2026", "01/12/2026"], "en", ["2026-11", "2026-12"]),
        (["11/01/2026", "12/01/2026"], "en", ["2026-11", "2026-12"]),
        (["05/11/2026", "25/12/2026"], "en", ["2026-11", "2026-12"]),
        (["11/05/2026", "12/25/2026"], "en", ["2026-11", "2026-12"]),
        (["05/11/2026", "06/12/2026"], "fr", ["2026-11", "2026-12"]),
        (["05/11/2026", "06/12/2026", "03/03/2026"], "en", ["05/11/2026", "06/12/2026", "2026-03"]),
        (["2026-13", "soon", "99/99/2026", "1850-01", ""], "en", ["2026-13", "soon", "99/99/2026", "1850-01", ""]),
    ],
)
def test_months_as_people_and_spreadsheets_write_them(texts: list[str], language: str, months: list[str]) -> None:
    data = "month,offer,quantity\n" + "\n".join(f"{text},Atlas,1" for text in texts)
    assert [line.cells["month"] for line in read(data, language).lines] == months


# ---------- workbooks


def test_a_workbook_gives_numbers_exactly_dates_as_months_and_values_of_formulas() -> None:
    table = read(
        workbook(
            [
                ["Price list"],
                [],
                ["Month", "Offer", "Quantity", "Note", "Cost"],
                [datetime.fromisoformat("2026-11-01"), 2024, 3, "'quoted", 600.13],
                [None, None, None, None, None],
                ["2026-10", "Rif", "=1+1", True, 0.1 + 0.2],
            ],
            formulas={"=1+1": 2},
        ),
        mark=",",
    )
    assert rows(table) == [("2026-11", "2024", "3", "'quoted"), ("2026-10", "Rif", "2", "true")]
    assert [line.cells["cost"] for line in table.lines] == ["600.13", "0.3"]
    assert [line.number for line in table.lines] == [4, 6]


def test_the_sheet_that_fits_is_read_and_hidden_ones_are_not() -> None:
    good = [["month", "offer", "quantity"], ["2026-11", "Atlas", 1]]
    hidden = [["month", "offer", "quantity", "notes"], ["2026-01", "Rif", 9, "no"]]
    assert rows(read(workbook([["Notes"], ["Hello"]], good, hidden, hidden=(2,)))) == [("2026-11", "Atlas", "1", "")]


# ---------- what is none


def zipped(**files: bytes) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def lying_about_its_size(data: bytes) -> bytes:
    """The same archive, in which every unpacked size is said to be 10 bytes."""
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(mark)
        while place >= 0:
            data = data[: place + at] + struct.pack("<I", 10) + data[place + at + 4 :]
            place = data.find(mark, place + 4)
    return data


def old_workbook(inside: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + inside + bytes(500)


HEADINGS = "month,offer,quantity\n"
BOMB = zipped(xl__worksheets__sheet1=b"0" * (unpacking.MOST_UNPACKED + 1))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b" \r\n\n", "empty_file"),
        (HEADINGS, "empty_file"),
        ("name,price\nAtlas,3\n", "columns_missing"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no_spreadsheet"),
        (b"%PDF-1.7\n\x00\x01", "no_spreadsheet"),
        (bytes(range(256)), "no_spreadsheet"),
        (HEADINGS + '2026-11,"Atlas,1\n', "quotes"),
        (zipped(a=b"text"), "no_spreadsheet"),
        (b"PK\x03\x04 and no more", "no_spreadsheet"),
        (zipped(xl__workbook=b"<x/>"), "damaged"),
        (workbook([["month"]])[:-30], "no_spreadsheet"),
        (old_workbook("EncryptedPackage".encode("utf-16-le")), "password"),
        (old_workbook(b"Workbook"), "old_workbook"),
        (workbook([[]]), "empty_file"),
        (BOMB, "too_large_unpacked"),
        (lying_about_its_size(BOMB), "too_large_unpacked"),
        (zipped(**{f"xl__{number}": b"" for number in range(unpacking.MOST_MEMBERS + 1)}), "no_spreadsheet"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(data: bytes | str, code: str) -> None:
    assert refused(data) == code


def test_a_workbook_that_claims_sixteen_thousand_million_cells_costs_nothing() -> None:
    file = BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "month")
    sheet.write(1_048_575, 16_383, "far")
    book.close()
    assert len(file.getvalue()) < 10_000
    assert refused(file.getvalue()) == "damaged"


def test_a_row_of_nothing_but_marks_costs_nothing() -> None:
    table = unpacking.unpacked(HEADINGS.encode() + b"2026-11,Atlas,1" + 100_000 * b",", lambda rows: 1)
    assert [len(cells) for _number, cells in table.rows] == [3, MOST_COLUMNS]


def test_a_file_has_so_many_rows_and_bytes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_ROWS", 3)
    row = "2026-11,Atlas,1\n"
    assert len(read(HEADINGS + 3 * row).lines) == 3
    assert refused(HEADINGS + 4 * row) == "too_many_rows"
    table = [["month", "offer", "quantity"], *[["2026-11", "Atlas", 1]] * 3]
    assert len(read(workbook(table)).lines) == 3
    assert refused(workbook([*table, table[-1]])) == "too_many_rows"
    monkeypatch.setattr(unpacking, "MOST_BYTES", 2 << 20)
    assert refused(HEADINGS + "," * (2 << 20)) == "too_large"
