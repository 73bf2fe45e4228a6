"""Services over JSON: reading, creating, changing, deactivating, and two people doing so at once."""

import json
import re
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Answer, Program, signed_in
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.ledger.models import Transaction

HDD = {"name": "HDD", "unit_cost": 600, "unit_sell": 1000}


def pointers(answer: Answer) -> list[str]:
    return [issue["pointer"] for issue in answer.json["errors"]]


def test_a_list_is_a_bare_array_of_whole_services(viewer: Program, atlas: Service) -> None:
    answer = viewer.get("/api/services")
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Total-Count"] == "1"
    (service,) = answer.json
    assert (service["name"], service["cost_price"], service["sell_price"]) == ("Atlas", 900, 1500)
    assert (service["margin"], service["margin_pct"], service["currency"]) == (600, 40, "MAD")
    assert [part["name"] for part in service["components"]] == ["HDD", "RAM"]


def test_one_service_carries_its_version_in_its_etag(viewer: Program, atlas: Service) -> None:
    answer = viewer.get(f"/api/services/{atlas.id}")
    assert re.fullmatch(rf'"{answer.json["version"]}-[0-9a-f]{{32}}"', answer.headers["ETag"])


def test_inactive_ones_are_listed_only_when_asked_for(admin: Program, atlas: Service) -> None:
    admin.delete(f"/api/services/{atlas.id}")
    assert admin.get("/api/services").json == []
    assert admin.get("/api/services?include_inactive=false").json == []
    assert [each["active"] for each in admin.get("/api/services?include_inactive=true").json] == [False]
    for neither in ("perhaps", "", "1", "on", "True"):
        assert pointers(admin.get(f"/api/services?include_inactive={neither}")) == ["#/include_inactive"]


def test_creating_with_components_computes_the_prices(admin: Program) -> None:
    answer = admin.post(
        "/api/services",
        {"name": "Rif", "list_sell": 3500, "components": [HDD, HDD | {"name": "RAM", "quantity": "1.5"}]},
    )
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/services/{answer.json['id']}"
    assert (answer.json["cost_price"], answer.json["sell_price"], answer.json["list_gap"]) == (1500, 2500, 1000)
    assert admin.get(answer.headers["Location"]).json == answer.json


def test_figures_are_exact_in_the_raw_text(admin: Program) -> None:
    lines = [
        {"name": "Thirds", "unit_cost": "659.97", "unit_sell": 0.1, "quantity": 3},
        {"name": "Fine", "unit_cost": 0.00001, "unit_sell": 9999999999.99999},
    ]
    answer = admin.post("/api/services", {"name": "Exact", "components": lines})
    text = answer.text
    for shown in ('"unit_cost":659.97', '"cost":1979.91', '"unit_sell":0.1', '"sell":0.3'):
        assert shown in text
    assert '"unit_sell":9999999999.99999' in text
    assert '"sell_price":10000000000.3' in text
    assert json.loads(text)["components"][1]["unit_cost"] == 0.00001


@pytest.mark.parametrize(
    ("words", "pointed"),
    [
        ({}, ["#/name"]),
        ({"name": ""}, ["#/name"]),
        ({"name": "x" * 81}, ["#/name"]),
        ({"name": "a\u0000b"}, ["#/name"]),
        ({"name": "\ud800"}, ["#/name"]),
        ({"name": 7}, ["#/name"]),
        ({"name": "Rif", "sale_price": 1}, ["#/sale_price"]),
        ({"name": "Rif", "a/b~c": 1}, ["#/a~1b~0c"]),
        ({"name": "Rif", "list_sell": -1}, ["#/list_sell"]),
        ({"name": "Rif", "list_sell": ""}, ["#/list_sell"]),
        ({"name": "Rif", "active": "yes"}, ["#/active"]),
        ({"name": "Rif", "active": 1}, ["#/active"]),
        ({"name": "Rif", "components": {}}, ["#/components"]),
        ({"name": "Rif", "components": [7]}, ["#/components/0"]),
        (
            {"name": "Rif", "components": [HDD, {"name": "RAM"}]},
            ["#/components/1/unit_cost", "#/components/1/unit_sell"],
        ),
        ({"name": "Rif", "components": [HDD | {"unit_cost": -1}]}, ["#/components/0/unit_cost"]),
        ({"name": "", "components": [HDD | {"name": ""}]}, ["#/name", "#/components/0/name"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_field_by_field_and_nothing_is_stored(
    admin: Program, words: dict[str, object], pointed: list[str]
) -> None:
    answer = admin.post("/api/services", words)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert pointers(answer) == pointed
    assert answer.json["success"] is False
    assert answer.json["error"] == "INVALID"
    assert admin.get("/api/services").json == []


def test_a_taken_name_is_a_conflict_on_its_field(admin: Program, atlas: Service) -> None:
    answer = admin.post("/api/services", {"name": "ATLAS"})
    assert (answer.status_code, answer.json["error"], pointers(answer)) == (409, "TAKEN", ["#/name"])


def test_what_is_left_out_keeps_its_value(admin: Program, atlas: Service) -> None:
    path = f"/api/services/{atlas.id}"
    admin.put(path, {"description": "1TB Storage", "list_sell": 4000, "list_cost": 2000, "target_margin_pct": 35})
    answer = admin.put(path, {"name": "Atlas X"})
    assert answer.status_code == 200
    kept = ("description", "list_sell", "list_cost", "target_margin_pct", "active", "cost_price")
    assert [answer.json[name] for name in kept] == ["1TB Storage", 4000, 2000, 35, True, 900]
    assert admin.put(path, {}).json == answer.json


def test_null_clears_a_list_price_and_nothing_else_may_be_null(admin: Program, atlas: Service) -> None:
    path = f"/api/services/{atlas.id}"
    admin.put(path, {"list_sell": 4000})
    assert admin.put(path, {"list_sell": None}).json["list_sell"] is None
    for field in ("name", "description", "active", "version"):
        assert pointers(admin.put(path, {field: None})) == [f"#/{field}"]


def test_what_was_read_can_be_sent_back_whole(admin: Program, atlas: Service) -> None:
    read = admin.get(f"/api/services/{atlas.id}")
    answer = admin.put(f"/api/services/{atlas.id}", json.loads(read.text) | {"description": "Same parts"})
    assert answer.status_code == 200
    assert answer.json["components"] == read.json["components"]


def test_components_are_not_changed_here(admin: Program, atlas: Service) -> None:
    read = admin.get(f"/api/services/{atlas.id}").json
    read["components"][0]["unit_cost"] = 1
    answer = admin.put(f"/api/services/{atlas.id}", read)
    assert (answer.status_code, pointers(answer)) == (422, ["#/components"])
    assert "/api/components/" in answer.json["detail"]
    assert admin.get(f"/api/services/{atlas.id}").json["cost_price"] == 900


def test_components_that_were_right_once_are_stale(admin: Program, atlas: Service) -> None:
    read = admin.get(f"/api/services/{atlas.id}").json
    admin.put(f"/api/components/{read['components'][0]['id']}", {"unit_cost": 640})
    answer = admin.put(f"/api/services/{atlas.id}", read)
    assert (answer.status_code, answer.json["error"], pointers(answer)) == (409, "STALE", ["#/components"])


def test_deactivating_keeps_the_service_and_its_figures(admin: Program, atlas: Service, sale: Transaction) -> None:
    before = admin.get("/api/pnl?month=2026-11").json
    for _ in range(2):
        answer = admin.delete(f"/api/services/{atlas.id}")
        assert (answer.status_code, answer.json["active"]) == (200, False)
    assert admin.get(f"/api/services/{atlas.id}").json["active"] is False
    assert admin.get("/api/pnl?month=2026-11").json == before
    refused = admin.post("/api/transactions", {"service_id": atlas.id, "month": "2026-11"})
    assert (refused.status_code, refused.json["error"]) == (409, "SERVICE_INACTIVE")
    assert admin.put(f"/api/services/{atlas.id}", {"active": True}).json["active"] is True


def test_the_same_field_changed_meanwhile_says_who_and_what(
    app: Flask, books: Database, admin: Program, atlas: Service
) -> None:
    with books.transaction() as session:
        make.user(session, "karim", display_name="Karim", role="admin")
    path = f"/api/services/{atlas.id}"
    version = admin.get(path).json["version"]
    signed_in(app, "karim").put(path, {"list_sell": 4100})
    answer = admin.put(path, {"list_sell": 4200, "version": version})
    assert (answer.status_code, answer.json["error"]) == (409, "STALE")
    assert (answer.json["theirs"], answer.json["yours"], answer.json["who"]) == (4100, 4200, "Karim")
    assert answer.json["version"] == version + 1
    assert admin.get(path).json["list_sell"] == 4100
    assert admin.put(path, {"description": "Another field", "version": version}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_if_match_with_another_version_is_a_412(admin: Program, atlas: Service, method: str) -> None:
    path = f"/api/services/{atlas.id}"
    etag = admin.get(path).headers["ETag"]
    changed = admin.put(path, {"description": "Changed"})
    sent: dict[str, Any] = {"json": {"list_sell": 1}} if method == "PUT" else {}
    stale = admin.call(method, path, {"If-Match": etag}, **sent)
    assert (stale.status_code, stale.json["error"], stale.json["who"]) == (412, "STALE", "Salma Bennis")
    version = changed.json["version"]
    others = (
        "nonsense",
        f'"0{version}"',
        f'"{version}-"',
        f'"{version}-nonsense"',
        f"W/{changed.headers['ETag']}",
        '""',
    )
    assert [admin.call(method, path, {"If-Match": other}, **sent).status_code for other in others] == [412] * 6
    assert admin.call(method, path, {"If-Match": changed.headers["ETag"]}, **sent).status_code == 200
    by_hand = [f'"{version + 1}"', f'"77", "{version + 1}"', "*"][:: 1 if method == "DELETE" else 2]
    for named in by_hand:
        assert admin.call(method, path, {"If-Match": named}, **sent).status_code == 200, named


def test_an_unknown_service_is_a_404_for_every_method(admin: Program) -> None:
    for answer in (admin.get("/api/services/7"), admin.put("/api/services/7", {}), admin.delete("/api/services/7")):
        assert (answer.status_code, answer.json["error"]) == (404, "SERVICE_NOT_FOUND")
        assert answer.json["detail"] == "There is no service with id 7."


def test_a_client_may_ask_for_an_envelope(admin: Program, atlas: Service) -> None:
    asked = {"Accept": "application/vnd.vela.envelope+json"}
    many = admin.call("GET", "/api/services", asked)
    assert many.mimetype == asked["Accept"]
    assert (many.json["success"], many.json["meta"], len(many.json["data"])) == (True, {"total": 1, "next": None}, 1)
    one = admin.call("GET", f"/api/services/{atlas.id}", asked)
    assert (one.json["data"]["name"], one.json["meta"]) == ("Atlas", {})
    assert admin.call("GET", "/api/services/77", asked).json["success"] is False
