"""Profit and loss of several months over JSON: the figures of the pages, and what they are made of."""

import re
from decimal import Decimal

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Program
from tests.web.conftest import sign_in
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.ledger.models import Transaction


@pytest.fixture
def year(books: Database, atlas: Service) -> None:
    """Atlas at 900/1500 in September, October and November 2026, and Rif at 300.10/600 in November."""
    with books.transaction() as session:
        for month, quantity in (("2026-09", 1), ("2026-10", 2), ("2026-11", 3)):
            make.sale(session, atlas, quantity, month)
        make.sale(session, make.offer(session, "Rif", ("SSD", "300.10", 600)), 2, "2026-11")
        make.expense(session, "Power", "450.50", first_month="2026-10", last_month="2026-11")


def of_month(program: Program, month: str) -> dict[str, object]:
    profit = program.get(f"/api/pnl?month={month}").json
    return {name: value for name, value in profit.items() if name not in ("month", "currency")}


def test_the_columns_of_a_statement_are_the_months_themselves(viewer: Program, year: None) -> None:
    shown = viewer.get("/api/pnl/statement?to=2026-11").json
    assert [each["period"] for each in shown["columns"]][-3:] == ["2026-09", "2026-10", "2026-11"]
    assert len(shown["columns"]) == 12
    for column in shown["columns"]:
        assert of_month(viewer, column.pop("period")) == column
    brought = {row["name"]: (row["amounts"][-3:], row["total"]) for row in shown["revenue_by_offer"]}
    assert brought == {"Atlas": ([1500, 3000, 4500], 9000), "Rif": ([None, None, 1200], 1200)}
    cost = {row["name"]: row["total"] for row in shown["cost_by_group"]}
    assert cost == {"HDD": 3600, "RAM": 1800, "SSD": 600.2}
    assert (shown["total"]["total_revenue"], shown["total"]["total_cost"], shown["currency"]) == (10200, 6000.2, "MAD")


@pytest.mark.parametrize(
    ("by", "to", "count"), [("quarter", "2026-Q4", 8), ("year", "2026", 1), ("month", "2026-11", 12)]
)
def test_a_statement_shows_the_figures_of_the_page(
    app: Flask, viewer: Program, year: None, by: str, to: str, count: int
) -> None:
    shown = viewer.get(f"/api/pnl/statement?by={by}&to={to}").json
    assert (len(shown["columns"]), shown["columns"][-1]["period"]) == (count, to)
    page = sign_in(app, "youssef").get(f"/profit.json?by={by}&to={to}").get_json(force=True)
    rows = {row["line"]: row for row in page["rows"] if row["part"] is None}
    signs = {"total_revenue": ("revenue", 1), "total_cost": ("cost", -1), "gross_profit": ("gross_profit", 1),
             "gross_margin_pct": ("gross_margin_pct", 1), "opex": ("opex", -1), "net_profit": ("net_profit", 1),
             "net_margin_pct": ("net_margin_pct", 1)}  # fmt: skip
    for name, (line, sign) in signs.items():
        assert shown["columns"][-1][name] == sign * rows[line][to], name
        assert shown["total"][name] == sign * rows[line]["total"], name


def test_a_range_adds_up_its_parts(viewer: Program, year: None) -> None:
    said = viewer.get("/api/pnl/range?from=2026-09&to=2026-11").json
    assert [part["period"] for part in said["parts"]] == ["2026-09", "2026-10", "2026-11"]
    assert said["total"]["total_revenue"] == sum(part["total_revenue"] for part in said["parts"]) == 10200
    net = sum(Decimal(str(of_month(viewer, part["period"])["net_profit"])) for part in said["parts"])
    assert Decimal(str(said["total"]["net_profit"])) == net
    assert said["total"]["gross_margin_pct"] == 41.17
    years = viewer.get("/api/pnl/range?from=2020-01&to=2026-12").json["parts"]
    assert [part["period"] for part in years] == [str(each) for each in range(2020, 2027)]
    alone = viewer.get("/api/pnl/range?from=2026-10").json
    assert (alone["first_month"], alone["last_month"], len(alone["parts"])) == ("2026-10", "2026-10", 1)
    assert len(viewer.get("/api/pnl/range").json["parts"]) == 1


def test_a_cost_is_made_of_components_at_their_prices(admin: Program, atlas: Service, books: Database) -> None:
    with books.transaction() as session:
        make.sale(session, atlas, 2)
    admin.put("/api/components/1", {"unit_cost": 640})
    admin.post("/api/transactions", {"service_id": 1, "quantity": 1, "month": "2026-11"})
    said = admin.get("/api/pnl/cost?from=2026-11").json
    assert said["cost"] == admin.get("/api/pnl?month=2026-11").json["total_cost"] == 2740
    told = [
        (part["name"], part["unit_cost"], part["sold"], part["cost"], part["first_revision"]) for part in said["parts"]
    ]
    assert told == [("HDD", 600, 2, 1200, 1), ("RAM", 300, 3, 900, 1), ("HDD", 640, 1, 640, 2)]
    narrowed = admin.get("/api/pnl/cost?from=2026-11&heading=HDD").json
    assert (narrowed["cost"], {part["name"] for part in narrowed["parts"]}) == (1840, {"HDD"})
    assert admin.get("/api/pnl/cost?from=2026-11&heading=GPU").json["parts"] == []


def test_the_opex_of_a_range_is_made_of_expenses(viewer: Program, year: None) -> None:
    said = viewer.get("/api/pnl/opex?from=2026-09&to=2026-11").json
    assert said["total"] == viewer.get("/api/pnl/range?from=2026-09&to=2026-11").json["total"]["opex"]
    power = next(each for each in said["expenses"] if each["expense"]["name"] == "Power")
    assert (power["first_month"], power["last_month"], power["months"], power["total"]) == (
        "2026-10",
        "2026-11",
        2,
        901,
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("statement?by=week", "by"),
        ("statement?by=quarter&to=2026-11", "to"),
        ("statement?by=year&to=26", "to"),
        ("statement?to=2026-13", "to"),
        ("statement?month=2026-11", "month"),
        ("range?from=2026-11&to=2026-10", "to"),
        ("range?from=1900-01&to=2026-10", "to"),
        ("range?from=November", "from"),
        ("cost?from=2026-11&group=HDD", "group"),
        ("opex?month=2026-11", "month"),
    ],
)
def test_a_period_that_is_none_is_refused(viewer: Program, query: str, field: str) -> None:
    refused = viewer.get(f"/api/pnl/{query}")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"#/{field}")
    assert not re.search("Input should|String should", refused.text)


def test_a_voided_sale_counts_again(admin: Program, sale: Transaction) -> None:
    before = admin.get("/api/pnl?month=2026-11").json
    path = f"/api/transactions/{sale.id}/reinstate"
    counting = admin.post(path)
    assert (counting.status_code, counting.json["error"]) == (409, "NOT_VOIDED")
    admin.delete(f"/api/transactions/{sale.id}")
    assert admin.get("/api/pnl?month=2026-11").json["total_revenue"] == 0
    again = admin.post(path)
    assert (again.status_code, again.json["voided_at"]) == (200, None)
    assert admin.get("/api/pnl?month=2026-11").json == before
    assert admin.post("/api/transactions/99/reinstate").json["error"] == "TRANSACTION_NOT_FOUND"
    admin.delete(f"/api/transactions/{sale.id}")
    admin.post("/api/months/2026-11/close", {"reason": "Handed in"})
    assert admin.post(path).json["error"] == "MONTH_CLOSED"


def test_a_viewer_does_not_count_a_sale_again(viewer: Program, sale: Transaction) -> None:
    assert viewer.post(f"/api/transactions/{sale.id}/reinstate").status_code == 403
