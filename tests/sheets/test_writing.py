"""Sheets as files: every figure and every text comes back as it was."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.sheets.test_plain import HOSTILE
from vela import money
from vela.errors import Conflict
from vela.language import LANGUAGES, STYLES, speaking
from vela.periods import Month
from vela.sheets import workbooks
from vela.sheets.files import FORMATS
from vela.sheets.headings import OFFERS, SALES, Cell, Column, Filled, Kind, Row, Said, Sheet
from vela.sheets.plain import as_meant
from vela.sheets.writing import DIALECTS, About

ABOUT = About(
    ZoneInfo("Africa/Casablanca"), "MAD", datetime(2026, 11, 21, 8, 30, 15, 999, tzinfo=UTC), {"month": "2026-11"}
)
EVERY_KIND = Sheet(
    "things",
    lambda: "Things [of: all/kinds]",
    (
        Column("text", lambda: "Text"),
        Column("amount", lambda: "Amount", Kind.AMOUNT),
        Column("price", lambda: "Price", Kind.PRICE),
        Column("quantity", lambda: "Quantity", Kind.QUANTITY),
        Column("percent", lambda: "Percent", Kind.PERCENT),
        Column("whole", lambda: "Whole", Kind.WHOLE),
        Column("month", lambda: "Month", Kind.MONTH),
        Column("moment", lambda: "Moment", Kind.MOMENT),
        Column("choice", lambda: "Choice", Kind.CHOICE, words=lambda: {True: "yes", False: "no"}),
        Column("data", lambda: "Data"),
    ),
)
FULL: Row = (
    "Disque « dur »; 1 To, \"rapide\"\nligne deux", Decimal("-1234567.50"), Decimal("0.00125"), Decimal("2.5000"),
    Decimal("47.40"), 1200, Month(2026, 11), datetime(2026, 11, 20, 23, 30, 5, 123456, tzinfo=UTC), True,
    Said("one a", {"a": [1]}),
)  # fmt: skip
EMPTY: Row = ("", None, None, None, None, None, None, None, None, None)


def written(sheet: Sheet, rows: Iterable[Row], ending: str, language: str = "en") -> bytes:
    file = BytesIO()
    with speaking(language):
        FORMATS[ending].write(Filled(sheet, rows), ABOUT, file)
    return file.getvalue()


def as_csv(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def as_xlsx(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()


def texts() -> Sheet:
    return Sheet("texts", lambda: "Texts", (Column("text", lambda: "Text"), Column("n", lambda: "N", Kind.WHOLE)))


def test_csv_is_written_for_the_spreadsheets_of_the_language() -> None:
    english = written(EVERY_KIND, [FULL, EMPTY], "csv")
    assert english.startswith(b"\xef\xbb\xbfText,Amount,")
    assert english.endswith(b"\r\n")
    _, full, empty = as_csv(english)
    assert full == [
        FULL[0], "-1234567.50", "0.00125", "2.5", "47.40", "1200",
        "2026-11", "2026-11-21 00:30:05", "yes", "one a",
    ]  # fmt: skip
    assert empty == [""] * 10
    for language in ("es", "fr", "ru"):
        _, row, _ = as_csv(written(EVERY_KIND, [FULL, EMPTY], "csv", language), ";")
        assert row[:5] == [FULL[0], "-1234567,50", "0,00125", "2,5", "47,40"]
        assert row[6] == "2026-11"


def test_decimal_marks_are_those_of_the_pages() -> None:
    assert set(DIALECTS) == set(LANGUAGES)
    assert {each: dialect.mark for each, dialect in DIALECTS.items()} == {
        each: style.mark for each, style in STYLES.items()
    }


def test_xlsx_holds_numbers_moments_and_texts() -> None:
    heading, full, empty = as_xlsx(written(EVERY_KIND, [FULL, (*EMPTY[:-1], Said("b", 1))], "xlsx"))
    assert heading[:2] == ["Text", "Amount"]
    assert full == [
        FULL[0], -1234567.5, 0.00125, 2.5, 47.4, 1200,
        "2026-11", datetime.fromisoformat("2026-11-21T00:30:05"), "yes", "one a",
    ]  # fmt: skip
    assert empty == [""] * 9 + ["b"]


def test_json_has_stable_names_and_exact_figures() -> None:
    data = json.loads(written(EVERY_KIND, [FULL, EMPTY], "json", "fr"), parse_float=Decimal)
    assert {**data, "rows": None} == {
        "sheet": "things", "of": {"month": "2026-11"}, "currency": "MAD", "time_zone": "Africa/Casablanca",
        "made_at": "2026-11-21T08:30:15.000999Z", "rows": None,
    }  # fmt: skip
    assert data["rows"][0] == {
        "text": FULL[0], "amount": Decimal("-1234567.5"), "price": Decimal("0.00125"), "quantity": Decimal("2.5"),
        "percent": Decimal("47.4"), "whole": 1200, "month": "2026-11", "moment": "2026-11-20T23:30:05.123456Z",
        "choice": True, "data": {"a": [1]},
    }  # fmt: skip
    assert data["rows"][1] == dict.fromkeys((column.key for column in EVERY_KIND.columns), None) | {"text": ""}


@pytest.mark.parametrize("ending", FORMATS)
def test_a_sheet_without_rows_still_has_its_headings(ending: str) -> None:
    data = written(SALES, [], ending)
    if ending == "json":
        assert json.loads(data)["rows"] == []
    else:
        rows = as_csv(data) if ending == "csv" else as_xlsx(data)
        assert rows == [[column.heading() for column in SALES.columns]]


def test_a_cell_may_be_of_another_kind_than_its_column() -> None:
    sheet = Sheet("lines", lambda: "Lines", (Column("2026-11", lambda: "Nov", Kind.AMOUNT),))
    rows = [(Cell(Kind.PERCENT, Decimal("47.40")),), (Cell(Kind.PERCENT, None),), (Decimal("3.00"),)]
    assert as_csv(written(sheet, rows, "csv"))[1:] == [["47.40"], [""], ["3.00"]]
    workbook = ZipFile(BytesIO(written(sheet, rows, "xlsx")))
    assert '0.00"%"' in workbook.read("xl/styles.xml").decode().replace("&quot;", '"')


# ---------- texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_csv_file_runs(language: str) -> None:
    rows = as_csv(written(texts(), [(text, -1) for text in HOSTILE], "csv", language), DIALECTS[language].delimiter)
    assert [row[0][:1] for row in rows[1:]] == ["'"] * len(HOSTILE)
    assert [as_meant(row[0]) for row in rows[1:]] == list(HOSTILE)
    assert {row[1] for row in rows[1:]} == {"-1"}  # a number that is negative is a number still


def test_no_text_of_a_workbook_is_a_formula() -> None:
    nasty = [*HOSTILE, "<r><t>x</t></r>", "</t></is><f>1+1</f>", "<r>", "_x0041_", "007", "http://a.test", "1e5", " a "]
    data = written(texts(), [(text, 1) for text in nasty], "xlsx")
    sheet = ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert [row[0] for row in as_xlsx(data)[1:]] == nasty


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), min_size=1, max_size=20))
def test_any_text_comes_back_from_every_file(values: list[str]) -> None:
    sheet, rows = texts(), [(text, 1) for text in values]
    assert [as_meant(row[0]) for row in as_csv(written(sheet, rows, "csv"))[1:]] == values
    assert [row["text"] for row in json.loads(written(sheet, rows, "json"))["rows"]] == values
    allowed = [text for text in values if text.isprintable()]
    back = as_xlsx(written(sheet, [(text, 1) for text in allowed], "xlsx"))[1:]
    assert [row[0] for row in back] == allowed


def test_a_text_too_long_for_a_workbook_is_cut_and_says_so() -> None:
    (_, (cut, _), (kept, _)) = as_xlsx(written(texts(), [("😀" * 20_000, 1), ("é" * 32_767, 2)], "xlsx"))
    assert cut == "😀" * 16_383 + "…"
    assert kept == "é" * 32_767


def test_more_rows_than_a_workbook_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    assert len(as_xlsx(written(texts(), [("a", 1)] * 2, "xlsx"))) == 3
    with pytest.raises(Conflict):
        written(texts(), [("a", 1)] * 3, "xlsx")


# ---------- figures

AMOUNTS = Sheet(
    "amounts",
    lambda: "Amounts",
    (
        Column("a", lambda: "A", Kind.AMOUNT),
        Column("p", lambda: "P", Kind.PRICE),
        Column("q", lambda: "Q", Kind.QUANTITY),
    ),
)
FIGURE = st.tuples(
    st.decimals(-money.MOST_AMOUNT, money.MOST_AMOUNT, places=2),
    st.decimals(-money.MOST_UNIT_PRICE, money.MOST_UNIT_PRICE, places=5),
    st.decimals(0, money.MOST_QUANTITY, places=4),
)
EXTREMES = [(sign * money.MOST_AMOUNT, sign * money.MOST_UNIT_PRICE, money.MOST_QUANTITY) for sign in (1, -1)] + [
    (Decimal("0.01"), Decimal("0.00001"), Decimal("0.0001")),
    (Decimal("0.00"), Decimal(0), Decimal(0)),
]


@settings(max_examples=20, deadline=None)
@given(st.lists(FIGURE, min_size=1, max_size=20))
def test_every_figure_up_to_the_most_survives_every_file(rows: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    rows = [*EXTREMES, *rows]
    back = as_xlsx(written(AMOUNTS, rows, "xlsx"))[1:]
    assert [tuple(_exact(each, places) for each, places in zip(row, (2, 5, 4), strict=True)) for row in back] == rows
    assert [tuple(map(Decimal, row)) for row in as_csv(written(AMOUNTS, rows, "csv"))[1:]] == rows
    for parse in (Decimal, lambda text: Decimal(repr(float(text)))):  # also by readers whose numbers are binary
        read = json.loads(written(AMOUNTS, rows, "json"), parse_float=parse)["rows"]
        assert [tuple(Decimal(each[key]) for key in "apq") for each in read] == rows


def _exact(cell: object, places: int) -> Decimal:
    return Decimal(str(cell)).quantize(Decimal(1).scaleb(-places))


# ---------- the sheets that come back


@pytest.mark.parametrize("sheet", [SALES, OFFERS])
def test_columns_can_be_told_apart_in_every_language(sheet: Sheet) -> None:
    assert len({column.key for column in sheet.columns}) == len(sheet.columns)
    for language in LANGUAGES:
        headings = [column.headings()[language].casefold() for column in sheet.columns]
        assert len(set(headings)) == len(headings), headings


def test_what_vela_computes_is_marked_as_such() -> None:
    typed = {sheet.key: [each.key for each in sheet.columns if not each.is_read_only] for sheet in (SALES, OFFERS)}
    assert typed == {
        "transactions": ["month", "offer", "quantity", "notes"],
        "offers": [
            "offer", "description", "active", "list_cost", "list_sell", "target_margin_pct", "component", "group",
            "kind", "quantity", "unit_cost", "unit_sell", "notes",
        ],
    }  # fmt: skip
    assert OFFERS.column("active").said()["en"] == {True: "yes", False: "no"}
    assert SALES.column("month").said() == {}
