"""The statement of profit and loss, and the operating expenses edited on it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, sign_in, submit
from vela.db import Database
from vela.domain.ledger.expenses import add_expense, change_expense
from vela.domain.ledger.intake import ExpenseChanges, NewExpense
from vela.domain.ledger.models import OperatingExpense
from vela.domain.ledger.queries import expenses, profit_of
from vela.intake import read
from vela.periods import Month

MARCH = Month(2026, 3)
PAGE = "/profit?month=2026-03"


@pytest.fixture
def books(database: Database) -> int:
    """March 2026: two of Atlas sold, at 600 each to us and 1,000 to them; returns the id of the first expense, 800."""
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 400, 700), ("RAM", 200, 300))
        make.sale(session, offer, 2, "2026-03")
        return expenses(session)[0].id


def row(page: str, name: str) -> list[str]:
    """The figures of a line of the statement."""
    found = re.search(rf'<th scope="row">(?:<a[^>]*><svg.*?</svg>)?{name}(?:</a>)?</th>(.*?)</tr>', page, re.DOTALL)
    assert found, name
    return [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1])]


def opex_of_march(database: Database) -> str:
    with database.reading() as session:
        return f"{profit_of(session, MARCH).opex}"


def test_the_statement_holds_twelve_months_and_their_sums(viewer: FlaskClient, books: int) -> None:
    page = viewer.get(PAGE).text
    assert row(page, "Revenue")[-3:] == ["0", "2,000", "2,000"]
    assert row(page, "Atlas")[-3:] == ["—", "2,000", "2,000"]
    assert row(page, "Cost of components")[-3:] == ["0", "−1,200", "−1,200"]
    assert row(page, "HDD")[-3:] == ["—", "−800", "−800"]
    assert row(page, "Gross profit")[-3:] == ["0", "800", "800"]
    assert row(page, "Gross margin")[-3:] == ["—", "40.0%", "40.0%"]
    assert row(page, "Opex")[-2:] == ["−800", "−9,600"]
    assert row(page, "Net profit")[-3:] == ["−800", "0", "−8,800"]
    assert row(page, "Net margin")[-3:] == ["—", "0.0%", "−440.0%"]
    assert len(row(page, "Revenue")) == 13
    assert "Net margin 0.0%" in page


def test_the_statement_is_in_whole_units_and_a_cell_tells_its_cents(
    viewer: FlaskClient, books: int, database: Database
) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session, "Odd", ("Part", "0.10", "0.55")), 1, "2026-03")
    page = viewer.get(PAGE).text
    assert row(page, "Revenue")[-2:] == ["2,001", "2,001"]
    assert re.search(r'<td class="num now" title="2,000.55"><a class="v-fig" href="[^"]+">2,001</a></td>', page)
    assert "rounded to whole MAD" in page
    assert "2,000.55</text>" in page, "the waterfall has room"


def test_the_waterfall_leads_from_revenue_to_net_profit(viewer: FlaskClient, books: int) -> None:
    page = viewer.get(PAGE).text
    bars = re.findall(r'<span class="v">(.*?)</span></div><span class="n"><a [^>]+>(.*?)</a></span>', page)
    assert bars == [
        ("2,000", "Revenue"),
        ("−800", "HDD"),
        ("−400", "RAM"),
        ("800", "Gross profit"),
        ("−800", "Opex"),
        ("0", "Net profit"),
    ]
    assert 'class="zero"' not in page
    loss = viewer.get("/profit?month=2026-04").text
    assert 'class="zero"' in loss
    assert 'class="k-bad"' in loss
    assert "No revenue, no margin" in loss


def test_a_month_that_is_none_is_refused_in_words(viewer: FlaskClient) -> None:
    answer = viewer.get("/profit?month=2026-00")
    assert answer.status_code == 422
    assert "Write the month as YYYY-MM" in answer.text


def test_viewers_see_plain_text_and_change_nothing(viewer: FlaskClient, books: int, database: Database) -> None:
    page = viewer.get(PAGE).text
    assert "hx-patch" not in page
    assert "<input" not in page.partition("<main")[2].partition("</main>")[0]
    assert "expense-new" not in page
    for method, path in (
        ("PATCH", f"/profit/expenses/{books}"),
        ("POST", f"/profit/expenses/{books}"),
        ("POST", "/profit/expenses"),
        ("POST", f"/profit/expenses/{books}/from"),
        ("POST", f"/profit/expenses/{books}/remove"),
        ("DELETE", f"/profit/expenses/{books}"),
        ("POST", f"/profit/expenses/{books}/put-back"),
        ("POST", f"/profit/expenses/{books}/undo?amount=1&became_amount=800"),
        ("POST", f"/profit/expenses/{books}/from-here?amount=1&became_amount=800"),
    ):
        answer = htmx(viewer, method, path, {"amount": "1"}, source=f"input#expense-{books}-amount")
        assert (answer.status_code, "An admin can." in answer.text) == (403, True), (method, path)
    assert opex_of_march(database) == "800.00"


def test_an_edit_changes_row_statement_waterfall_and_badge_at_once(
    admin: FlaskClient, books: int, database: Database
) -> None:
    cell = f"expense-{books}-amount"
    answer = htmx(
        admin, "PATCH", f"/profit/expenses/{books}?month=2026-03", {"amount": "1 000,50", "version": "1"},
        source=f"input#{cell}", page=PAGE,
    )  # fmt: skip
    assert answer.status_code == 200
    changed = partials(answer)
    assert 'class="v-saved" value="1,000.50"' in changed[f"{cell}-error"]
    assert changed["opex"] == '<span class="v-bump">1,000.50</span>'
    assert changed[f"expense-{books}-counts"] == "1,000.50"
    assert row(changed["statement-rows"], "Opex")[-2:] == ["−1,001", "−12,006"]
    assert 'title="−1,000.50"' in changed["statement-rows"]
    assert "rounded to whole MAD" in changed["rounded"]
    assert row(changed["statement-rows"], "Net profit")[-1:] == ["−11,206"]
    assert "−1,000.50" in changed["waterfall"]
    assert "Net margin −10.0%" in changed["net-margin"]
    assert 'value="2"' in changed[f"expense-{books}-version"]
    assert changed["announce"] == "Saved. Opex 1,000.50, net profit −200.50."
    assert opex_of_march(database) == "1000.50"


def test_books_without_a_sale_teach_what_the_page_is_for(admin: FlaskClient, books: int) -> None:
    page = admin.get("/profit?month=2026-02").text
    assert "No sales in these twelve months" in page
    assert 'href="/transactions#new-sale"' in page
    assert "No revenue, no margin" not in page
    assert '<ol class="v-fall"' not in page
    assert row(page, "Opex")[-2:] == ["−800", "−9,600"]


def test_a_month_without_expenses_says_what_belongs_there(viewer: FlaskClient, books: int) -> None:
    assert "Add what runs every month and belongs to no sale, such as rent" in viewer.get("/profit").text


def test_a_new_expense_begins_with_the_month_shown_unless_that_is_cleared(
    admin: FlaskClient, books: int, database: Database
) -> None:
    page = admin.get(PAGE).text
    assert 'id="expense-new-first_month" name="first_month" value="2026-03" type="month"' in page
    assert "Leave empty for every month." in page
    words = {"name": "Rack", "amount": "250", "first_month": "", "last_month": ""}
    added = partials(htmx(admin, "POST", "/profit/expenses?month=2026-03", words, source="form#expense-new"))
    assert 'value="2026-03"' in added["expense-new-fields"], "the next one begins with it again"
    assert row(added["statement-rows"], "Opex")[-3:-1] == ["−1,050", "−1,050"]


def restated(admin: FlaskClient, expense: int, **typed: str) -> tuple[str, list[str]]:
    """What the toast of a change says, and where its buttons lead."""
    path = f"/profit/expenses/{expense}?month=2026-03"
    toast = partials(htmx(admin, "PATCH", path, typed, source=f"input#expense-{expense}-{next(iter(typed))}"))["toasts"]
    return toast, [found.replace("&amp;", "&") for found in re.findall(r'hx-post="([^"]+)"', toast)]


def test_a_new_amount_says_that_it_restates_the_past_and_goes_back(
    admin: FlaskClient, books: int, database: Database
) -> None:
    toast, (_, first) = restated(admin, books, amount="900")
    assert "Operating expenses is now 900 in every month, was 800." in toast
    toast, (_, second) = restated(admin, books, amount="950")
    assert "is now 950 in every month, was 900." in toast
    assert "data-undo" in toast
    early = htmx(admin, "POST", first)
    assert (early.status_code, "changed again meanwhile" in partials(early)["notices"]) == (409, True)
    back = partials(htmx(admin, "POST", second))
    assert 'class="v-saved" value="900"' in back[f"expense-{books}-amount-error"]
    assert "toasts" not in back
    assert partials(htmx(admin, "POST", first))["opex"] == '<span class="v-bump">800</span>'
    assert opex_of_march(database) == "800.00"
    same = htmx(admin, "PATCH", f"/profit/expenses/{books}", {"amount": "800"}, source=f"input#expense-{books}-amount")
    assert "toasts" not in partials(same), "nothing changed"


def test_a_new_amount_can_count_from_the_month_shown_on_alone(admin: FlaskClient, books: int) -> None:
    toast, (only, undo) = restated(admin, books, amount="900")
    assert "Only from Mar 2026" in toast
    changed = partials(htmx(admin, "POST", only))
    assert row(changed["statement-rows"], "Opex")[-3:] == ["−800", "−900", "−9,700"]
    assert 'value="2026-02"' in changed[f"expense-{books}"]
    assert htmx(admin, "POST", undo).status_code == 409, "there is nothing left to undo"


def test_a_new_month_says_what_it_restates_and_goes_back(admin: FlaskClient, books: int, database: Database) -> None:
    toast, (undo,) = restated(admin, books, first_month="2026-04")
    assert "now counts in every month from Apr 2026 on. Before, it counted in every month." in toast
    assert opex_of_march(database) == "0.00"
    back = partials(htmx(admin, "POST", undo))
    assert 'value=""' in back[f"expense-{books}-first_month-error"]
    assert opex_of_march(database) == "800.00"
    restated(admin, books, last_month="2026-03")
    toast, buttons = restated(admin, books, first_month="2026-03")
    assert "in every month from Mar 2026 to Mar 2026" in toast
    assert "in every month up to Mar 2026" in toast
    toast, buttons = restated(admin, books, amount="900")
    assert len(buttons) == 1, "it counts in no month before"


def test_bounds_decide_which_months_an_expense_counts_in(admin: FlaskClient, books: int) -> None:
    path, cell = f"/profit/expenses/{books}?month=2026-03", f"input#expense-{books}-last_month"
    changed = partials(htmx(admin, "PATCH", path, {"last_month": "2026-02"}, source=cell))
    assert changed[f"expense-{books}-counts"] == "—"
    assert row(changed["statement-rows"], "Opex")[-3:] == ["−800", "0", "−8,800"]
    opened = partials(htmx(admin, "PATCH", path, {"last_month": " "}, source=cell))
    assert 'class="v-saved" value=""' in opened[f"expense-{books}-last_month-error"]
    assert opened[f"expense-{books}-counts"] == "800"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("amount", "4oo", "Enter a number of 0 or more"),
        ("amount", "-1", "Enter a number of 0 or more"),
        ("amount", "1.005", "Use at most 2 decimals."),
        ("name", " ", "Give it a name."),
        ("first_month", "2026-13", "Write the month as YYYY-MM"),
        ("unit_cost", "1", "There is no field named unit_cost here."),
    ],
)
def test_what_cannot_be_is_refused_in_the_slot_of_its_cell(
    admin: FlaskClient, books: int, database: Database, field: str, typed: str, words: str
) -> None:
    source = f"expense-{books}-{field}"
    answer = htmx(admin, "PATCH", f"/profit/expenses/{books}", {field: typed}, source=f"input#{source}")
    assert answer.status_code == 422
    assert words in partials(answer)[f"{source}-error"]
    plain = submit(admin, f"/profit/expenses/{books}?month=2026-03", {field: typed})
    assert plain.status_code == 422
    assert field == "unit_cost" or words in plain.text
    assert opex_of_march(database) == "800.00"


def test_a_complaint_about_another_field_stands_at_the_cell_that_was_typed_in(
    admin: FlaskClient, books: int, database: Database
) -> None:
    path = f"/profit/expenses/{books}"
    htmx(admin, "PATCH", path, {"last_month": "2026-02"}, source=f"input#expense-{books}-last_month")
    answer = htmx(admin, "PATCH", path, {"first_month": "2026-05"}, source=f"input#expense-{books}-first_month")
    assert answer.status_code == 422
    assert "cannot come before" in partials(answer)[f"expense-{books}-first_month-error"]


def test_the_second_of_two_sees_what_the_first_wrote(admin: FlaskClient, books: int, database: Database) -> None:
    with database.transaction() as session:
        change_expense(session, make.admin(), books, ExpenseChanges(amount="900"))  # pyright: ignore[reportArgumentType]
    source = f"expense-{books}-amount"
    path = f"/profit/expenses/{books}"
    answer = htmx(admin, "PATCH", path, {"amount": "850", "version": "1"}, source=f"input#{source}")
    assert answer.status_code == 409
    assert "Theirs 900, yours 850." in partials(answer)[f"{source}-error"]
    assert opex_of_march(database) == "900.00"
    again = htmx(admin, "PATCH", path, {"amount": "850", "version": "2"}, source=f"input#{source}")
    assert again.status_code == 200
    same = htmx(admin, "PATCH", path, {"amount": "850", "version": "1"}, source=f"input#{source}")
    assert same.status_code == 200, "what stands there already is no quarrel"
    plain = submit(admin, path, {"amount": "1", "version": "1"})
    assert plain.status_code == 409


def test_an_expense_is_added(admin: FlaskClient, books: int, database: Database) -> None:
    words = {"name": "Rack <b>", "amount": "250", "first_month": "2026-03", "last_month": ""}
    answer = htmx(admin, "POST", "/profit/expenses?month=2026-03", words, source="form#expense-new")
    assert answer.status_code == 200
    changed = partials(answer)
    assert 'value="Rack &lt;b&gt;"' in changed["expense-rows"]
    assert 'value=""' in changed["expense-new-fields"]
    assert row(changed["statement-rows"], "Opex")[-3:] == ["−800", "−1,050", "−9,850"]
    plain = submit(admin, "/profit/expenses?month=2026-03", {"name": "Power", "amount": "50"})
    assert (plain.status_code, plain.headers["Location"]) == (303, f"{PAGE}#expenses")
    assert "Power" in admin.get(PAGE).text
    assert opex_of_march(database) == "1100.00"


def test_a_new_expense_that_cannot_be_keeps_what_was_typed(admin: FlaskClient, books: int, database: Database) -> None:
    words = {"name": "", "amount": "lots"}
    answer = htmx(admin, "POST", "/profit/expenses", words, source="form#expense-new")
    assert answer.status_code == 422
    assert {"expense-new-name-error", "expense-new-amount-error"} <= partials(answer).keys()
    plain = submit(admin, "/profit/expenses?month=2026-03", {"name": "Rack", "amount": "lots"})
    assert plain.status_code == 422
    assert 'value="Rack"' in plain.text
    assert 'value="lots"' in plain.text
    assert "Enter a number of 0 or more" in plain.text
    assert opex_of_march(database) == "800.00"


def test_a_new_amount_from_a_month_on_leaves_the_months_before(admin: FlaskClient, books: int) -> None:
    path = f"/profit/expenses/{books}/from?month=2026-03"
    answer = htmx(admin, "POST", path, {"amount": "900", "month": "2026-03"}, source=f"form#expense-{books}-from")
    assert answer.status_code == 200
    changed = partials(answer)
    assert row(changed["statement-rows"], "Opex")[-3:] == ["−800", "−900", "−9,700"]
    assert 'value="2026-02"' in changed[f"expense-{books}"]
    assert 'value="2026-03"' in changed["expense-rows"]
    refused = htmx(admin, "POST", path, {"amount": "", "month": "2027-01"}, source=f"form#expense-{books}-from")
    assert refused.status_code == 422
    assert f"expense-{books}-from-amount-error" in partials(refused)
    late = htmx(admin, "POST", path, {"amount": "1", "month": "2027-01"}, source=f"form#expense-{books}-from")
    assert "Choose a month" in partials(late)[f"expense-{books}-from-month-error"]
    plain = submit(admin, path, {"amount": "1", "month": "2027-01"})
    assert plain.status_code == 422
    assert "Choose a month" in plain.text


def test_a_removal_can_be_taken_back(admin: FlaskClient, books: int, database: Database) -> None:
    with database.transaction() as session:
        later = add_expense(session, make.admin(), read(NewExpense, {"name": "Rack", "amount": 50})).id
    removed = htmx(
        admin, "POST", f"/profit/expenses/{books}/remove?month=2026-03", source=f"button#expense-{books}-remove"
    )
    assert removed.status_code == 200
    changed = partials(removed)
    assert row(changed["statement-rows"], "Opex")[-1] == "−600"
    assert f"/profit/expenses/{books}/put-back?month=2026-03" in changed["toasts"]
    assert removed.text.rstrip().endswith("</hx-partial>")
    replaced = f'<hx-partial hx-target="#expense-{books}" hx-swap="outerHTML">'
    assert removed.text.rindex("<hx-partial") == removed.text.index(replaced)
    assert f'class="is-gone" data-gone="expense-{books}-toast"' in removed.text
    back = htmx(admin, "POST", f"/profit/expenses/{books}/put-back?month=2026-03")
    assert f'hx-target="#expense-{later}" hx-swap="beforebegin"' in back.text
    assert opex_of_march(database) == "850.00"
    twice = htmx(admin, "POST", f"/profit/expenses/{books}/put-back?month=2026-03")
    assert (twice.status_code, "counts already" in partials(twice)["notices"]) == (409, True)
    plain = submit(admin, f"/profit/expenses/{later}/remove?month=2026-03")
    assert (plain.status_code, plain.headers["Location"]) == (303, f"{PAGE}#expenses")
    assert "Rack" not in admin.get(PAGE).text


def test_what_somebody_else_removed_disappears(admin: FlaskClient, books: int, database: Database) -> None:
    assert submit(admin, f"/profit/expenses/{books}/remove").status_code == 303
    answer = htmx(admin, "PATCH", f"/profit/expenses/{books}", {"amount": "1"}, source=f"input#expense-{books}-amount")
    assert answer.status_code == 404
    assert "There is no" in partials(answer)["notices"]
    assert partials(answer)["expense-rows"] == ""
    assert submit(admin, "/profit/expenses/999999", {"amount": "1"}).status_code == 404
    with database.reading() as session:
        kept = session.get(OperatingExpense, books)
        assert kept is not None
        assert kept.amount == 800


def test_every_field_is_named_and_tied_to_its_slot(app: Flask, admin: FlaskClient, books: int) -> None:
    page = admin.get(PAGE).text
    for field in re.findall(r"<input class=\"v-in\"[^>]*>", page):
        described = re.search(r'aria-describedby="([^"]+)"', field)
        assert described
        assert f'id="{described[1]}"' in page
        assert 'aria-label="' in field
    assert "style=" not in page
    assert sign_in(app, "salma").get("/profit").status_code == 200
