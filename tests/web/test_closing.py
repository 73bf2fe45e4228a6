"""Closing and reopening a month in the browser, and what a closed month looks like and refuses."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import make
from tests.web.conftest import htmx, partials, submit
from tests.web.test_retries import seen_on
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.ledger.closing import closed_months
from vela.domain.ledger.queries import transactions

CLOSE, REOPEN = "/profit/months/2026-10/close", "/profit/months/2026-10/reopen"
SALE = {"service_id": "1", "quantity": "1", "month": "2026-10"}


@pytest.fixture
def sale(database: Database) -> int:
    """One of Atlas in October 2026, at 600 to us and 1,000 to them."""
    with database.transaction() as session:
        return make.sale(session, make.offer(session), 1, "2026-10").id


def looked_and_sent(client: FlaskClient, path: str, words: dict[str, str]) -> TestResponse:
    """Open the page before, and send its form with `words`."""
    return submit(client, path, {"seen": seen_on(client, path), **words})


def closed(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(str(each.month), each.reason) for each in closed_months(session)]


def test_the_page_before_shows_the_figures_that_are_written_down(admin: FlaskClient, sale: int) -> None:
    assert f'href="{CLOSE}"' in admin.get("/profit?month=2026-10").text
    page = admin.get(CLOSE).text
    for figure in ("1,000\u00a0MAD", "600\u00a0MAD", "800\u00a0MAD", "−400\u00a0MAD"):
        assert figure in page
    assert "This month is not over" not in page


def test_a_month_is_closed_with_a_reason_and_reopened_with_another(
    admin: FlaskClient, sale: int, database: Database
) -> None:
    answer = looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    assert (answer.status_code, answer.location) == (303, "/profit?month=2026-10")
    assert closed(database) == [("2026-10", "Handed in")]
    page = admin.get("/profit?month=2026-10").text
    assert "October 2026 is closed." in page
    assert "Handed in" in page
    assert '<span class="visually-hidden">, closed</span>' in page
    assert f'href="{REOPEN}"' in page
    assert "Handed in" not in admin.get("/profit?month=2026-09").text
    assert 'name="first_month" value="2026-09"' in admin.get("/profit?month=2026-09").text
    assert 'name="first_month" value="2026-10"' not in page, "a closed month takes no new expense"
    assert "1,000\u00a0MAD" in admin.get(REOPEN).text
    answer = looked_and_sent(admin, REOPEN, {"reason": "A sale was forgotten"})
    assert (answer.status_code, answer.location) == (303, "/profit?month=2026-10")
    assert closed(database) == []


def test_without_a_reason_nothing_is_closed_or_reopened(admin: FlaskClient, sale: int, database: Database) -> None:
    refused = looked_and_sent(admin, CLOSE, {"reason": " "})
    assert refused.status_code == 422
    assert 'id="closing-reason-error"><span' in refused.text
    assert closed(database) == []
    looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    assert looked_and_sent(admin, REOPEN, {"reason": ""}).status_code == 422
    assert len(closed(database)) == 1


def test_what_cannot_be_closed_or_reopened_is_refused(admin: FlaskClient, sale: int, database: Database) -> None:
    assert admin.get(REOPEN).status_code == 409
    assert submit(admin, REOPEN, {"reason": "x"}).status_code == 409
    ahead = submit(admin, "/profit/months/2999-12/close", {"reason": "kept as typed"})
    assert ahead.status_code == 422
    assert "has not begun" in ahead.text
    assert "kept as typed" in ahead.text
    for path in ("/profit/months/2026-13/close", "/profit/months/x/reopen"):
        assert admin.get(path).status_code == 404
        assert submit(admin, path, {"reason": "x"}).status_code == 404
    looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    twice = submit(admin, CLOSE, {"reason": "Again"})
    assert twice.status_code == 409
    assert "closed already" in twice.text
    assert closed(database) == [("2026-10", "Handed in")]


def test_a_viewer_sees_that_a_month_is_closed_and_cannot_change_that(
    admin: FlaskClient, viewer: FlaskClient, sale: int, database: Database
) -> None:
    assert CLOSE not in viewer.get("/profit?month=2026-10").text
    for path in (CLOSE, REOPEN):
        assert viewer.get(path).status_code == 403
        assert submit(viewer, path, {"reason": "x"}).status_code == 403
    assert closed(database) == []
    looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    for address in ("/profit?month=2026-10", "/transactions?month=2026-10"):
        page = viewer.get(address).text
        assert "October 2026 is closed" in page
        assert REOPEN not in page


def test_sales_of_a_closed_month_have_a_lock_and_no_buttons(admin: FlaskClient, sale: int) -> None:
    assert "/void" in admin.get("/transactions?month=2026-10").text
    looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    page = admin.get("/transactions?month=2026-10").text
    assert "/void" not in page
    assert 'title="The month is closed."' in page


def test_a_sale_into_a_closed_month_is_refused_at_the_month(admin: FlaskClient, sale: int, database: Database) -> None:
    looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    refused = htmx(admin, "POST", "/transactions", SALE, source="form#new-sale", page="/transactions")
    assert refused.status_code == 409
    assert "2026-10 is closed" in partials(refused)["new-sale-month-error"]
    plain = submit(admin, "/transactions", SALE)
    assert plain.status_code == 409
    assert 'id="new-sale-month-error"><span' in plain.text
    void = htmx(admin, "DELETE", f"/transactions/{sale}", page="/transactions?month=2026-10")
    assert void.status_code == 409
    assert "2026-10 is closed" in partials(void)["notices"]
    with database.reading() as session:
        assert [each.id for each in transactions(session)] == [sale]


def test_an_expense_that_counts_in_a_closed_month_says_so(admin: FlaskClient, sale: int) -> None:
    looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    refused = htmx(admin, "PATCH", "/profit/expenses/1", {"amount": "900"}, source="input#expense-1-amount",
                   page="/profit?month=2026-10")  # fmt: skip
    assert refused.status_code == 409
    assert "This would change 2026-10, which is closed" in partials(refused)["expense-1-amount-error"]


def test_the_present_month_may_be_closed_after_a_warning(admin: FlaskClient, sale: int) -> None:
    page = admin.get("/profit").text
    path = page.partition('href="/profit/months/')[2].partition('"')[0]
    assert "This month is not over" in admin.get(f"/profit/months/{path}").text


def test_figures_that_changed_since_they_were_looked_at_are_not_closed_unseen(
    admin: FlaskClient, sale: int, database: Database
) -> None:
    looked_at = seen_on(admin, CLOSE)
    with database.transaction() as session:
        make.sale(session, session.get_one(Service, 1), 2, "2026-10")
    refused = submit(admin, CLOSE, {"reason": "kept as typed", "seen": looked_at})
    assert refused.status_code == 409
    assert "2026-10 changed since you looked" in refused.text
    assert "3,000\u00a0MAD" in refused.text
    assert "kept as typed" in refused.text
    assert closed(database) == []
    shown = re.search(r'name="seen" value="([^"]*)"', refused.text)
    assert shown
    assert submit(admin, CLOSE, {"reason": "Handed in", "seen": shown[1]}).status_code == 303


def test_a_closing_that_was_not_looked_at_is_not_reopened(admin: FlaskClient, sale: int, database: Database) -> None:
    looked_and_sent(admin, CLOSE, {"reason": "Handed in"})
    looked_at = seen_on(admin, REOPEN)
    looked_and_sent(admin, REOPEN, {"reason": "A sale was forgotten"})
    looked_and_sent(admin, CLOSE, {"reason": "Handed in again"})
    refused = submit(admin, REOPEN, {"reason": "x", "seen": looked_at})
    assert refused.status_code == 409
    assert "changed since you looked" in refused.text
    assert closed(database) == [("2026-10", "Handed in again")]
