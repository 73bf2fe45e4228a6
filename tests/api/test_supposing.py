"""What could be, over JSON: supposed costs and prices, and the price for a wanted margin; nothing of it is stored."""

import json
from typing import Any

import pytest

from tests import make
from tests.api.conftest import Program
from tests.domain.books import everything
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.people.intake import NewToken
from vela.domain.people.models import User
from vela.domain.people.signins import create_token
from vela.intake import read
from vela.mcp.door import Door
from vela.mcp.tools import TOOLS
from vela.mcp.who import HolderOfToken


def test_dearer_ram_is_told_service_by_service(viewer: Program, books: Database, atlas: Service) -> None:
    before = everything(books)
    answer = viewer.get("/api/what-if?cost_change_pct=10&only=ram")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == {
        "cost_change_pct": 10, "sell_change_pct": 0, "only": "ram", "moved_components": ["RAM"], "currency": "MAD",
        "offers": [{
            "service_id": atlas.id, "name": "Atlas",
            "now": {"cost_price": 900, "sell_price": 1500, "margin": 600, "margin_pct": 40},
            "then": {"cost_price": 930, "sell_price": 1500, "margin": 570, "margin_pct": 38},
            "margin_change": -30, "margin_pct_change": -2, "price_to_keep_margin": 1550,
            "moved": [{"id": 2, "name": "RAM", "group": "", "unit_cost_now": 300, "unit_cost_then": 330}],
        }],
    }  # fmt: skip
    assert {name: rows for name, rows in everything(books).items() if rows != before[name]} == {}


def test_prices_move_in_every_component_and_without_words_nothing_does(viewer: Program, atlas: Service) -> None:
    (offer,) = viewer.get("/api/what-if?sell_change_pct=-10").json["offers"]
    assert (offer["then"]["sell_price"], offer["margin_change"]) == (1350, -150)
    (offer,) = viewer.get("/api/what-if").json["offers"]
    assert offer["now"] == offer["then"]


def test_the_price_for_a_margin_stands_beside_those_of_now(admin: Program, viewer: Program, atlas: Service) -> None:
    admin.put(f"/api/services/{atlas.id}", {"list_sell": 1600})
    answer = viewer.get(f"/api/services/{atlas.id}/price-for-margin?margin_pct=45.5")
    assert answer.status_code == 200
    told = ("price", "price_change", "price_change_pct", "list_price", "list_change", "list_change_pct", "currency")
    assert [answer.json[name] for name in told] == [1651.38, 151.38, 10.09, 1600, 51.38, 3.21, "MAD"]
    assert answer.json["then"] == {"cost_price": 900, "sell_price": 1651.38, "margin": 751.38, "margin_pct": 45.5}


REFUSED = [
    ("/api/what-if?cost_change_pct=10%20%25", "cost_change_pct"),
    ("/api/what-if?cost_change_pct=1001", "cost_change_pct"),
    ("/api/what-if?sell_change_pct=0.125", "sell_change_pct"),
    ("/api/what-if?only=GPU", "only"),
    (f"/api/what-if?only={'x' * 81}", "only"),
    ("/api/what-if?percent=10", "percent"),
    ("/api/services/1/price-for-margin", "margin_pct"),
    ("/api/services/1/price-for-margin?margin_pct=-1", "margin_pct"),
    ("/api/services/1/price-for-margin?margin_pct=100", "margin_pct"),
    ("/api/services/1/price-for-margin?margin_pct=101", "margin_pct"),
]


@pytest.mark.parametrize(("path", "field"), REFUSED)
def test_what_cannot_be_supposed_is_refused_at_its_parameter(
    viewer: Program, atlas: Service, path: str, field: str
) -> None:
    answer = viewer.get(path)
    assert (answer.status_code, answer.json["error"]) == (422, "INVALID")
    assert [each["pointer"] for each in answer.json["errors"]] == [f"#/{field}"]


def test_a_service_that_is_free_or_not_there_has_no_such_price(viewer: Program, books: Database) -> None:
    with books.transaction() as session:
        free = make.offer(session, "Advice", ("Talk", 0, 100)).id
    told = [viewer.get(f"/api/services/{each}/price-for-margin?margin_pct=40") for each in (free, 99)]
    assert [(answer.status_code, answer.json["error"]) for answer in told] == [
        (409, "NO_COST"), (404, "SERVICE_NOT_FOUND"),
    ]  # fmt: skip


SAID: list[tuple[str, dict[str, Any], str]] = [
    ("what_if", {"cost_change_pct": 12.5, "only": "RAM"}, "/api/what-if?cost_change_pct=12.5&only=RAM"),
    ("price_for_margin", {"service_id": 1, "margin_pct": 40}, "/api/services/1/price-for-margin?margin_pct=40"),
]


@pytest.mark.parametrize(("tool", "words", "path"), SAID)
def test_a_script_and_an_agent_are_told_the_same(
    books: Database, viewer: Program, atlas: Service, tool: str, words: dict[str, Any], path: str
) -> None:
    with books.transaction() as session:
        user = session.query(User).filter_by(username="youssef").one()
        _token, secret = create_token(session, make.admin(), user, read(NewToken, {"name": "a", "scope": "read"}))
    told = Door(books, HolderOfToken(secret)).run(TOOLS[tool], words)
    viewer.token = secret
    assert json.loads(told.model_dump_json()) == viewer.get(path).json
