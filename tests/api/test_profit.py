"""The P&L, the dashboard and the operating expenses over JSON."""

import pytest
import time_machine

from tests.api.conftest import Program
from vela.domain.ledger.models import Transaction


def test_the_pnl_of_a_month(viewer: Program, sale: Transaction) -> None:
    assert viewer.get("/api/pnl?month=2026-11").json == {
        "month": "2026-11",
        "total_revenue": 3000,
        "total_cost": 1800,
        "gross_profit": 1200,
        "gross_margin_pct": 40,
        "opex": 800,
        "net_profit": 400,
        "net_margin_pct": 13.33,
        "currency": "MAD",
    }


def test_a_month_without_revenue_has_no_margins(viewer: Program) -> None:
    answer = viewer.get("/api/pnl?month=2031-01").json
    assert (answer["total_revenue"], answer["net_profit"]) == (0, -800)
    assert answer["gross_margin_pct"] is answer["net_margin_pct"] is None


def test_the_current_month_is_that_of_the_books(viewer: Program) -> None:
    # Half an hour before midnight in UTC it is the first of December in Casablanca already.
    with time_machine.travel("2026-11-30T23:30:00+00:00", tick=False):
        viewer.token = viewer.log_in("youssef").json["token"]
        assert viewer.get("/api/pnl").json["month"] == "2026-12"


def test_the_dashboard_shows_the_months_that_the_pnl_shows(viewer: Program, sale: Transaction) -> None:
    with time_machine.travel("2026-11-15T12:00:00+00:00", tick=False):
        viewer.token = viewer.log_in("youssef").json["token"]
        board = viewer.get("/api/dashboard").json
        assert board["current"] == viewer.get("/api/pnl").json == board["trend"][-1]
    assert [month["month"] for month in board["trend"]][:2] == ["2025-12", "2026-01"]
    assert len(board["trend"]) == 12
    assert board["offers"] == [
        {"service_id": 1, "name": "Atlas", "cost_price": 900, "sell_price": 1500, "margin": 600, "margin_pct": 40}
    ]


def opex(program: Program, month: str) -> float:
    return program.get(f"/api/pnl?month={month}").json["opex"]


def test_operating_expenses_are_eight_hundred_from_the_start(viewer: Program) -> None:
    (expense,) = viewer.get("/api/expenses").json
    assert (expense["amount"], expense["first_month"], expense["last_month"]) == (800, None, None)
    assert viewer.get(f"/api/expenses/{expense['id']}").json == expense


def test_an_expense_counts_in_its_months(admin: Program) -> None:
    words = {"name": "Rent", "amount": 450.5, "first_month": "2026-02", "last_month": "2026-03"}
    answer = admin.post("/api/expenses", words)
    assert answer.status_code == 201
    assert {name: answer.json[name] for name in words} == words
    months = ("2026-01", "2026-02", "2026-03", "2026-04")
    assert [opex(admin, month) for month in months] == [800, 1250.5, 1250.5, 800]


def test_changing_keeps_what_is_left_out_and_null_is_no_bound(admin: Program) -> None:
    words = {"name": "Rent", "amount": 450, "first_month": "2026-02", "last_month": "2026-03"}
    path = admin.post("/api/expenses", words).headers["Location"]
    answer = admin.put(path, {"last_month": None})
    assert (answer.json["first_month"], answer.json["last_month"], answer.json["amount"]) == ("2026-02", None, 450)
    assert admin.put(path, answer.json).json == answer.json


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"amount": None}, "#/amount"),
        ({"amount": 1.005}, "#/amount"),
        ({"amount": -1}, "#/amount"),
        ({"first_month": "2026-13"}, "#/first_month"),
        ({"first_month": ""}, "#/first_month"),
        ({"last_month": "2026-01", "first_month": "2026-02"}, "#/last_month"),
        ({"name": ""}, "#/name"),
        ({"mounth": "2026-01"}, "#/mounth"),
    ],
    ids=str,
)
def test_a_wrong_expense_is_refused(admin: Program, words: dict[str, object], pointer: str) -> None:
    for answer in (
        admin.post("/api/expenses", {"name": "Rent", "amount": 450} | words),
        admin.put("/api/expenses/1", words),
    ):
        assert answer.status_code == 422
        assert [issue["pointer"] for issue in answer.json["errors"]] == [pointer]
    assert opex(admin, "2026-05") == 800


def test_an_expense_changed_meanwhile_is_not_overwritten(admin: Program) -> None:
    etag = admin.get("/api/expenses/1").headers["ETag"]
    assert admin.put("/api/expenses/1", {"amount": 850, "version": 1}).status_code == 200
    stale = admin.put("/api/expenses/1", {"amount": 900, "version": 1})
    assert (stale.status_code, stale.json["error"]) == (409, "STALE")
    for method, sent in (("PUT", {"json": {"amount": 900}}), ("DELETE", {})):
        assert admin.call(method, "/api/expenses/1", {"If-Match": etag}, **sent).status_code == 412
    assert opex(admin, "2026-05") == 850


def test_a_removed_expense_counts_nowhere(admin: Program) -> None:
    assert admin.delete("/api/expenses/1").status_code == 204
    assert opex(admin, "2026-05") == 0
    for again in (admin.delete("/api/expenses/1"), admin.get("/api/expenses/1"), admin.put("/api/expenses/1", {})):
        assert (again.status_code, again.json["error"]) == (404, "EXPENSE_NOT_FOUND")
