"""Components over JSON: the lines that prices are computed from."""

import pytest

from tests.api.conftest import Program
from vela.domain.catalog.models import Service

SSD = {"name": "SSD", "unit_cost": 400, "unit_sell": 700}


def parts(program: Program, service: Service) -> list[dict[str, object]]:
    return program.get(f"/api/services/{service.id}/components").json


def test_they_are_listed_in_their_order(viewer: Program, atlas: Service) -> None:
    answer = viewer.get(f"/api/services/{atlas.id}/components")
    assert [part["name"] for part in answer.json] == ["HDD", "RAM"]
    assert answer.headers["X-Total-Count"] == "2"


def test_adding_one_moves_the_prices(admin: Program, atlas: Service) -> None:
    answer = admin.post(f"/api/services/{atlas.id}/components", SSD | {"quantity": 2, "position": 1})
    assert answer.status_code == 201
    assert (answer.json["cost"], answer.json["sell"], answer.json["margin"]) == (800, 1400, 600)
    assert admin.get(answer.headers["Location"]).json == answer.json
    service = admin.get(f"/api/services/{atlas.id}").json
    assert (service["cost_price"], service["sell_price"]) == (1700, 2900)
    assert [part["name"] for part in service["components"]] == ["SSD", "HDD", "RAM"]


def test_what_is_left_out_keeps_its_value(admin: Program, atlas: Service) -> None:
    made = admin.post(f"/api/services/{atlas.id}/components", SSD | {"quantity": 3, "notes": "NVMe", "group": "Disk"})
    answer = admin.put(made.headers["Location"], {"unit_cost": 410})
    assert answer.status_code == 200
    changed = {name for name in answer.json if answer.json[name] != made.json[name]}
    assert changed == {"unit_cost", "cost", "margin", "margin_pct", "version"}
    assert answer.headers["ETag"] == admin.get(made.headers["Location"]).headers["ETag"]


def test_zero_is_a_price_and_an_empty_note_is_empty(admin: Program, atlas: Service) -> None:
    made = admin.post(f"/api/services/{atlas.id}/components", SSD | {"notes": "NVMe"})
    answer = admin.put(made.headers["Location"], {"unit_cost": 0, "notes": ""})
    assert (answer.json["unit_cost"], answer.json["notes"]) == (0, "")


@pytest.mark.parametrize(
    "nothing", [None, "", [], {}, False, "abc", "1e3", -1, 0.000001, 1e300, 10**40, "NaN", "٤٠"], ids=repr
)
@pytest.mark.parametrize("field", ["unit_cost", "unit_sell"])
def test_what_is_no_price_is_refused_and_changes_nothing(
    admin: Program, atlas: Service, field: str, nothing: object
) -> None:
    before = parts(admin, atlas)
    answer = admin.put(f"/api/components/{before[0]['id']}", {field: nothing})
    assert answer.status_code == 422
    assert [issue["pointer"] for issue in answer.json["errors"]] == [f"#/{field}"]
    assert parts(admin, atlas) == before


@pytest.mark.parametrize("quantity", [0, -1, None, 0.00001, 10000000, "0", True], ids=repr)
def test_a_quantity_is_above_nothing(admin: Program, atlas: Service, quantity: object) -> None:
    answer = admin.post(f"/api/services/{atlas.id}/components", SSD | {"quantity": quantity})
    assert answer.status_code == 422
    assert [issue["pointer"] for issue in answer.json["errors"]] == ["#/quantity"]


def test_only_an_adjustment_goes_below_zero(admin: Program, atlas: Service) -> None:
    path = f"/api/services/{atlas.id}/components"
    discount = {"name": "Discount", "unit_cost": 0, "unit_sell": -100}
    assert admin.post(path, discount).status_code == 422
    assert admin.post(path, discount | {"kind": "adjustment"}).status_code == 201
    assert admin.get(f"/api/services/{atlas.id}").json["sell_price"] == 1400
    refused = admin.post(path, discount | {"kind": "adjustment", "unit_sell": -5000})
    assert (refused.status_code, refused.json["error"]) == (409, "BELOW_ZERO")


def test_removing_is_a_204_once_and_a_404_after(admin: Program, atlas: Service) -> None:
    path = f"/api/components/{parts(admin, atlas)[0]['id']}"
    answer = admin.delete(path)
    assert (answer.status_code, answer.data) == (204, b"")
    for again in (admin.delete(path), admin.get(path), admin.put(path, {})):
        assert (again.status_code, again.json["error"]) == (404, "COMPONENT_NOT_FOUND")
    assert admin.get(f"/api/services/{atlas.id}").json["cost_price"] == 300


def test_what_was_read_can_be_sent_back_and_copied(admin: Program, atlas: Service) -> None:
    part = parts(admin, atlas)[0]
    assert admin.put(f"/api/components/{part['id']}", part).json == part
    copy = admin.post(f"/api/services/{atlas.id}/components", part)
    assert copy.status_code == 201
    assert copy.json["id"] != part["id"]


def test_a_version_in_the_body_guards_the_field_that_is_changed(admin: Program, atlas: Service) -> None:
    path = f"/api/components/{parts(admin, atlas)[0]['id']}"
    admin.put(path, {"unit_cost": 640})
    stale = admin.put(path, {"unit_cost": 650, "version": 1})
    assert (stale.status_code, stale.json["error"]) == (409, "STALE")
    assert (stale.json["theirs"], stale.json["yours"], stale.json["who"]) == (640, 650, "Salma Bennis")
    assert stale.json["version"] == 2
    assert admin.put(path, {"notes": "another field", "version": 1}).status_code == 200
    assert admin.put(path, {"unit_cost": 650}).json["unit_cost"] == 650


@pytest.mark.parametrize("version", [2**31, 2**53 - 1])
def test_a_version_that_never_was_is_stale(admin: Program, atlas: Service, version: int) -> None:
    path = f"/api/components/{parts(admin, atlas)[0]['id']}"
    assert admin.put(path, {"unit_cost": 640, "version": version}).json["error"] == "STALE"


@pytest.mark.parametrize("version", [10**40, 0, "one", None], ids=repr)
def test_a_version_that_cannot_be_is_refused(admin: Program, atlas: Service, version: object) -> None:
    path = f"/api/components/{parts(admin, atlas)[0]['id']}"
    answer = admin.put(path, {"unit_cost": 640, "version": version})
    assert answer.status_code == 422
    assert [issue["pointer"] for issue in answer.json["errors"]] == ["#/version"]


def test_if_match_guards_the_whole_component(admin: Program, atlas: Service) -> None:
    path = f"/api/components/{parts(admin, atlas)[0]['id']}"
    etag = admin.get(path).headers["ETag"]
    admin.put(path, {"unit_cost": 640})
    for stale in (
        admin.call("PUT", path, {"If-Match": etag}, json={"notes": "another field"}),
        admin.call("DELETE", path, {"If-Match": etag}),
    ):
        assert (stale.status_code, stale.json["who"], stale.json["version"]) == (412, "Salma Bennis", 2)
    assert admin.call("DELETE", path, {"If-Match": '"2"'}).status_code == 204


def test_an_unknown_service_has_no_components(admin: Program) -> None:
    assert admin.get("/api/services/7/components").json["error"] == "SERVICE_NOT_FOUND"
    assert admin.post("/api/services/7/components", SSD).json["error"] == "SERVICE_NOT_FOUND"
