"""Asked again for what did not change: 304 and no body, on whatever has a mark of its words."""

import pytest

from tests.api.conftest import Program
from vela.blueprints.api.answers import ENVELOPE
from vela.domain.catalog.models import Service

SALE = {"service_id": 1, "quantity": 1, "month": "2026-11"}
PATHS = ("/api/pnl?month=2026-11", "/api/dashboard", "/api/transactions", "/api/services")


@pytest.mark.parametrize("path", PATHS)
def test_what_did_not_change_is_not_sent_again(admin: Program, atlas: Service, path: str) -> None:
    first = admin.get(path)
    mark = first.headers["ETag"]
    assert mark.startswith('W/"')
    assert {"Accept", "Accept-Language", "Authorization"} <= set(first.vary)
    for known in (mark, f'"another", {mark}', mark.removeprefix("W/"), "*"):
        again = admin.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", mark)
        assert "Content-Type" not in again.headers
        assert set(again.vary) == set(first.vary)
        assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert admin.get(path, headers={"If-None-Match": 'W/"another"'}).data == first.data


@pytest.mark.parametrize("path", PATHS[:3])
def test_a_change_makes_another_mark(admin: Program, atlas: Service, path: str) -> None:
    seen = [admin.get(path)]
    for act in (lambda: admin.post("/api/transactions", SALE), lambda: admin.post("/api/transactions", SALE)):
        assert act().status_code == 201
        seen.append(admin.get(path, headers={"If-None-Match": seen[-1].headers["ETag"]}))
    assert {each.status_code for each in seen} == {200}
    assert len({each.headers["ETag"] for each in seen}) == 3


def test_another_form_of_the_same_has_another_mark(admin: Program, atlas: Service) -> None:
    bare = admin.get("/api/services")
    wrapped = admin.get("/api/services", headers={"Accept": ENVELOPE, "If-None-Match": bare.headers["ETag"]})
    assert (wrapped.status_code, wrapped.mimetype) == (200, ENVELOPE)


def test_a_refusal_is_always_said(admin: Program) -> None:
    assert admin.get("/api/services/77", headers={"If-None-Match": "*"}).status_code == 404


VERSIONED = {
    "/api/services/1": {"description": "1TB"},
    "/api/components/1": {"unit_cost": 640},
    "/api/expenses/1": {"amount": 850},
    "/api/users/1": {"display_name": "Salma"},
    "/api/settings": {"name": "Rif Storage"},
    "/api/webhooks/1": {"active": False},
}


@pytest.fixture
def books_with_all(admin: Program, atlas: Service) -> Program:
    """Books in which each resource with a version is there once."""
    assert admin.post("/api/expenses", {"name": "Rent", "amount": 800}).status_code == 201
    hook = {"address": "https://example.com/hooks", "events": ["month.closed"]}
    assert admin.post("/api/webhooks", hook).status_code == 201
    return admin


def test_what_has_a_version_is_not_sent_again_until_it_changes(books_with_all: Program) -> None:
    for path, change in VERSIONED.items():
        first = books_with_all.get(path)
        mark = first.headers["ETag"]
        assert mark.startswith(f'"{first.json["version"]}-'), path
        for known in (mark, f"W/{mark}", f'"another", {mark}', "*"):
            again = books_with_all.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", mark), (path, known)
        assert books_with_all.get(path, headers={"If-None-Match": f'"{first.json["version"]}"'}).data == first.data
        changed = books_with_all.put(path, change, headers={"If-Match": mark})
        assert changed.status_code == 200, changed.text
        seen = books_with_all.get(path, headers={"If-None-Match": mark})
        assert (seen.status_code, seen.json) == (200, changed.json), path
        assert seen.headers["ETag"] == changed.headers["ETag"] != mark, path
        assert books_with_all.put(path, change, headers={"If-Match": mark}).status_code == 412, path


def test_what_is_no_part_of_the_resource_makes_another_mark_at_the_same_version(admin: Program, atlas: Service) -> None:
    before = admin.get("/api/services/1")
    mark = before.headers["ETag"]
    wrapped = admin.get("/api/services/1", headers={"Accept": ENVELOPE, "If-None-Match": mark})
    assert (wrapped.status_code, wrapped.mimetype) == (200, ENVELOPE)
    assert wrapped.headers["ETag"] != mark
    assert admin.put("/api/settings", {"currency": "EUR"}).status_code == 200
    after = admin.get("/api/services/1", headers={"If-None-Match": mark})
    assert (after.status_code, after.json["currency"], after.json["version"]) == (200, "EUR", before.json["version"])
    # None of these was overwritten by anybody.
    for named in (mark, wrapped.headers["ETag"], after.headers["ETag"]):
        answer = admin.put("/api/services/1", {"description": ""}, headers={"If-Match": named})
        assert answer.status_code == 200, named


def test_looking_is_not_bound_to_a_version(admin: Program, atlas: Service) -> None:
    for path in ("/api/services/1", "/api/services"):
        assert admin.get(path, headers={"If-Match": '"77"'}).status_code == 200


def test_nothing_is_told_to_whoever_may_not_ask(admin: Program, stranger: Program, atlas: Service) -> None:
    mark = admin.get("/api/dashboard").headers["ETag"]
    assert stranger.get("/api/dashboard", headers={"If-None-Match": mark}).status_code == 401


def test_the_document_says_so(stranger: Program) -> None:
    paths = stranger.get("/api/openapi.json").json["paths"]
    for path in ("/api/pnl", "/api/dashboard", "/api/transactions"):
        responses = paths[path]["get"]["responses"]
        assert "ETag" in responses["200"]["headers"]
        assert "content" not in responses["304"]
    versioned = paths["/api/services/{service_id}"]["get"]["responses"]
    assert versioned["304"]["headers"]["ETag"] == versioned["200"]["headers"]["ETag"]
