"""Texts that no database keeps, in every argument of every tool and in resources: refused, never a fault."""

from typing import Any

import pytest

from tests import make
from tests.mcp.conftest import Agent
from vela.db import Database

HOSTILE = {"a NUL": "a\0b", "10,000 letters": "x" * 10_000}
SAID: dict[str, Any] = {
    "service_id": 1, "component_id": 1, "transaction_id": 1, "version": 1, "month": "2026-10", "name": "SSD",
    "quantity": 1, "unit_cost": 1, "unit_sell": 2, "reason": "Handed in",
}  # fmt: skip


@pytest.mark.parametrize("era", ["auto"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_in_an_argument_is_refused(agent: Agent, database: Database, kind: str) -> None:
    with database.transaction() as session:
        make.offer(session)
    tried = dict[str, int]()
    for tool in agent.tools():
        needed = {name: SAID[name] for name in tool.input_schema.get("required", []) if name in SAID}
        for name in tool.input_schema["properties"]:
            refusal, _ = agent.refusal(tool.name, **(needed | {name: HOSTILE[kind]}))
            tried[f"{tool.name} {name}"] = refusal["status"]
    assert len(tried) > 20
    assert {each: status for each, status in tried.items() if not 400 <= status < 500} == {}
