"""An agent and a script that hold the same token are told the same: figures and refusals."""

import json
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.mcp.conftest import Agent
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import deactivate

WRONG = {"name": "", "unit_cost": "abc", "unit_sell": 0.000001, "quantity": 0, "notes": "x" * 501, "unit_prize": 1}


class Script:
    """A program that calls the JSON API with the agent's own token."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, words: object = None) -> Any:
        sent: dict[str, Any] = {} if words is None else {"json": words}
        return json.loads(self.client.open(path, method=method, headers=self.headers, **sent).data)

    def refusal(self, method: str, path: str, words: object = None) -> dict[str, Any]:
        """The problem body, without the id of the request, which is HTTP's own."""
        body = self.ask(method, path, words)
        assert body.pop("instance")
        assert body["success"] is False
        return body


@pytest.fixture
def script(app: Flask, agent: Agent) -> Script:
    return Script(app, agent.token)


def test_the_figures_are_the_same(agent: Agent, script: Script, database: Database, atlas: int) -> None:
    with database.transaction() as session:
        make.sale(session, catalog.service(session, atlas), 3, "2026-10")
    assert agent.answer("get_pnl", month="2026-10") == script.ask("GET", "/api/pnl?month=2026-10")
    assert agent.answer("get_services")["services"] == script.ask("GET", "/api/services")
    assert agent.answer("get_service", service_id=atlas) == script.ask("GET", f"/api/services/{atlas}")
    assert agent.answer("get_dashboard") == script.ask("GET", "/api/dashboard")


def test_the_refusals_are_the_same(agent: Agent, script: Script, database: Database, atlas: int, ram: int) -> None:
    components = f"/api/services/{atlas}/components"
    told, _text = agent.refusal("add_component", service_id=atlas, **WRONG)
    assert told == script.refusal("POST", components, WRONG)
    told, _text = agent.refusal("update_component", component_id=ram, **WRONG)
    assert told == script.refusal("PUT", f"/api/components/{ram}", WRONG)
    told, _text = agent.refusal("delete_component", component_id=99)
    assert told == script.refusal("DELETE", "/api/components/99")
    told, _text = agent.refusal("get_service", service_id=99)
    assert told.pop("existing_ids") == [atlas]
    assert told == script.refusal("GET", "/api/services/99")
    with database.transaction() as session:
        deactivate(session, make.admin(), atlas)
    sale = {"service_id": atlas, "month": "2026-11"}
    told, _text = agent.refusal("add_transaction", **sale)
    assert told == script.refusal("POST", "/api/transactions", sale)


def test_a_stale_edit_is_told_the_same(agent: Agent, script: Script, ram: int) -> None:
    agent.answer("update_component", component_id=ram, unit_cost=310)
    told, _text = agent.refusal("update_component", component_id=ram, unit_cost=330, version=1)
    assert told == script.refusal("PUT", f"/api/components/{ram}", {"unit_cost": 330, "version": 1})


def test_a_viewer_is_told_the_same(viewers_agent: Agent, app: Flask, ram: int) -> None:
    told, _text = viewers_agent.refusal("delete_component", component_id=ram)
    assert told == Script(app, viewers_agent.token).refusal("DELETE", f"/api/components/{ram}")
