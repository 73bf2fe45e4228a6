"""Calls of an agent that are sent again under their idempotency_key: done once, answered alike."""

from typing import Any

import pytest
from mcp_types import TextContent
from sqlalchemy import func, select

from tests import make
from tests.mcp.conftest import Agent
from vela.db import Database
from vela.domain.catalog.models import Component
from vela.domain.ledger import queries as ledger
from vela.mcp.results import REPLAYED

KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture
def sale(atlas: int) -> dict[str, Any]:
    return {"service_id": atlas, "quantity": 2, "month": "2026-11"}


def count(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        return len(ledger.transactions(session)), session.scalar(select(func.count()).select_from(Component)) or 0


@pytest.mark.parametrize("tool", ["add_transaction", "add_component"])
def test_the_same_call_again_is_answered_alike(
    agent: Agent, database: Database, atlas: int, sale: dict[str, Any], tool: str
) -> None:
    words = sale if tool == "add_transaction" else {"service_id": atlas, "name": "SSD", "unit_cost": 1, "unit_sell": 2}
    first = agent.answer(tool, **words, idempotency_key=KEY)
    stored = count(database)
    for _ in range(2):
        again = agent.call(tool, **words, idempotency_key=KEY)
        assert not again.is_error
        assert again.structured_content == first
        assert again.meta is not None
        assert again.meta[REPLAYED] is True
        said = again.content[-1]
        assert isinstance(said, TextContent)
        assert said.text.startswith("This was done before")
    assert count(database) == stored


def test_other_arguments_under_the_key_are_refused(agent: Agent, database: Database, sale: dict[str, Any]) -> None:
    agent.answer("add_transaction", **sale, idempotency_key=KEY)
    body, text = agent.refusal("add_transaction", **sale | {"quantity": 3}, idempotency_key=KEY)
    assert (body["error"], body["status"]) == ("IDEMPOTENCY_KEY_REUSED", 422)
    assert "Use a new key" in text
    assert count(database)[0] == 1


def test_a_refused_call_leaves_its_key_free(agent: Agent, database: Database, sale: dict[str, Any]) -> None:
    agent.refusal("add_transaction", **sale | {"quantity": 0}, idempotency_key=KEY)
    agent.refusal("add_transaction", **sale | {"service_id": 99}, idempotency_key=KEY)
    assert agent.answer("add_transaction", **sale, idempotency_key=KEY)["quantity"] == 2
    assert count(database)[0] == 1


def test_without_a_key_every_call_counts(agent: Agent, database: Database, sale: dict[str, Any]) -> None:
    for _ in range(2):
        agent.answer("add_transaction", **sale)
    assert count(database)[0] == 2


def test_a_sale_at_prices_that_have_changed_is_refused_with_both(
    agent: Agent, database: Database, atlas: int, ram: int, sale: dict[str, Any]
) -> None:
    agent.answer("update_component", component_id=ram, unit_sell=600)
    body, text = agent.refusal("add_transaction", **sale, service_version=1)
    assert (body["error"], body["status"], body["service_version"]) == ("REPRICED", 409, 2)
    assert (body["price_was"], body["price_now"]) == (1500, 1600)
    assert "sells for 1600.00 now (was 1500.00)" in text
    assert count(database)[0] == 0
    assert agent.answer("add_transaction", **sale, service_version=2)["revenue"] == 3200
    with database.transaction() as session:
        make.component(session, session.get_one(Component, ram).service, "Label", 0, 0)
    assert agent.answer("add_transaction", **sale, service_version=2)["revenue"] == 3200
