"""The statement by month, quarter and year: what its address says, and what it is compared with."""

import re

import pytest
import time_machine
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import sign_in
from tests.web.test_profit import PAGE, books, row
from vela.db import Database

__all__ = ["books"]


def test_the_address_holds_the_whole_state_of_the_page(viewer: FlaskClient, books: int) -> None:
    page = viewer.get("/profit?by=quarter&to=2026-Q1").text
    assert row(page, "Revenue")[-3:] == ["0", "2,000", "2,000"]
    assert row(page, "Opex")[-2:] == ["−2,400", "−19,200"]
    assert row(page, "Gross margin")[-2:] == ["40.0%", "40.0%"]
    assert 'href="/profit?by=quarter&amp;to=2025-Q4"' in page
    assert 'href="/profit?by=year&amp;to=2026"' in page
    assert 'href="/profit?month=2026-03"' in page
    assert re.search('class="child" data-of="cost" hidden', page)
    opened = viewer.get("/profit?by=quarter&to=2026-Q1&open=cost").text
    assert re.search('class="child" data-of="revenue" hidden', opened)
    assert not re.search('class="child" data-of="cost" hidden', opened)
    assert "open=revenue,cost" in opened
    assert 'href="/profit?by=quarter&amp;to=2025-Q4&amp;open=cost"' in opened
    assert re.search('data-of="revenue" hidden', viewer.get("/profit?month=2026-03&open=none").text)


def test_a_year_that_has_not_ended_counts_to_date(viewer: FlaskClient, books: int) -> None:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        year = sign_in(viewer.application, "youssef").get("/profit?by=year&to=2026").text
    assert "year to date" in year
    assert row(year, "Opex") == ["−9,600", "−9,600"]
    assert "expense-new" not in year


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("by=week", "Choose months, quarters or years"),
        ("by=quarter&to=2026-Q5", "Write the quarter as YYYY-Qn, such as 2026-Q3."),
        ("by=quarter&to=2026-11", "Write the quarter"),
        ("by=year&to=26", "Write the year as YYYY, such as 2026."),
        ("to=2026-Q1", "Write the month as YYYY-MM"),
    ],
)
def test_a_period_that_is_none_is_refused_in_words(viewer: FlaskClient, query: str, words: str) -> None:
    answer = viewer.get(f"/profit?{query}")
    assert (answer.status_code, words in answer.text) == (422, True)


def test_figures_are_compared_with_the_period_before(viewer: FlaskClient, books: int, database: Database) -> None:
    assert "No sales in Feb 2026, so there is nothing to compare with" in viewer.get(PAGE).text
    with database.transaction() as session:
        make.sale(session, make.offer(session, "Rif", ("SSD", 10, 500)), 5, "2026-04")
    page = viewer.get("/profit?month=2026-04").text
    assert "compared with Mar 2026" in page
    assert "up 25.0%, compared with Mar 2026" in page
    assert "to date" not in page
