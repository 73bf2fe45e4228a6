"""What a service was, over JSON: a revision, two side by side, prices over time, going back; several changes in one."""

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.api.conftest import Program
from vela.db import Database
from vela.domain.catalog.models import Revision, Service

REVISIONS = "/api/services/1/revisions"
ROWS: list[dict[str, Any]] = [
    {"id": 1, "unit_cost": 640, "version": 1},
    {"id": 2, "remove": True},
    {"name": "SSD", "unit_cost": "400.5", "unit_sell": 700, "quantity": 2},
]


def count(books: Database) -> int:
    with books.reading() as session:
        return session.scalar(select(func.count()).select_from(Revision)) or 0


@pytest.fixture
def changed(admin: Program, atlas: Service) -> None:
    """HDD dearer in revision 2, RAM taken out in revision 3."""
    admin.put("/api/components/1", {"unit_cost": 640})
    admin.delete("/api/components/2")


def test_one_revision_is_the_whole_service_as_it_stood(admin: Program, changed: None) -> None:
    second = admin.get(f"{REVISIONS}/2").json
    listed = next(each for each in admin.get(REVISIONS).json if each["number"] == 2)
    assert {name: second[name] for name in listed} == listed
    assert (second["name"], second["active"], second["list_sell"]) == ("Atlas", True, None)
    lines = [
        (line["name"], line["unit_cost"], line["cost"], line["margin"], line["version"]) for line in second["lines"]
    ]
    assert lines == [("HDD", 640, 640, 360, 2), ("RAM", 300, 300, 200, 1)]
    admin.post(f"{REVISIONS}/3/undo")
    assert admin.get(f"{REVISIONS}/4").json["undoes"] == 3


def test_two_revisions_stand_side_by_side(admin: Program, changed: None) -> None:
    compared = admin.get(f"{REVISIONS}/compare?from=1&to=3").json
    assert [compared[side]["number"] for side in ("first", "second")] == [1, 3]
    assert compared["change"] == {"cost": -260, "sell": -500, "margin": -240, "margin_pct_points": -4}
    told = [(line["name"], line["kind"], line["change"]["cost"]) for line in compared["lines"]]
    assert told == [("HDD", "changed", 40), ("RAM", "removed", -300)]
    assert compared["lines"][1]["second"] is None
    assert compared["lines"][0]["first"]["unit_cost"] == 600
    back = admin.get(f"{REVISIONS}/compare?from=3&to=1").json
    assert (back["change"]["cost"], back["lines"][1]["kind"]) == (260, "added")
    latest = admin.get(f"{REVISIONS}/compare").json
    assert [latest[side]["number"] for side in ("first", "second")] == [2, 3]
    admin.put("/api/services/1", {"name": "Atlas 2"})
    renamed = admin.get(f"{REVISIONS}/compare?to=4&from=1").json["changes"]
    assert renamed == [
        {"component_id": None, "subject": "Atlas 2", "field": "name", "before": "Atlas", "after": "Atlas 2"}
    ]


def test_the_first_revision_is_compared_with_itself_by_default(admin: Program, atlas: Service) -> None:
    alone = admin.get(f"{REVISIONS}/compare").json
    assert (alone["change"]["cost"], [line["kind"] for line in alone["lines"]]) == (0, ["same", "same"])


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("from=1&to=9", 404, "REVISION_NOT_FOUND"),
        ("from=9007199254740991", 404, "REVISION_NOT_FOUND"),
        ("from=0", 422, "INVALID"),
        ("from=one", 422, "INVALID"),
        ("first=1", 422, "INVALID"),
    ],
)
def test_what_is_no_revision_is_refused(admin: Program, atlas: Service, query: str, status: int, error: str) -> None:
    refused = admin.get(f"{REVISIONS}/compare?{query}")
    assert (refused.status_code, refused.json["error"]) == (status, error)
    if status == 422:
        assert refused.json["errors"][0]["pointer"] == f"#/{query.partition('=')[0]}"


def test_what_there_is_not_is_a_404(admin: Program, atlas: Service) -> None:
    for path in ("/api/services/9/revisions/1", "/api/services/9/revisions/compare", "/api/services/9/prices"):
        assert admin.get(path).json["error"] == "SERVICE_NOT_FOUND"
    assert admin.get(f"{REVISIONS}/9").json["error"] == "REVISION_NOT_FOUND"
    assert admin.post(f"{REVISIONS}/9/restore").json["error"] == "REVISION_NOT_FOUND"
    assert admin.post("/api/services/9/revisions/1/restore").json["error"] == "SERVICE_NOT_FOUND"
    assert admin.post("/api/services/9/changes", {"components": ROWS}).json["error"] == "SERVICE_NOT_FOUND"


def test_prices_over_time_move_only_when_a_price_does(admin: Program, changed: None) -> None:
    admin.put("/api/services/1", {"description": "1TB"})
    points = admin.get("/api/services/1/prices")
    assert [(each["cost_price"], each["sell_price"], each["margin"]) for each in points.json] == [
        (900, 1500, 600),
        (940, 1500, 560),
        (640, 1000, 360),
    ]
    moments = [each["at"] for each in points.json]
    assert moments == sorted(moments)


def test_a_past_state_is_brought_back_in_a_new_revision(admin: Program, changed: None, books: Database) -> None:
    restored = admin.post(f"{REVISIONS}/1/restore")
    assert (restored.status_code, restored.json["cost_price"]) == (200, 900)
    assert restored.headers["ETag"].startswith('"4-')
    assert [part["name"] for part in restored.json["components"]] == ["HDD", "RAM"]
    newest = admin.get(REVISIONS).json[0]
    assert (newest["action"], newest["undoes"], count(books)) == ("restore", 1, 4)


def test_a_taken_name_is_not_brought_back(admin: Program, atlas: Service) -> None:
    admin.put("/api/services/1", {"name": "Atlas 2"})
    admin.post("/api/services", {"name": "Atlas"})
    refused = admin.post(f"{REVISIONS}/1/restore")
    assert (refused.status_code, refused.json["error"]) == (409, "TAKEN")


def test_several_components_change_in_one_revision(admin: Program, atlas: Service, books: Database) -> None:
    changed = admin.post("/api/services/1/changes", {"components": ROWS})
    assert (changed.status_code, changed.json["cost_price"]) == (200, 1441)
    assert changed.headers["ETag"].startswith('"2-')
    assert [(part["name"], part["cost"]) for part in changed.json["components"]] == [("HDD", 640), ("SSD", 801)]
    assert count(books) == 2
    assert admin.post(f"{REVISIONS}/2/undo").json["cost_price"] == 900


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"id": 1, "unit_cost": "many"}, "#/components/1/unit_cost"),
        ({"id": 1, "unit_price": 5}, "#/components/1/unit_price"),
        ({"id": 99, "unit_cost": 5}, "#/components/1/id"),
        ({"id": 2, "unit_cost": 5}, "#/components/1/id"),
        ({"name": "SSD", "unit_cost": 5}, "#/components/1/unit_sell"),
        ({"id": None, "name": "SSD", "unit_cost": 5, "unit_sell": 6}, "#/components/1/id"),
        ({"id": 1, "remove": "false"}, "#/components/1/remove"),
        ({"id": 1, "remove": True, "unit_cost": 5}, "#/components/1/unit_cost"),
        ({"id": 1, "unit_cost": -5}, "#/components/1/unit_cost"),
        ({"id": 1, "unit_cost": 5, "version": 0}, "#/components/1/version"),
    ],
)
def test_when_one_row_cannot_be_done_none_is(
    admin: Program, atlas: Service, books: Database, row: dict[str, Any], pointer: str
) -> None:
    refused = admin.post("/api/services/1/changes", {"components": [{"id": 2, "unit_cost": 310}, row]})
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, [pointer])
    assert (count(books), admin.get("/api/services/1").json["cost_price"]) == (1, 900)


@pytest.mark.parametrize("rows", [None, {}, [1], "rows"])
def test_what_is_no_list_of_rows_is_refused(admin: Program, atlas: Service, rows: object) -> None:
    assert admin.post("/api/services/1/changes", {"components": rows}).status_code == 422


def test_nobodys_later_change_is_overwritten(admin: Program, atlas: Service, books: Database) -> None:
    admin.put("/api/components/1", {"unit_cost": 650})
    stale = admin.post("/api/services/1/changes", {"components": ROWS})
    assert (stale.status_code, stale.json["errors"][0]["pointer"]) == (422, "#/components/0/unit_cost")
    unmatched = admin.post("/api/services/1/changes", {"components": ROWS[1:]}, headers={"If-Match": '"1"'})
    assert (unmatched.status_code, unmatched.json["error"]) == (412, "STALE")
    assert count(books) == 2


def test_a_viewer_and_a_token_that_only_looks_change_nothing(
    admin: Program, viewer: Program, atlas: Service, books: Database
) -> None:
    looking = Program(
        viewer.client.application, admin.post("/api/tokens", {"name": "x", "scope": "read"}).json["secret"]
    )
    for program, error in ((viewer, "FORBIDDEN"), (looking, "INSUFFICIENT_SCOPE")):
        for path, body in (("/api/services/1/changes", {"components": ROWS}), (f"{REVISIONS}/1/restore", None)):
            refused = program.post(path, body)
            assert (refused.status_code, refused.json["error"]) == (403, error)
    assert count(books) == 1
