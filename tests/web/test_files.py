"""Lists as files: each holds what its page shows, in every kind of file, for those who may see the page."""

import csv
import json
import re
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import pairwise, product
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from tests import make
from tests.web.conftest import submit
from tests.web.test_transactions import words
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.catalog.commands import change_service, deactivate
from vela.domain.catalog.intake import ServiceChanges
from vela.domain.ledger.commands import void_sale
from vela.exports import making
from vela.intake import read
from vela.sheets.headings import OFFERS, SALES
from vela.sheets.plain import as_meant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOSTILE = '=HYPERLINK("http://evil.test";"a")'
NOTE = 'A "quoted" note; with, signs\nand a second line'
LISTS = {
    "/offers": "vela-offers-DAY", "/offers/components": "vela-offers-with-components-DAY",
    "/offers/1": "vela-offer-1-components-DAY", "/offers/1/history": "vela-offer-1-history-DAY",
    "/transactions?month=2026-11": "vela-transactions-2026-11", "/profit?month=2026-11": "vela-profit-2026-11",
    "/profit/expenses?month=2026-11": "vela-operating-expenses-2026-11", "/settings/trail": "vela-changes-DAY",
}  # fmt: skip

# Where a list stands that has no page of its own.
PAGES = {"/offers/components": "/offers", "/profit/expenses?month=2026-11": "/profit?month=2026-11"}


@pytest.fixture
def books(database: Database) -> Database:
    """Two offers and one archived, four sales of November, one of them voided, and one of October."""
    with database.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", "600.25", 1000), ("RAM", 300, 500), description="1TB Storage")
        change_service(
            session, make.admin(), atlas.id, read(ServiceChanges, {"list_sell": "1400", "target_margin_pct": "45.5"})
        )
        rif = make.offer(session, HOSTILE, ("-SSD", "300", 600))
        make.component(session, rif, "Discount", 0, -50, kind="adjustment", group="@group", quantity="2.5", notes=NOTE)
        deactivate(session, make.admin(), make.offer(session, "Old").id)
        make.sale(session, atlas, 1, notes=NOTE)
        make.sale(session, rif, 3, notes="x" * 500)
        make.sale(session, atlas, 2, notes="@SUM(A1)")
        void_sale(session, make.admin(), make.sale(session, rif, 7).id)
        make.sale(session, rif, 1, "2026-10")
        make.expense(session, "+Rent", "800.50", first_month="2026-10")
    return database


def address(path: str, ending: str) -> str:
    """Where the list at `path` is to be had as a file."""
    bare, question, query = path.partition("?")
    return f"{bare}.{ending}{question}{query}"


def rows_of(client: FlaskClient, path: str, ending: str = "json", delimiter: str = ",") -> list[dict[str, Any]]:
    """The rows of a file by the keys of its columns (JSON) or their headings."""
    data = client.get(address(path, ending)).data
    if ending == "json":
        return json.loads(data, parse_float=Decimal, parse_int=Decimal)["rows"]
    if ending == "csv":
        return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    heading, *rows = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def same(left: object, right: object) -> bool:
    """Whether two cells of different files say the same: a number, or a text as it was meant."""
    texts = [str(each) for each in (left, right)]
    try:
        return Decimal(texts[0]) == Decimal(texts[1])
    except ArithmeticError:
        return as_meant(texts[0]) == as_meant(texts[1])


def test_every_list_says_the_same_in_every_kind_of_file(admin: FlaskClient, books: Database) -> None:
    for path in LISTS:
        _says_the_same(admin, path)


def _says_the_same(admin: FlaskClient, path: str) -> None:
    exact, plain, workbook = (rows_of(admin, path, ending) for ending in ("json", "csv", "xlsx"))
    assert len(exact) == len(plain) == len(workbook) > 0
    for one, two, three in zip(exact, plain, workbook, strict=True):
        assert list(two) == list(three)
        assert all(same(left, right) for left, right in zip(two.values(), three.values(), strict=True)), (two, three)
        assert all(same(left, right) for left, right in zip(one.values(), two.values(), strict=True)
                   if isinstance(left, Decimal)), (one, two)  # fmt: skip
        assert not any(re.match(r"[=+@\t\r]|-(?![0-9])", cell) for cell in two.values())


def test_a_file_is_kept_and_never_shown(admin: FlaskClient, books: Database) -> None:
    media_types = {"csv": "text/csv; charset=utf-8", "json": "application/json",
                   "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
    for path, (ending, media_type) in product(LISTS, media_types.items()):
        answer = admin.get(address(path, ending))
        assert answer.headers["Content-Type"] == media_type
        name = re.sub(r"\d{4}-\d\d-\d\d", "DAY", answer.headers["Content-Disposition"])
        assert name == f'attachment; filename="{LISTS[path]}.{ending}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_length == len(answer.data)


def test_every_list_leads_to_its_files(admin: FlaskClient, books: Database) -> None:
    for path in LISTS:
        links = re.findall(r'<a href="([^"]+)" download>', admin.get(PAGES.get(path, path)).text)
        mine = [link.replace("&amp;", "&") for link in links if link.partition(".")[0] == path.partition("?")[0]]
        endings = ["xlsx", "csv", "json"]
        assert [link.partition("?")[0].rpartition(".")[2] for link in mine if ".pdf" not in link] == endings, path
        assert {admin.get(link).status_code for link in mine} == {200}


def test_sales_are_told_as_the_list_tells_them(admin: FlaskClient, books: Database) -> None:
    rows = rows_of(admin, "/transactions?month=2026-11")
    assert [(row["offer"], row["quantity"], row["notes"]) for row in rows] == [
        ("Atlas", 2, "@SUM(A1)"), (HOSTILE, 3, "x" * 500), ("Atlas", 1, NOTE),
    ]  # fmt: skip
    assert rows[0] | {"created_at": ""} == {
        "month": "2026-11", "offer": "Atlas", "quantity": 2, "notes": "@SUM(A1)", "revenue": 3000,
        "cost": Decimal("1800.5"), "margin": Decimal("1199.5"), "margin_pct": Decimal("39.98"),
        "created_by": make.admin().display_name, "created_at": "", "voided_by": None, "voided_at": None,
        "revision": 2, "sample": False, "id": 3,
    }  # fmt: skip
    total = {key: sum(row[key] for row in rows) for key in ("quantity", "revenue", "cost", "margin")}
    shown = f"Total {total['quantity']} {total['revenue']:,.2f} {total['cost']:,.2f} {total['margin']:,.2f}"
    assert shown in words(admin.get("/transactions?month=2026-11").text)


def test_sales_are_narrowed_and_ordered_as_the_list(admin: FlaskClient, books: Database) -> None:
    def quantities(query: str) -> list[int]:
        return [int(row["quantity"]) for row in rows_of(admin, f"/transactions?{query}")]

    assert quantities("month=2026-11&sort=quantity") == [1, 2, 3]
    assert quantities("month=2026-11&sort=-quantity") == [3, 2, 1]
    assert quantities("month=2026-11&sort=added") == [1, 3, 2]
    assert quantities("month=2026-11&offer=1") == [2, 1]
    assert quantities("month=2026-11&q=second+line") == [1]
    assert quantities("month=2026-11&by=nobody") == []
    (voided,) = rows_of(admin, "/transactions?month=2026-11&voided=1")
    assert voided["quantity"] == 7
    assert voided["voided_at"]
    assert quantities("month=2026-10") == [1]
    assert quantities("month=2025-01") == []
    page = admin.get("/transactions?month=2026-11&offer=1&sort=quantity").text
    assert 'href="/transactions.csv?month=2026-11&amp;offer=1&amp;sort=quantity"' in page
    assert quantities("from=2026-10&to=2026-11&offer=2") == [1, 3]
    named = admin.get("/transactions.csv?from=2026-10&to=2026-11").headers["Content-Disposition"]
    assert named == 'attachment; filename="vela-transactions-2026-10-to-2026-11.csv"'
    assert admin.get("/transactions.csv?month=soon").status_code == 422


def test_a_file_holds_the_sales_beyond_those_that_are_shown(
    admin: FlaskClient, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vela.blueprints.web.transactions.listing.PAGE", 1)
    monkeypatch.setattr("vela.domain.ledger.listing.AT_A_TIME", 2)
    assert len(re.findall(r'<tr id="sale-', admin.get("/transactions?month=2026-11").text)) == 1
    assert len(rows_of(admin, "/transactions?month=2026-11", "csv")) == 3


def test_offers_are_told_as_the_list_tells_them(admin: FlaskClient, books: Database) -> None:
    assert [row["offer"] for row in rows_of(admin, "/offers?sort=-sell")] == ["Atlas", HOSTILE]
    assert [row["offer"] for row in rows_of(admin, "/offers?q=storage")] == ["Atlas"]
    assert [(row["offer"], row["active"]) for row in rows_of(admin, "/offers?status=archived")] == [("Old", False)]
    atlas = rows_of(admin, "/offers?q=storage")[0]
    assert (atlas["cost"], atlas["sell"], atlas["list_gap"]) == (Decimal("900.25"), 1500, -100)
    assert (atlas["components"], atlas["target_margin_pct"]) == (2, Decimal("45.5"))


def test_components_are_told_as_they_can_be_read_back(admin: FlaskClient, books: Database) -> None:
    rows = rows_of(admin, "/offers/2")
    assert [row["component"] for row in rows] == ["-SSD", "Discount"]
    assert {key: rows[1][key] for key in ("group", "kind", "quantity", "unit_cost", "unit_sell", "notes", "sell")} == {
        "group": "@group", "kind": "adjustment", "quantity": Decimal("2.5"), "unit_cost": 0, "unit_sell": -50,
        "notes": NOTE, "sell": -125,
    }  # fmt: skip
    written = rows_of(admin, "/offers/2", "csv")[1]
    headings = {column.key: column.heading() for column in OFFERS.columns}
    assert written[headings["group"]] == "'@group"
    assert written[headings["unit_sell"]] == "-50.00"
    assert [row["offer"] for row in rows_of(admin, "/offers/components")] == [HOSTILE, HOSTILE, "Atlas", "Atlas"]
    assert admin.get("/offers/99.csv").status_code == 404


def test_the_history_of_an_offer_is_told_whole(
    admin: FlaskClient, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(admin, "/offers/1/history")
    monkeypatch.setattr("vela.exports.offers.AT_A_TIME", 1)
    assert rows_of(admin, "/offers/1/history") == rows
    assert [row["number"] for row in rows] == [2, 1]
    change = {"component_id": None, "subject": "Atlas", "field": "list_sell", "before": None, "after": 1400}
    assert change in rows[0]["changes"]
    told = rows_of(admin, "/offers/1/history", "csv")
    assert told[0]["Change"].splitlines()[0] in words(admin.get("/offers/1/history").text).replace(" ,", ",")
    assert told[1]["Change"] == "Atlas made with 2 components"


def test_the_statement_is_the_page_and_the_api(admin: FlaskClient, books: Database) -> None:
    rows = {(row["line"], row["part"]): row for row in rows_of(admin, "/profit?month=2026-11")}
    token = admin.application.test_client().post(
        "/api/auth/login", json={"username": "salma", "password": make.PASSWORD}
    ).get_json()["token"]  # fmt: skip
    answer = admin.application.test_client().get("/api/pnl?month=2026-11", headers={"Authorization": f"Bearer {token}"})
    api = json.loads(answer.data, parse_float=Decimal, parse_int=Decimal)
    now = {line: row["2026-11"] for (line, part), row in rows.items() if part is None}
    assert now == {
        "revenue": api["total_revenue"], "cost": -api["total_cost"], "gross_profit": api["gross_profit"],
        "gross_margin_pct": api["gross_margin_pct"], "opex": -api["opex"], "net_profit": api["net_profit"],
        "net_margin_pct": api["net_margin_pct"],
    }  # fmt: skip
    assert rows[("net_margin_pct", None)]["2025-12"] is None  # unknown is not zero
    quarters = {row["line"]: row for row in rows_of(admin, "/profit?by=quarter&to=2026-Q4") if row["part"] is None}
    assert quarters["revenue"]["2026-Q4"] == rows[("revenue", None)]["total"]
    for line in ("revenue", "cost"):
        for month in ("2026-10", "2026-11", "total"):
            parts = sum(row[month] or 0 for (which, part), row in rows.items() if which == line and part is not None)
            assert parts == rows[(line, None)][month]


def test_expenses_are_told_with_what_they_count(admin: FlaskClient, books: Database) -> None:
    before = {row["name"]: row["counts"] for row in rows_of(admin, "/profit/expenses?month=2026-09")}
    after = {row["name"]: row["counts"] for row in rows_of(admin, "/profit/expenses?month=2026-11")}
    assert before["+Rent"] is None
    assert after["+Rent"] == Decimal("800.5")


def test_the_trail_is_told_whole_and_can_be_checked(
    admin: FlaskClient, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vela.exports.trail.AT_A_TIME", 3)
    rows = rows_of(admin, "/settings/trail")
    assert len(rows) > 6
    assert all(newer["prev_hash"] == older["hash"] for newer, older in pairwise(rows))
    sales = rows_of(admin, "/settings/trail?subject=transaction")
    assert {row["subject"] for row in sales} == {"transaction"}
    assert sales[-1]["after"]["notes"] == NOTE
    assert rows_of(admin, "/settings/trail?user=nobody") == []


# ---------- who, when, and in which language


def test_a_stranger_is_led_to_sign_in_and_then_to_the_page(stranger: FlaskClient, books: Database) -> None:
    for path in LISTS:
        answer = stranger.get(address(path, "csv"))
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/login?" + urlencode({"next": PAGES.get(path, path)})


def test_a_viewer_has_the_files_of_what_a_viewer_sees(viewer: FlaskClient, books: Database) -> None:
    answers = {path: viewer.get(address(path, "csv")).status_code for path in LISTS}
    assert answers == dict.fromkeys(LISTS, 200) | {"/settings/trail": 403}


def test_read_only_books_are_exported_still(admin: FlaskClient, books: Database) -> None:
    with books.transaction() as session:
        chain.stop(session, "A figure is wrong.")
    assert submit(admin, "/transactions", {"service_id": "1", "quantity": "1", "month": "2026-11"}).status_code == 503
    for path in LISTS:
        assert [admin.get(address(path, ending)).status_code for ending in ("csv", "xlsx", "json")] == [200] * 3


def test_a_file_speaks_the_language_of_its_reader(admin: FlaskClient, books: Database) -> None:
    french = {"Accept-Language": "fr"}
    data = admin.get("/transactions.csv?month=2026-11", headers=french).data.decode("utf-8-sig")
    heading, *_rest = data.splitlines()
    assert heading.split(";") == [column.headings()["fr"] for column in SALES.columns]
    assert ";1800,50;" in data


def test_one_user_has_one_file_made_at_a_time(
    admin: FlaskClient, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PATIENCE", 0.01)
    with making.turns_of(1).turn(1):
        assert admin.get("/offers.csv").status_code == 409
    assert admin.get("/offers.csv").status_code == 200


def test_a_large_file_is_sent_in_pieces_and_whole(
    admin: FlaskClient, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = admin.get("/offers.csv").data
    monkeypatch.setattr(making, "IN_MEMORY", 10)
    monkeypatch.setattr(making, "PIECE", 7)
    with admin.get("/offers.csv") as answer:
        assert not answer.is_sequence
        assert answer.content_length == len(whole)
        assert answer.data == whole
