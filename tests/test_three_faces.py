"""The same bad words are refused in the same words, at the same fields, by the page, the JSON API and the agent."""

import html
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.api.conftest import Program, signed_in
from tests.mcp.conftest import Agent, token_of
from tests.web.conftest import htmx, partials, sign_in
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger import queries as ledger

TAGS = re.compile(r"<[^>]+>")
Complaints = dict[str, str]


@dataclass(frozen=True)
class Faces:
    """One admin at all three doors of one set of books."""

    database: Database
    browser: FlaskClient
    program: Program
    agent: Agent
    offer: int
    part: int
    archived: int

    def page(self, method: str, path: str, source: str, words: dict[str, Any]) -> Complaints:
        """What the page says, by field: the slots of the form or cell that asked."""
        answer = htmx(self.browser, method, path, words, source=source)
        assert 400 <= answer.status_code < 500, answer.text
        said: Complaints = {}
        for target, content in partials(answer).items():
            if target in ("announce", "toasts"):
                continue
            field = target.removesuffix("-error").removeprefix(source.partition("#")[2]).strip("-")
            said[field or next(iter(words))] = html.unescape(TAGS.sub("", content)).strip()
        return said

    def api(self, method: str, path: str, words: dict[str, Any]) -> Complaints:
        answer = self.program.call(method, path, json=words)
        assert 400 <= answer.status_code < 500, answer.text
        return _complaints(answer.json)

    def mcp(self, tool: str, words: dict[str, Any]) -> Complaints:
        return _complaints(self.agent.refusal(tool, **words)[0])


def _complaints(problem: dict[str, Any]) -> Complaints:
    errors = problem.get("errors") or []
    if not errors:
        return {"": problem["detail"]}
    return {error["pointer"].removeprefix("#/"): error["detail"] for error in errors}


@pytest.fixture
def faces(app: Flask, database: Database) -> Faces:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
        archived = make.offer(session, "Old", active=False)
        ids = offer.id, offer.components[0].id, archived.id
    token = token_of(database, "salma")
    return Faces(database, sign_in(app, "salma"), signed_in(app, "salma"), Agent(database, token, "auto"), *ids)


PART = {"name": "SSD", "unit_cost": "400", "unit_sell": "700", "quantity": "1"}
SALE = {"quantity": "1", "month": "2026-11", "notes": ""}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "   "},
        {"name": "x" * 81},
        {"name": "a\u202eb"},
        {"unit_cost": "-1"},
        {"unit_cost": "12.123456"},
        {"unit_cost": "1e5"},
        {"unit_sell": "99999999999"},
        {"unit_sell": "NaN"},
        {"quantity": "0"},
        {"quantity": "many"},
        {"kind": "gift"},
        {"name": "", "unit_cost": "x", "quantity": "-3"},
    ],
    ids=str,
)
def test_a_component_is_refused_alike(faces: Faces, wrong: dict[str, Any]) -> None:
    words = PART | wrong
    by_api = faces.api("POST", f"/api/services/{faces.offer}/components", words)
    by_mcp = faces.mcp("add_component", {"service_id": faces.offer, **words})
    by_page = faces.page("POST", f"/offers/{faces.offer}/components", "form#new-component", words)
    assert set(by_api) == set(wrong)
    assert by_page == by_api == by_mcp
    with faces.database.reading() as session:
        assert len(catalog.service(session, faces.offer).components) == 2


@pytest.mark.parametrize(
    ("field", "value"), [("unit_cost", "4oo"), ("unit_sell", "-5"), ("quantity", "0"), ("name", "")]
)
def test_an_edit_of_a_cell_is_refused_alike(faces: Faces, field: str, value: str) -> None:
    by_api = faces.api("PUT", f"/api/components/{faces.part}", {field: value})
    by_mcp = faces.mcp("update_component", {"component_id": faces.part, field: value})
    source = f"input#component-{faces.part}-{field}"
    by_page = faces.page("PATCH", f"/offers/{faces.offer}/components/{faces.part}", source, {field: value})
    assert list(by_page.values()) == list(by_api.values()) == list(by_mcp.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "0"},
        {"quantity": "1.5"},
        {"quantity": "9999999999"},
        {"month": "2026-13"},
        {"month": "٢٠٢٦-٠١"},
        {"month": ""},
        {"notes": "n" * 501},
        {"quantity": "-1", "month": "November"},
    ],
    ids=str,
)
def test_a_sale_is_refused_alike(faces: Faces, wrong: dict[str, Any]) -> None:
    words = SALE | {"service_id": str(faces.offer)} | wrong
    by_api = faces.api("POST", "/api/transactions", words)
    by_mcp = faces.mcp("add_transaction", words)
    by_page = faces.page("POST", "/transactions", "form#new-sale", words)
    assert set(by_api) == set(wrong)
    assert by_page == by_api == by_mcp
    with faces.database.reading() as session:
        assert ledger.transactions(session) == []


def test_an_archived_offer_is_refused_alike(faces: Faces) -> None:
    words = SALE | {"service_id": str(faces.archived)}
    by_api = faces.api("POST", "/api/transactions", words)
    by_mcp = faces.mcp("add_transaction", words)
    by_page = faces.page("POST", "/transactions", "form#new-sale", words)
    assert list(by_page.values()) == list(by_api.values()) == list(by_mcp.values())
    assert "archived" in next(iter(by_api.values()))


def test_the_same_figures_are_read_alike(faces: Faces) -> None:
    with faces.database.transaction() as session:
        make.sale(session, catalog.service(session, faces.offer), 3)
    profit = faces.program.get("/api/pnl?month=2026-11").json
    assert faces.agent.answer("get_pnl", month="2026-11") == profit
    page = faces.browser.get("/profit?month=2026-11").text
    assert profit["total_revenue"] == 4500
    assert all(f"{profit[name]:,}" in page for name in ("total_revenue", "gross_profit", "net_profit"))
