"""What agents read is what the domain computes, figure for figure."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests import make
from tests.mcp.conftest import Agent
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import deactivate
from vela.domain.insight.dashboard import dashboard
from vela.domain.ledger.queries import profit_of
from vela.domain.workspace.settings import current_month
from vela.periods import Month
from vela.shapes.offers import ServiceShape
from vela.shapes.profit import DashboardShape, ProfitShape


@pytest.fixture
def sold(database: Database, atlas: int) -> int:
    """Atlas with three units sold in October 2026, and one this month."""
    with database.transaction() as session:
        service = catalog.service(session, atlas)
        make.sale(session, service, 3, "2026-10")
        make.sale(session, service, 1, str(current_month(session)))
    return atlas


@pytest.mark.usefixtures("sold")
def test_the_profit_of_a_month_is_that_of_the_books(agent: Agent, database: Database) -> None:
    answer = agent.answer("get_pnl", month="2026-10")
    assert agent.resource("vela://pnl/2026-10") == answer
    assert answer == {
        "month": "2026-10",
        "total_revenue": 4500,
        "total_cost": 2700,
        "gross_profit": 1800,
        "gross_margin_pct": 40,
        "opex": 800,
        "net_profit": 1000,
        "net_margin_pct": 22.22,
        "currency": "MAD",
    }
    with database.reading() as session:
        assert answer == ProfitShape.of(profit_of(session, Month.parse("2026-10")), "MAD").model_dump(mode="json")


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("words", [{}, {"month": None}])
def test_without_a_month_the_profit_is_that_of_the_current_one(
    agent: Agent, database: Database, words: dict[str, Any]
) -> None:
    with database.reading() as session:
        month = current_month(session)
        expected = ProfitShape.of(profit_of(session, month), "MAD").model_dump(mode="json")
    assert expected["total_revenue"] == 1500
    assert agent.answer("get_pnl", **words) == expected
    assert agent.resource("vela://pnl/current") == expected


def test_a_month_without_sales_is_zeros_and_no_mistake(agent: Agent) -> None:
    answer = agent.answer("get_pnl", month="2031-05")
    assert (answer["total_revenue"], answer["net_profit"], answer["net_margin_pct"]) == (0, -800, None)


def test_offers_come_with_ids_components_and_totals(agent: Agent, database: Database, atlas: int) -> None:
    (service,) = agent.answer("get_services")["services"]
    assert (service["id"], service["cost_price"], service["sell_price"], service["margin_pct"]) == (
        atlas,
        900,
        1500,
        40,
    )
    with database.reading() as session:
        expected = ServiceShape.of(catalog.service(session, atlas), "MAD").model_dump(mode="json")
    assert service == expected
    assert agent.answer("get_service", service_id=atlas) == expected
    assert agent.resource("vela://services") == {"services": [expected]}
    assert agent.resource(f"vela://services/{atlas}") == expected


def test_offers_that_are_not_sold_are_listed_only_when_asked_for(agent: Agent, database: Database, atlas: int) -> None:
    with database.transaction() as session:
        deactivate(session, make.admin(), atlas)
    assert agent.answer("get_services") == {"services": []}
    (service,) = agent.answer("get_services", include_inactive=True)["services"]
    assert (service["id"], service["active"]) == (atlas, False)
    assert agent.answer("get_service", service_id=atlas)["active"] is False


@pytest.mark.usefixtures("sold")
def test_the_dashboard_is_the_one_of_the_pages(agent: Agent, database: Database) -> None:
    answer = agent.answer("get_dashboard")
    with database.reading() as session:
        board = dashboard(session, current_month(session))
        assert answer == DashboardShape.of(board, "MAD").model_dump(mode="json")
    assert len(answer["trend"]) == 12
    assert answer["current"] == agent.answer("get_pnl")


def test_dearer_ram_is_answered_offer_by_offer_and_changes_nothing(agent: Agent, atlas: int, ram: int) -> None:
    before = agent.answer("get_service", service_id=atlas)
    answer = agent.answer("what_if", cost_change_pct=10, only="ram")
    assert answer == {
        "cost_change_pct": 10,
        "sell_change_pct": 0,
        "only": "ram",
        "moved_components": ["RAM (16GB)"],
        "currency": "MAD",
        "offers": [
            {
                "service_id": atlas,
                "name": "Atlas",
                "now": {"cost_price": 900, "sell_price": 1500, "margin": 600, "margin_pct": 40},
                "then": {"cost_price": 930, "sell_price": 1500, "margin": 570, "margin_pct": 38},
                "margin_change": -30,
                "margin_pct_change": -2,
                "price_to_keep_margin": 1550,
                "moved": [{"id": ram, "name": "RAM (16GB)", "group": "", "unit_cost_now": 300, "unit_cost_then": 330}],
            }
        ],
    }
    assert agent.answer("get_service", service_id=atlas) == before


def test_a_supposed_price_cut_reaches_every_price(agent: Agent, atlas: int) -> None:
    (offer,) = agent.answer("what_if", sell_change_pct="-10")["offers"]
    assert (offer["service_id"], offer["then"]["sell_price"], offer["margin_change"]) == (atlas, 1350, -150)


def test_a_margin_that_is_undefined_stays_undefined(agent: Agent, database: Database) -> None:
    with database.transaction() as session:
        make.offer(session, "Gift", ("Sticker", 1, 0))
    (offer,) = agent.answer("what_if", cost_change_pct=10)["offers"]
    assert (offer["now"]["margin_pct"], offer["margin_pct_change"], offer["price_to_keep_margin"]) == (None, None, None)


def test_supposing_about_a_component_that_nobody_has_says_so(agent: Agent, atlas: int) -> None:
    body, words = agent.refusal("what_if", cost_change_pct=10, only="GPU")
    assert (body["error"], body["status"], body["errors"][0]["pointer"]) == ("INVALID", 422, "#/only")
    assert words.startswith("only: No component of an active offer has a name or a group like that.")


MISUNDERSTOOD: list[tuple[str, dict[str, Any], str, str]] = [
    ("get_pnl", {"month": "2026-13"}, "month", "Write the month as YYYY-MM, such as 2026-11."),
    ("get_pnl", {"month": "٢٠٢٦-٠١"}, "month", "Write the month as YYYY-MM, such as 2026-11."),
    ("get_pnl", {"mouth": "2026-11"}, "mouth", "There is no field named mouth here. Leave it out."),
    ("get_services", {"include_inactive": "perhaps"}, "include_inactive", "Say true or false."),
    ("get_services", {"active": True}, "active", "There is no field named active here. Leave it out."),
    ("get_service", {}, "service_id", "This is needed. Fill it in."),
    ("get_service", {"service_id": "x"}, "service_id", "Enter a whole number of 1 or more."),
    ("get_service", {"service_id": 1, "id": 1}, "id", "There is no field named id here. Leave it out."),
    ("get_dashboard", {"month": "2026-11"}, "month", "There is no field named month here. Leave it out."),
    ("what_if", {"cost_change_pct": "10 %"}, "cost_change_pct", "Enter a number, such as 400."),
    ("what_if", {"cost_change_pct": 1e400}, "cost_change_pct", "Enter a number, such as 400."),
    ("what_if", {"sell_change_pct": 0.125}, "sell_change_pct", "Use at most 2 decimals."),
    ("what_if", {"only": "x" * 81}, "only", "Use at most 80 characters."),
    ("what_if", {"percent": 10}, "percent", "There is no field named percent here. Leave it out."),
]


def test_a_question_that_cannot_be_understood_is_refused_by_the_name_of_the_argument(agent: Agent) -> None:
    for tool, words, argument, told in MISUNDERSTOOD:
        body, said = agent.refusal(tool, **words)
        assert body["errors"] == [{"detail": told, "pointer": f"#/{argument}"}]
        assert (body["status"], body["error"], body["detail"]) == (422, "INVALID", told)
        assert said == f"{argument}: {told} Nothing was changed."


def test_an_unknown_offer_is_answered_with_the_ids_that_exist(agent: Agent, atlas: int) -> None:
    body, words = agent.refusal("get_service", service_id=atlas + 1)
    assert (body["error"], body["status"], body["existing_ids"]) == ("SERVICE_NOT_FOUND", 404, [atlas])
    assert words == f"There is no service with id {atlas + 1}. These exist: {atlas}."


@pytest.fixture
def _a_fault(database: Database) -> Iterator[None]:
    """A fault of the installation: the table of expenses is missing until the test is over."""
    with database.transaction() as session:
        session.execute(text("ALTER TABLE operating_expenses RENAME TO mislaid"))
    yield
    with database.transaction() as session:
        session.execute(text("ALTER TABLE mislaid RENAME TO operating_expenses"))


@pytest.mark.usefixtures("_a_fault")
def test_a_fault_of_ours_leaves_under_a_code_and_goes_to_the_log(
    agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    body, words = agent.refusal("get_pnl")
    assert (body["error"], body["status"]) == ("INTERNAL_ERROR", 500)
    assert body["fault"] in words
    assert "operating_expenses" not in str(body) + words
    assert body["fault"] in caplog.text
    assert "operating_expenses" in caplog.text
    fault = agent.fault(lambda client: client.read_resource("vela://pnl/current"))
    assert fault.code == -32603
    assert "operating_expenses" not in fault.message
