"""Why a month earned what it did and an offer costs what it does: the tools that look back, figure for figure."""

from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.mcp.conftest import Agent
from tests.mcp.test_same_as_the_api import Script
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger.closing import close_month
from vela.domain.ledger.commands import void_sale
from vela.domain.ledger.intake import MonthClosing
from vela.domain.ledger.queries import profits_of
from vela.intake import read
from vela.periods import Month, Span
from vela.shapes.profit import ProfitShape

pytestmark = pytest.mark.parametrize("era", ["auto"])


@pytest.fixture
def script(app: Flask, agent: Agent) -> Script:
    return Script(app, agent.token)


@pytest.fixture
def sold(database: Database, atlas: int) -> list[int]:
    """The ids of five sales of Atlas at 900/1500 in October 2026, of 1 to 5 units; the third is voided."""
    with database.transaction() as session:
        service = catalog.service(session, atlas)
        ids = [make.sale(session, service, quantity, "2026-10").id for quantity in range(1, 6)]
        void_sale(session, make.admin(), ids[2])
        make.sale(session, make.offer(session, "Rif"), 1, "2026-11")
    return ids


# ---------- months


@pytest.mark.usefixtures("sold")
def test_months_side_by_side_are_those_of_the_books(agent: Agent, database: Database) -> None:
    with database.transaction() as session:
        close_month(session, make.admin(), read(MonthClosing, {"month": "2026-10", "reason": "Handed in"}))
        figures = profits_of(session, Span(Month(2026, 9), Month(2026, 11)).months)
        expected = [ProfitShape.of(each, "MAD").model_dump(mode="json") for each in figures]
    answer = agent.answer("get_pnl_range", first="2026-09", last="2026-11")
    assert answer["months"] == [each | {"closed": each["month"] == "2026-10"} for each in expected]
    assert answer["total"] == {
        "total_revenue": 19000,
        "total_cost": 11400,
        "gross_profit": 7600,
        "gross_margin_pct": 40,
        "opex": 2400,
        "net_profit": 5200,
        "net_margin_pct": 27.37,
    }


def test_a_range_of_no_month_or_too_many_is_refused(agent: Agent) -> None:
    for first, last in (("2026-02", "2026-01"), ("2024-01", "2027-01")):
        body, _text = agent.refusal("get_pnl_range", first=first, last=last)
        assert [each["pointer"] for each in body["errors"]] == ["#/last"]
    assert len(agent.answer("get_pnl_range", first="2024-01", last="2026-12")["months"]) == 36


def test_the_expenses_of_a_month_come_with_what_they_add_up_to(agent: Agent, database: Database) -> None:
    with database.transaction() as session:
        make.expense(session, "Fair", 150.5, first_month="2026-10", last_month="2026-10")
    october, november = (agent.answer("get_expenses", month=month) for month in ("2026-10", "2026-11"))
    assert (october["total"], len(october["expenses"])) == (950.5, 2)
    assert (november["total"], len(november["expenses"])) == (800, 1)
    every = agent.answer("get_expenses")
    assert (every["month"], every["total"], len(every["expenses"])) == (None, None, 2)
    assert agent.answer("get_pnl", month="2026-10")["opex"] == october["total"]


# ---------- sales


def test_sales_are_those_of_the_api(agent: Agent, script: Script, sold: list[int], atlas: int) -> None:
    for words, query in (
        ({}, ""),
        ({"month": "2026-10"}, "?month=2026-10"),
        ({"service_id": atlas, "include_voided": True}, f"?service_id={atlas}&include_voided=true"),
    ):
        assert agent.answer("get_transactions", **words)["transactions"] == script.ask(
            "GET", f"/api/transactions{query}"
        )


def test_a_list_that_is_cut_short_still_says_what_all_of_it_comes_to(agent: Agent, sold: list[int], atlas: int) -> None:
    words: dict[str, Any] = {"month": "2026-10", "service_id": atlas, "include_voided": True, "limit": 2}
    total = {"sales": 4, "quantity": 12, "revenue": 18000, "cost": 10800, "margin": 7200, "margin_pct": 40, "voided": 1}
    listed: list[int] = []
    while True:
        answer = agent.answer("get_transactions", **words)
        assert answer["total"] == total
        listed += [sale["id"] for sale in answer["transactions"]]
        if answer["next_before"] is None:
            break
        words["before"] = answer["next_before"]
    assert listed == sold[::-1]
    assert agent.answer("get_pnl", month="2026-10")["total_revenue"] == total["revenue"]


def test_a_month_without_sales_is_an_empty_list_and_no_mistake(agent: Agent, atlas: int) -> None:
    answer = agent.answer("get_transactions", month="2031-05", service_id=atlas)
    assert (answer["transactions"], answer["next_before"], answer["total"]["margin_pct"]) == ([], None, None)


def test_sales_of_an_offer_that_does_not_exist_are_refused_with_those_that_do(agent: Agent, atlas: int) -> None:
    body, _text = agent.refusal("get_transactions", service_id=99)
    assert (body["error"], body["existing_ids"]) == ("SERVICE_NOT_FOUND", [atlas])


# ---------- offers


def test_the_history_of_an_offer_is_that_of_the_api(agent: Agent, script: Script, atlas: int, ram: int) -> None:
    agent.answer("update_component", component_id=ram, unit_cost=330)
    script.ask("POST", f"/api/services/{atlas}/revisions/2/undo")
    expected = script.ask("GET", f"/api/services/{atlas}/revisions")
    answer = agent.answer("get_revisions", service_id=atlas)
    assert (answer["revisions"], answer["total"], answer["next_before"]) == (expected, 3, None)
    assert expected[0]["undoes"] == 2
    assert agent.resource(f"vela://services/{atlas}/revisions") == answer
    pages = agent.answer("get_revisions", service_id=atlas, limit=1)
    assert (pages["revisions"], pages["total"], pages["next_before"]) == (expected[:1], 3, 3)
    pages = agent.answer("get_revisions", service_id=atlas, limit=2, before=3)
    assert (pages["revisions"], pages["next_before"]) == (expected[1:], None)


def test_two_revisions_say_line_by_line_what_moved_the_margin(
    agent: Agent, script: Script, atlas: int, ram: int
) -> None:
    agent.answer("update_component", component_id=ram, unit_cost=330.5, quantity=2)
    added = agent.answer(
        "add_component", service_id=atlas, name="Rebate", kind="adjustment", unit_cost=0, unit_sell=-100
    )
    answer = agent.answer("compare_revisions", service_id=atlas, from_revision=1)
    assert answer == agent.answer("compare_revisions", service_id=atlas, from_revision=1, to_revision=3)
    assert answer == script.ask("GET", f"/api/services/{atlas}/revisions/compare?from=1&to=3")
    stands = [{name: answer[side][name] for name in ("number", "cost_price", "sell_price", "margin_pct")}
              for side in ("first", "second")]  # fmt: skip
    assert stands == [
        {"number": 1, "cost_price": 900, "sell_price": 1500, "margin_pct": 40},
        {"number": 3, "cost_price": 1261, "sell_price": 1900, "margin_pct": 33.63},
    ]
    assert answer["change"] == {"cost": 361, "sell": 400, "margin": 39, "margin_pct_points": -6.37}
    lines = {each["component_id"]: each for each in answer["lines"]}
    assert [each["kind"] for each in answer["lines"]] == ["same", "changed", "added"]
    assert (lines[ram]["first"]["unit_cost"], lines[ram]["second"]["unit_cost"]) == (300, 330.5)
    assert lines[ram]["change"] == {"cost": 361, "sell": 500, "margin": 139, "margin_pct_points": -6.1}
    new = lines[added["component"]["id"]]
    assert (new["first"], new["change"]["sell"], new["change"]["margin_pct_points"]) == (None, -100, None)
    assert sum(each["change"]["margin"] for each in answer["lines"]) == answer["change"]["margin"]


def test_a_revision_that_does_not_exist_is_refused(agent: Agent, atlas: int) -> None:
    body, text = agent.refusal("compare_revisions", service_id=atlas, from_revision=1, to_revision=9)
    assert body["error"] == "REVISION_NOT_FOUND"
    assert "get_revisions" in text


def test_the_price_for_a_margin_is_beside_the_price_of_now_and_the_list(agent: Agent, database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500), list_sell=1600).id
    assert agent.answer("price_for_margin", service_id=offer, margin_pct="45.5") == {
        "service_id": offer,
        "name": "Atlas",
        "margin_pct": 45.5,
        "price": 1651.38,
        "now": {"cost_price": 900, "sell_price": 1500, "margin": 600, "margin_pct": 40},
        "then": {"cost_price": 900, "sell_price": 1651.38, "margin": 751.38, "margin_pct": 45.5},
        "price_change": 151.38,
        "price_change_pct": 10.09,
        "list_price": 1600,
        "list_change": 51.38,
        "list_change_pct": 3.21,
        "target_margin_pct": None,
        "currency": "MAD",
    }
    discount = agent.answer("price_for_margin", service_id=offer, margin_pct=0)
    assert (discount["price"], discount["price_change"], discount["price_change_pct"]) == (900, -600, -40)


def test_a_margin_that_no_price_leaves_is_refused(agent: Agent, database: Database, atlas: int) -> None:
    with database.transaction() as session:
        free = make.offer(session, "Advice", ("Talk", 0, 100)).id
    assert (
        agent.refusal("price_for_margin", service_id=atlas, margin_pct=100)[0]["errors"][0]["pointer"] == "#/margin_pct"
    )
    assert (
        agent.refusal("price_for_margin", service_id=atlas, margin_pct=-1)[0]["errors"][0]["pointer"] == "#/margin_pct"
    )
    assert agent.refusal("price_for_margin", service_id=free, margin_pct=40)[0]["error"] == "NO_COST"


# ---------- the trail


def test_the_trail_is_that_of_the_api(agent: Agent, script: Script, sold: list[int]) -> None:
    answer = agent.answer("get_changes", subject="transaction", username="operator", limit=3)
    expected = script.ask("GET", "/api/audit?subject=transaction&username=operator")
    assert (answer["changes"], answer["total"]) == (expected[:3], 7)
    rest = agent.answer("get_changes", subject="transaction", before=answer["next_before"])
    assert (rest["changes"], rest["next_before"]) == (expected[3:], None)
    assert agent.answer("get_changes", username=" Operator ", limit=3)["changes"][0]["username"] == "operator"
    body, text = agent.refusal("get_changes", subject="sale")
    assert ([each["pointer"] for each in body["errors"]], "transaction, expense" in text) == (["#/subject"], True)


def test_a_viewer_is_not_shown_the_trail(viewers_agent: Agent) -> None:
    assert "get_changes" not in [tool.name for tool in viewers_agent.tools()]
    assert viewers_agent.refusal("get_changes")[0]["status"] == 403


# ---------- all of them


@pytest.mark.parametrize("limit", [0, 101, 1.5, "5", True, -1])
def test_a_limit_out_of_bounds_is_refused_with_the_bounds(agent: Agent, atlas: int, limit: object) -> None:
    for tool, words in (("get_transactions", {}), ("get_changes", {}), ("get_revisions", {"service_id": atlas})):
        body, text = agent.refusal(tool, **words, limit=limit)
        assert [each["pointer"] for each in body["errors"]] == ["#/limit"]
        assert "from 1 to 100" in text
