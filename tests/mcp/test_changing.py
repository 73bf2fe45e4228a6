"""Agents change offers and record sales: what is stored, what they are told, and every way to be refused."""

from typing import Any

from tests import make
from tests.mcp.conftest import Agent
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import deactivate, remove_component, revise_component
from vela.domain.catalog.intake import ComponentChanges
from vela.domain.ledger import queries as ledger
from vela.domain.ledger.closing import close_month
from vela.domain.ledger.intake import MonthClosing
from vela.domain.people.access import Actor, Face, Role
from vela.intake import read

SALMA = Actor(None, "salma", "Salma Bennis", Role.ADMIN, True, Face.BROWSER)
ONLY_ADJUSTMENTS = "Enter a number of 0 or more, such as 400. Only an adjustment may go below 0."
SSD = {"name": "SSD (256GB)", "unit_cost": 400, "unit_sell": "700.00"}


def stored(database: Database, service_id: int) -> list[tuple[str, str, str, str]]:
    with database.reading() as session:
        return [
            (each.name, f"{each.quantity:f}", f"{each.unit_cost:f}", f"{each.unit_sell:f}")
            for each in catalog.service(session, service_id).components
        ]


AS_IT_WAS = [("HDD (1TB)", "1.0000", "600.00000", "1000.00000"), ("RAM (16GB)", "1.0000", "300.00000", "500.00000")]


def test_a_component_is_added_and_the_new_totals_are_told(agent: Agent, database: Database, atlas: int) -> None:
    answer = agent.answer("add_component", service_id=atlas, **SSD, quantity=1.5, group="Disks", position=1)
    component = answer["component"]
    assert (component["name"], component["cost"], component["sell"]) == ("SSD (256GB)", 600, 1050)
    assert (component["position"], component["group"], component["version"]) == (1, "Disks", 1)
    assert answer["service"] == {
        "id": atlas,
        "name": "Atlas",
        "cost_price": 1500,
        "sell_price": 2550,
        "margin": 1050,
        "margin_pct": 41.18,
        "list_sell": None,
        "list_gap": None,
        "version": 2,
        "currency": "MAD",
    }
    assert stored(database, atlas) == [("SSD (256GB)", "1.5000", "400.00000", "700.00000"), *AS_IT_WAS]


def test_a_change_is_written_down_as_the_users_through_an_agent(agent: Agent, database: Database, atlas: int) -> None:
    agent.answer("add_component", service_id=atlas, **SSD)
    with database.reading() as session:
        revision = catalog.revisions(session, atlas)[0]
        assert (revision.author, revision.face, revision.action) == ("Nadia", "agent", "add component")
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry is not None
        assert (entry.username, entry.face, entry.token_name) == ("nadia", "agent", "Laptop")


def test_a_field_that_is_left_out_keeps_its_value(agent: Agent, database: Database, atlas: int, ram: int) -> None:
    answer = agent.answer("update_component", component_id=ram, unit_cost="330.5")
    assert (answer["component"]["unit_cost"], answer["component"]["unit_sell"]) == (330.5, 500)
    assert (answer["component"]["version"], answer["service"]["cost_price"]) == (2, 930.5)
    assert stored(database, atlas) == [AS_IT_WAS[0], ("RAM (16GB)", "1.0000", "330.50000", "500.00000")]


def test_the_same_update_twice_is_the_same_as_once(agent: Agent, ram: int) -> None:
    first, again = (agent.answer("update_component", component_id=ram, unit_cost=330, version=1) for _each in range(2))
    assert (again["component"], again["service"]) == (first["component"], first["service"])
    assert (first["effect"]["margin_change"], again["effect"]["margin_change"]) == (-30, 0)


def test_a_component_is_removed_and_told_in_full_so_that_it_can_be_added_again(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    answer = agent.answer("delete_component", component_id=ram, version=1)
    assert (answer["service"]["cost_price"], answer["service"]["sell_price"]) == (600, 1000)
    assert stored(database, atlas) == AS_IT_WAS[:1]
    gone = answer["component"]
    words = {name: gone[name] for name in ("name", "quantity", "unit_cost", "unit_sell", "notes", "group", "kind")}
    agent.answer("add_component", service_id=atlas, position=gone["position"], **words)
    assert stored(database, atlas) == AS_IT_WAS


def test_a_sale_is_recorded_at_the_prices_of_now(agent: Agent, database: Database, atlas: int, ram: int) -> None:
    sale = agent.answer("add_transaction", service_id=atlas, quantity=2, month="2026-11", notes="Order 1047")
    assert (sale["service_name"], sale["revenue"], sale["cost"], sale["margin"]) == ("Atlas", 3000, 1800, 1200)
    assert (sale["created_by"], sale["month"], sale["quantity"]) == ("Nadia", "2026-11", 2)
    agent.answer("update_component", component_id=ram, unit_cost=900)
    assert agent.answer("get_pnl", month="2026-11")["total_cost"] == 1800
    with database.reading() as session:
        assert [each.id for each in ledger.transactions(session)] == [sale["id"]]


def test_a_viewer_records_a_sale(viewers_agent: Agent, atlas: int) -> None:
    sale = viewers_agent.answer("add_transaction", service_id=atlas, month="2026-11")
    assert (sale["quantity"], sale["created_by"]) == (1, "Yves")


# ---------- refused


NO_COMPONENT: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "  "}, "name", "Give it a name."),
    ({"name": "x" * 81}, "name", "Use at most 80 characters."),
    ({"name": "a\u0000b"}, "name", "Use only letters, digits and signs that can be printed."),
    ({"name": 7}, "name", "Enter text."),
    ({"unit_cost": "abc"}, "unit_cost", "Enter a number, such as 400."),
    ({"unit_cost": None}, "unit_cost", "Enter a number, such as 400."),
    ({"unit_cost": True}, "unit_cost", "Enter a number, such as 400."),
    ({"unit_cost": "NaN"}, "unit_cost", "Enter a number, such as 400."),
    ({"unit_cost": 1e400}, "unit_cost", "Enter a number, such as 400."),
    ({"unit_cost": 1e300}, "unit_cost", "That is too large. Enter at most 9,999,999,999.99999."),
    ({"unit_sell": 0.000001}, "unit_sell", "Use at most 5 decimals."),
    ({"unit_sell": -1}, "unit_sell", ONLY_ADJUSTMENTS),
    ({"quantity": 0}, "quantity", "Enter a number above 0, such as 1."),
    ({"quantity": "1.00001"}, "quantity", "Use at most 4 decimals."),
    ({"notes": "x" * 501}, "notes", "Use at most 500 characters."),
    ({"kind": "service"}, "kind", "Choose part or adjustment."),
    ({"position": 0}, "position", "Enter a whole number of 1 or more."),
    ({"unit_prize": 5}, "unit_prize", "There is no field named unit_prize here. Leave it out."),
    ({"cost": 5}, "cost", "There is no field named cost here. Leave it out."),
    ({"id": 5}, "id", "There is no field named id here. Leave it out."),
]


def test_a_component_that_makes_no_sense_is_refused_and_nothing_is_stored(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    for words, argument, told in NO_COMPONENT:
        for tool, target in (
            ("add_component", {"service_id": atlas, **SSD}),
            ("update_component", {"component_id": ram}),
        ):
            body, text = agent.refusal(tool, **(target | words))
            assert body["errors"] == [{"detail": told, "pointer": f"#/{argument}"}]
            assert (body["status"], body["error"]) == (422, "INVALID")
            assert text == f"{argument}: {told} Nothing was changed."
    assert stored(database, atlas) == AS_IT_WAS


def test_every_complaint_is_made_at_once(agent: Agent, atlas: int) -> None:
    body, text = agent.refusal("add_component", service_id=atlas, name="", unit_cost="a", prize=1)
    pointers = {complaint["pointer"] for complaint in body["errors"]}
    assert pointers == {"#/name", "#/unit_cost", "#/unit_sell", "#/prize"}
    assert "unit_sell: This is needed. Fill it in." in text


def test_something_that_does_not_exist_is_refused_with_where_to_look(agent: Agent, atlas: int, ram: int) -> None:
    body, text = agent.refusal("add_component", service_id=99, **SSD)
    assert (body["error"], body["existing_ids"]) == ("SERVICE_NOT_FOUND", [atlas])
    body, text = agent.refusal("update_component", component_id=99, unit_cost=1)
    assert body["error"] == "COMPONENT_NOT_FOUND"
    assert text == ("There is no component with id 99. get_services lists every offer and component with its id.")
    agent.answer("delete_component", component_id=ram)
    for tool in ("delete_component", "update_component"):
        assert agent.refusal(tool, component_id=ram)[0]["error"] == "COMPONENT_NOT_FOUND"
    assert agent.refusal("add_transaction", service_id=99, month="2026-11")[0]["existing_ids"] == [atlas]


def test_a_stale_update_says_who_changed_what_and_to_read_again(
    agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    with database.transaction() as session:
        revise_component(session, SALMA, ram, read(ComponentChanges, {"unit_cost": "310.50"}))
    body, text = agent.refusal("update_component", component_id=ram, unit_cost=330, version=1)
    assert (body["error"], body["status"], body["who"], body["version"]) == ("STALE", 409, "Salma Bennis", 2)
    assert (body["theirs"], body["yours"], body["errors"][0]["pointer"]) == (310.5, 330, "#/unit_cost")
    assert text.startswith("Salma Bennis changed this meanwhile.")
    assert "unit_cost is 310.5 now, in version 2." in text
    assert "Read it again with get_service" in text
    assert stored(database, atlas)[1][2] == "310.50000"
    assert agent.answer("update_component", component_id=ram, unit_cost=330, version=2)["component"]["unit_cost"] == 330


def test_a_stale_removal_is_refused_too(agent: Agent, database: Database, ram: int) -> None:
    with database.transaction() as session:
        revise_component(session, SALMA, ram, read(ComponentChanges, {"notes": "keep"}))
    body, text = agent.refusal("delete_component", component_id=ram, version=1)
    assert (body["error"], body["who"]) == ("STALE", "Salma Bennis")
    assert "It is version 2 now." in text


def test_two_changes_of_different_fields_do_not_clash(agent: Agent, database: Database, ram: int) -> None:
    with database.transaction() as session:
        revise_component(session, SALMA, ram, read(ComponentChanges, {"notes": "keep"}))
    answer = agent.answer("update_component", component_id=ram, unit_cost=330, version=1)
    assert (answer["component"]["notes"], answer["component"]["unit_cost"]) == ("keep", 330)


NO_SALE: list[tuple[dict[str, Any], str, str]] = [
    ({"quantity": 0}, "quantity", "Enter a whole number of 1 or more."),
    ({"quantity": 1.5}, "quantity", "Enter a whole number of 1 or more."),
    ({"month": "2026-1"}, "month", "Write the month as YYYY-MM, such as 2026-11."),
    ({"month": None}, "month", "Write the month as YYYY-MM, such as 2026-11."),
    ({"notes": "x" * 501}, "notes", "Use at most 500 characters."),
    ({"idempotency_key": ""}, "idempotency_key", "Use 1 to 200 printable ASCII characters, such as a UUID."),
    ({"idempotency_key": 7}, "idempotency_key", "Use 1 to 200 printable ASCII characters, such as a UUID."),
    ({"service_version": 99}, "service_version", "There is no such version. Read the service again."),
    ({"revenue": 1}, "revenue", "There is no field named revenue here. Leave it out."),
]


def test_a_sale_that_makes_no_sense_is_refused_and_nothing_is_stored(
    agent: Agent, database: Database, atlas: int
) -> None:
    for words, argument, told in NO_SALE:
        body, _text = agent.refusal("add_transaction", **{"service_id": atlas, "month": "2026-11", **words})
        assert body["errors"] == [{"detail": told, "pointer": f"#/{argument}"}]
    with database.reading() as session:
        assert ledger.transactions(session) == []


def test_an_offer_that_is_archived_or_empty_is_not_sold(agent: Agent, database: Database, atlas: int) -> None:
    with database.transaction() as session:
        deactivate(session, make.admin(), atlas)
        empty = make.offer(session, "Rif", ("HDD", 1, 2))
        remove_component(session, make.admin(), empty.components[0].id)
    body, text = agent.refusal("add_transaction", service_id=atlas, month="2026-11")
    assert (body["error"], body["status"], body["errors"][0]["pointer"]) == ("SERVICE_INACTIVE", 409, "#/service_id")
    assert text == "Atlas is archived and cannot be sold. Pick another offer, or activate it again."
    assert agent.refusal("add_transaction", service_id=empty.id, month="2026-11")[0]["error"] == "SERVICE_EMPTY"


def test_a_closed_month_takes_no_sale_and_is_still_read(agent: Agent, database: Database, atlas: int) -> None:
    agent.answer("add_transaction", service_id=atlas, month="2026-10")
    with database.transaction() as session:
        close_month(session, make.admin(), read(MonthClosing, {"month": "2026-10", "reason": "Handed in"}))
    body, text = agent.refusal("add_transaction", service_id=atlas, month="2026-10")
    assert (body["error"], body["status"], body["errors"][0]["pointer"]) == ("MONTH_CLOSED", 409, "#/month")
    assert text == "2026-10 is closed. An admin can reopen it under Profit and loss, with a reason."
    assert agent.answer("get_pnl", month="2026-10")["total_revenue"] == 1500
    agent.answer("add_transaction", service_id=atlas, month="2026-11")


def test_a_viewer_is_refused_what_the_list_does_not_show(
    viewers_agent: Agent, database: Database, atlas: int, ram: int
) -> None:
    for tool, words in (
        ("add_component", {"service_id": atlas, **SSD}),
        ("update_component", {"component_id": ram, "unit_cost": 1}),
        ("delete_component", {"component_id": ram}),
    ):
        body, text = viewers_agent.refusal(tool, **words)
        assert (body["error"], body["status"]) == ("FORBIDDEN", 403)
        assert text == "You can look but not change prices. An admin can."
    assert stored(database, atlas) == AS_IT_WAS
