"""The statement on paper: read back out of the PDF, it says to the cent what the API says."""

import json
import re
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from flask.testing import FlaskClient
from pypdf import PdfReader

from tests import make
from tests.web.conftest import sign_in
from vela.clock import today
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.ledger.closing import close_month
from vela.domain.ledger.commands import void_sale
from vela.domain.ledger.intake import MonthClosing
from vela.intake import read
from vela.periods import Month

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOSTILE = '#panic("x") *b* $x^2$ <a> \\u{41} `c` #read("/etc/passwd") // @b [c] _i_'
NOON = "2026-11-21T12:00:00Z"


@pytest.fixture
def books(database: Database) -> Database:
    """Sales of October and November, one voided, one with a name and a note that markup would be made of."""
    with database.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", "600.25", 1000), ("RAM", 300, "500.40"))
        hostile = make.offer(session, HOSTILE, ("Диск", 1, 3))
        make.sale(session, atlas, 3, notes="x" * 500)
        make.sale(session, hostile, 1, notes=HOSTILE)
        make.sale(session, atlas, 2, "2026-10")
        make.sale(session, atlas, 1, "2025-11")
        void_sale(session, make.admin(), make.sale(session, atlas, 9).id)
        make.expense(session, "Rent", "812.35")
    return database


def paper(client: FlaskClient, month: str = "2026-11", language: str = "en") -> PdfReader:
    answer = client.get(f"/profit.pdf?month={month}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="vela-statement-{month}.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    return PdfReader(BytesIO(answer.data))


def text(read_back: PdfReader) -> str:
    """All words of a paper in one line, without the places where a long word may be parted."""
    said = "\n".join(page.extract_text() for page in read_back.pages)
    return " ".join(said.replace("\u200b", "").split())


def figures_after(said: str, name: str) -> list[Decimal]:
    """The amounts that follow a name in a row of the statement."""
    row = re.search(rf"{name}((?: [\u2212]?[\d,]+(?:\.\d+)?%?| —)+)", said)
    assert row, f"no row {name} in {said}"
    cells = [cell for cell in row[1].split() if "." in cell or cell == "—"]
    return [Decimal(cell.replace(",", "").replace("\u2212", "-").rstrip("%")) for cell in cells if cell != "—"]


def profit_of(client: FlaskClient, month: str) -> dict[str, Decimal]:
    stranger = client.application.test_client()
    words = {"username": "salma", "password": make.PASSWORD}
    token = stranger.post("/api/auth/login", json=words).get_json()["token"]
    answer = stranger.get(f"/api/pnl?month={month}", headers={"Authorization": f"Bearer {token}"})
    return json.loads(answer.data, parse_float=Decimal, parse_int=Decimal)


def test_the_paper_says_what_the_api_says(admin: FlaskClient, books: Database) -> None:
    said = text(paper(admin))
    now, before = profit_of(admin, "2026-11"), profit_of(admin, "2026-10")
    year = {key: now[key] + before[key] for key in ("total_revenue", "total_cost", "gross_profit")}
    for name, key, sign in (
        ("Revenue", "total_revenue", 1), ("Cost of components", "total_cost", -1), ("Gross profit", "gross_profit", 1),
    ):  # fmt: skip
        assert figures_after(said, name) == [sign * now[key], sign * before[key], sign * year[key]]
    for name, key, sign in (("Opex", "opex", -1), ("Net profit", "net_profit", 1)):
        assert figures_after(said, name)[:2] == [sign * now[key], sign * before[key]]
    for name, key in (("Gross margin", "gross_margin_pct"), ("Net margin", "net_margin_pct")):
        assert figures_after(said, name)[0] == round(now[key], 1)
    assert figures_after(said, "Rent") == [Decimal("-812.35"), Decimal("-812.35"), 11 * Decimal("-812.35")]
    assert figures_after(said, "Total 4") == [now["total_revenue"], now["total_cost"], now["gross_profit"]]
    assert "Vela Profit and loss, November 2026 Amounts in MAD." in said
    assert "Page 1 of 2" in said
    assert "2 sales, each with the prices of its day. Voided sales are left out." in said


def test_no_text_is_markup(admin: FlaskClient, books: Database) -> None:
    said = text(paper(admin)).replace(" ", "")
    assert said.count(HOSTILE.replace(" ", "")) == 3  # the offer above, and the offer and the note of its sale
    assert "x" * 500 in re.sub(r"Page1of2|Page2of2", "", said)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "1,500.40"), ("es", "noviembre de 2026"), ("fr", "novembre 2026"), ("ru", "ноябрь 2026")],
)
def test_the_paper_speaks_every_language(admin: FlaskClient, books: Database, language: str, words: str) -> None:
    read_back = paper(admin, language=language)
    said = text(read_back)
    assert words in said or words == "1,500.40"
    assert "Диск" in said
    assert {"en": "4,504.20", "es": "4.504,20", "fr": "4 504,20", "ru": "4 504,20"}[language] in said
    fonts = {str(font) for page in read_back.pages for font in _fonts(page)}
    assert fonts
    assert all("Inter" in font for font in fonts), fonts


def _fonts(page: object) -> list[object]:
    resources = page["/Resources"]["/Font"].get_object()  # pyright: ignore[reportIndexIssue]
    return [font.get_object()["/BaseFont"] for font in resources.values()]


def test_the_paper_says_whether_its_figures_may_change(admin: FlaskClient, books: Database) -> None:
    with time_machine.travel(NOON, tick=False):
        client = sign_in(admin.application, "salma")
        with books.transaction() as session:
            words = read(MonthClosing, {"month": "2026-10", "reason": "Handed to #the accountant"})
            close_month(session, make.admin(), words)
        assert "To date Day 21 of 30. These figures still grow." in text(paper(client))
        closed = text(paper(client, "2026-10"))
        assert "Closed Operator closed this month on 21 Nov 2026 at 13:00: Handed to #the accountant" in closed
        assert "Open This month is not closed" in text(paper(client, "2026-09"))
        assert "Not begun This month has not begun." in text(paper(client, "2026-12"))


def test_a_month_without_sales_is_a_paper_too(admin: FlaskClient, books: Database) -> None:
    said = text(paper(admin, "2026-05"))
    assert "No sale was recorded in this month." in said
    assert "Net margin — " in said  # unknown is not zero
    assert admin.get("/profit.pdf?month=soon").status_code == 422


def test_of_a_quarter_or_a_year_there_is_no_paper_and_none_is_offered(admin: FlaskClient, books: Database) -> None:
    for by in ("quarter", "year"):
        answer = admin.get(f"/profit.pdf?by={by}")
        assert answer.status_code == 422
        assert "The statement on paper is that of one month." in answer.text
        assert "/profit.pdf" not in admin.get(f"/profit?by={by}").text
    this_month = Month.of(today("Africa/Casablanca"))
    assert f"/profit.pdf?month={this_month}" in admin.get("/profit?by=month").text


def test_more_sales_than_paper_holds_are_counted_and_not_listed(
    admin: FlaskClient, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vela.exports.paper.MOST", 1)
    said = text(paper(admin))
    assert "2 sales are too many for paper." in said
    assert figures_after(said, "Total 4") == [Decimal("4504.20"), Decimal("2701.75"), Decimal("1802.45")]


def test_the_same_books_at_the_same_moment_make_the_same_paper(admin: FlaskClient, books: Database) -> None:
    with time_machine.travel(NOON, tick=False):
        client = sign_in(admin.application, "salma")
        first, second = (client.get("/profit.pdf?month=2026-11").data for _ in range(2))
    assert first == second


def test_read_only_books_are_printed_and_a_stranger_is_not_let_in(
    viewer: FlaskClient, stranger: FlaskClient, books: Database
) -> None:
    with books.transaction() as session:
        chain.stop(session, "A figure is wrong.")
    assert "November 2026" in text(paper(viewer))
    assert stranger.get("/profit.pdf").headers["Location"] == "/login?next=%2Fprofit"
