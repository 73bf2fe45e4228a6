"""Long lists a page at a time: each thing once, however many are added meanwhile, and sums that fit the books."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Answer, Program, signed_in
from vela.blueprints.api.answers import ENVELOPE
from vela.db import Database
from vela.domain.audit import trail

HOOK = {"address": "https://example.com/hooks", "events": ["month.closed"]}
SALE = {"service_id": 1, "quantity": 1, "month": "2026-11"}
Adding = Callable[[Program, int], Answer]


def sell(program: Program, number: int) -> Answer:
    return program.post("/api/transactions", SALE | {"quantity": number})


def offer(program: Program, number: int) -> Answer:
    part = {"name": "SSD", "unit_cost": 1, "unit_sell": 2}
    return program.post("/api/services", {"name": f"Rif {number}", "components": [part]})


def reprice(program: Program, number: int) -> Answer:
    return program.put("/api/components/1", {"unit_cost": 600 + number})


def spend(program: Program, number: int) -> Answer:
    return program.post("/api/expenses", {"name": f"Rent {number}", "amount": number})


def welcome(program: Program, number: int) -> Answer:
    said = {"username": f"user{number}", "display_name": "Somebody", "password": "seven camels at noon"}
    return program.post("/api/users", said)


def make_token(program: Program, number: int) -> Answer:
    return program.post("/api/tokens", {"name": f"Token {number}", "scope": "read"})


def sign_in(program: Program, _number: int) -> Answer:
    return program.log_in("salma")


def close(program: Program, number: int) -> Answer:
    return program.post(f"/api/months/2026-{number + 1:02d}/close", {"reason": "Handed in"})


def ping(program: Program, _number: int) -> Answer:
    return program.post("/api/webhooks/1/ping")


def propose(program: Program, number: int) -> Answer:
    return program.post("/api/proposals/add_transaction", SALE | {"quantity": number})


def decline(program: Program, number: int) -> Answer:
    assert propose(program, number).status_code == 201
    waits = program.get("/api/proposals").json[-1]
    return program.post(f"/api/proposals/{waits['id']}/decline")


# Each list that grows, how a thing is added to it, whether new ones come last, and whether it is sent whole.
LISTS: dict[str, tuple[Adding, bool, bool]] = {
    "/api/transactions": (sell, False, True),
    "/api/services": (offer, True, True),
    "/api/expenses": (spend, True, True),
    "/api/users": (welcome, True, True),
    "/api/services/1/prices": (reprice, True, True),
    "/api/months": (close, False, True),
    "/api/services/1/revisions": (reprice, False, False),
    "/api/tokens": (make_token, False, False),
    "/api/users/1/tokens": (make_token, False, False),
    "/api/auth/sign-ins": (sign_in, False, False),
    "/api/webhooks/1/deliveries": (ping, False, False),
    "/api/audit": (sell, False, False),
    "/api/audit?subject=transaction&username=salma": (sell, False, False),
    "/api/proposals": (propose, True, False),
    "/api/proposals?decided=true": (decline, False, False),
}
PATHS = [pytest.param(path, id=path.removeprefix("/api/")) for path in LISTS]
# Lists that cannot grow beyond what fits in one answer.
SHORT = {"/api/services/{service_id}/components", "/api/webhooks"}


@pytest.fixture
def begun(admin: Program, books: Database) -> Program:
    """Books in which each list can be added to."""
    with books.transaction() as session:
        make.offer(session, "Atlas", ("HDD", 600, 1000))
    assert admin.post("/api/webhooks", HOOK).status_code == 201
    return admin


def following(answer: Answer) -> str:
    """The address of the next page; empty on the last one."""
    found = re.fullmatch(r'<(/api/[^>]+)>; rel="next"', answer.headers.get("Link", ""))
    return found[1] if found else ""


def with_(path: str, said: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{said}"


def told_apart(thing: dict[str, Any]) -> Any:
    return next(thing[name] for name in ("id", "number", "month", "at") if name in thing)


def added(program: Program, path: str, numbers: range) -> None:
    for number in numbers:
        answer = LISTS[path][0](program, number)
        assert answer.status_code < 300, answer.text


def pages(program: Program, path: str, meanwhile: Callable[[], None]) -> list[list[Any]]:
    """The pages of a list from this address on; after each of them something happens."""
    found: list[list[Any]] = []
    while path:
        page = program.get(path)
        assert page.status_code == 200, page.text
        found.append([told_apart(thing) for thing in page.json])
        path = following(page)
        meanwhile()
    return found


@pytest.mark.parametrize("path", PATHS)
def test_everything_comes_once_whatever_is_added_meanwhile(begun: Program, path: str) -> None:
    added(begun, path, range(1, 6))
    whole = [told_apart(thing) for thing in begun.get(with_(path, "limit=1000")).json]
    assert len(whole) == len(set(whole)) >= 5
    more = iter(range(6, 100))
    seen = pages(begun, with_(path, "limit=4"), lambda: added(begun, path, range(next(more), 7 + len(whole))[:1]))
    assert [len(page) for page in seen[:-1]] == [4] * (len(seen) - 1)
    flat = [thing for page in seen for thing in page]
    _add, come_last, _whole = LISTS[path]
    assert flat[: len(whole)] == whole
    assert len(flat) == len(set(flat))
    assert come_last or len(flat) == len(whole)


@pytest.fixture
def filled(begun: Program) -> Program:
    """Books in which each list holds three things at least."""
    for path in LISTS:
        added(begun, path, range(4, 7) if path == "/api/services/1/prices" else range(1, 4))
    return begun


def test_each_page_says_how_many_there_are_and_only_the_last_leads_nowhere(filled: Program) -> None:
    for path in LISTS:
        whole = filled.get(with_(path, "limit=1000"))
        first = filled.get(with_(path, "limit=2"))
        assert (whole.headers["X-Total-Count"], "Link" in whole.headers) == (str(len(whole.json)), False), path
        assert (first.headers["X-Total-Count"], len(first.json)) == (str(len(whole.json)), 2), path
        assert set(re.findall(r"(\w+)=", following(first))) == {"limit", "cursor", *re.findall(r"(\w+)=", path)}
        exactly = filled.get(with_(path, f"limit={len(whole.json)}"))
        assert (exactly.json, following(exactly)) == (whole.json, ""), path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_that_is_not_sent_whole_begins_with_a_hundred(filled: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vela.blueprints.api.paging.USUAL", 2)
    for path, (_add, _come_last, is_whole) in LISTS.items():
        answer = filled.get(path)
        assert (len(answer.json) > 2, following(answer) == "") == (is_whole, is_whole), path
        from_a_place = following(filled.get(with_(path, "limit=1"))).replace("limit=1&", "")
        assert len(filled.get(from_a_place).json) == 2, path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_bad_limit_or_cursor_is_refused_with_a_word_about_the_right_one(filled: Program) -> None:
    words = "This is no cursor. Take the one in the header Link of the page before."
    for path in LISTS:
        for said in ("0", "1001", "x", "", "1.5", "-1"):
            refused = filled.get(with_(path, f"limit={said}"))
            assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/limit"), (path, said)
        for said in ("", "A", "1234567", "a b", "%00", "-1", "é", "٢"):
            refused = filled.get(with_(path, f"cursor={said}"))
            assert refused.status_code == 422, (path, said)
            assert refused.json["errors"] == [{"detail": words, "pointer": "#/cursor"}], (path, said)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_cursor_is_a_place_in_the_list(filled: Program) -> None:
    for path, (_add, come_last, _whole) in LISTS.items():
        whole = len(filled.get(with_(path, "limit=1000")).json)
        found = [len(filled.get(with_(path, f"cursor={place}")).json) for place in ("0", "zzzzzz")]
        assert found == ([whole, 0] if come_last else [0, whole]), path


def test_a_wrapped_page_names_the_next_one_inside(begun: Program) -> None:
    added(begun, "/api/transactions", range(1, 4))
    asked = {"headers": {"Accept": ENVELOPE}}
    first = begun.get("/api/transactions?limit=2", **asked)
    assert first.json["meta"] == {"total": 3, "next": following(first)}
    assert begun.get(first.json["meta"]["next"], **asked).json["meta"] == {"total": 3, "next": None}


def test_every_list_says_so_and_is_tried_above(stranger: Program) -> None:
    document = stranger.get("/api/openapi.json").json
    lists = {
        path: item["get"]
        for path, item in document["paths"].items()
        if item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        and "X-Total-Count" in item["get"]["responses"]["200"]["headers"]
    }
    tried = {re.sub(r"/1/", "/{}/", path.partition("?")[0]) for path in LISTS}
    assert {re.sub(r"\{\w+\}", "{}", path) for path in lists.keys() - SHORT} == tried
    for path, operation in lists.items():
        taken = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ({"limit", "cursor"} <= taken) is (path not in SHORT), path
        assert ("Link" in operation["responses"]["200"]["headers"]) is (path not in SHORT), path


def test_the_trail_is_narrowed_and_chained_across_pages(begun: Program, books: Database) -> None:
    with books.transaction() as session:
        for number in range(5):
            trail.record(session, make.admin(), "note", "books", number)
    first = begun.get("/api/audit?subject=books&limit=3")
    second = begun.get(following(first))
    assert [entry["subject_id"] for entry in [*first.json, *second.json]] == [4, 3, 2, 1, 0]
    assert first.json[-1]["prev_hash"] == second.json[0]["hash"]
    shouted = begun.get("/api/audit?subject=user&username=SALMA")
    assert (shouted.status_code, shouted.json) == (200, begun.get("/api/audit?subject=user&username=salma").json)
    unknown = begun.get("/api/audit?subject=sale")
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "#/subject")
    assert "transaction" in unknown.json["detail"]
    nobody = begun.get("/api/audit?username=nobody&cursor=3")
    assert (nobody.json, nobody.headers["X-Total-Count"]) == ([], "0")


def test_a_revision_is_compared_with_the_one_on_the_next_page(begun: Program) -> None:
    added(begun, "/api/services/1/revisions", range(1, 5))
    assert begun.post("/api/services/1/revisions/2/restore").status_code == 200
    whole = begun.get("/api/services/1/revisions").json
    one_by_one = [revision for page in _each(begun, "/api/services/1/revisions?limit=1") for revision in page]
    assert one_by_one == whole
    assert all(revision["changes"] for revision in whole[:-1])


def _each(program: Program, path: str) -> list[list[Any]]:
    found: list[list[Any]] = []
    while path:
        page = program.get(path)
        found.append(page.json)
        path = following(page)
    return found


def test_a_viewer_pages_through_what_is_theirs_alone(app: Flask, begun: Program, viewer: Program) -> None:
    for program in (begun, viewer, begun, viewer):
        assert make_token(program, 1).status_code == 201
        assert propose(program, 1).status_code == 201
    for path in ("/api/tokens", "/api/proposals"):
        first = viewer.get(f"{path}?limit=1")
        second = viewer.get(following(first))
        assert (len(first.json), len(second.json), following(second)) == (1, 1, "")
        assert first.headers["X-Total-Count"] == "2"
    assert signed_in(app, "youssef").get("/api/audit?limit=1").status_code == 403


@pytest.fixture
def sales(admin: Program, books: Database) -> None:
    """Seven sales of November, the third of them voided, and one of October."""
    with books.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", 600, 1000))
        for quantity in range(1, 8):
            make.sale(session, atlas, quantity, "2026-11")
        make.sale(session, atlas, 50, "2026-10")
    assert admin.delete("/api/transactions/3").status_code == 204


def test_the_pages_add_up_to_the_month(admin: Program, sales: None) -> None:
    first = admin.get("/api/transactions?month=2026-11&limit=4")
    second = admin.get(following(first))
    assert (len(first.json), len(second.json), following(second)) == (4, 2, "")
    revenue = sum(sale["revenue"] for sale in [*first.json, *second.json])
    assert revenue == admin.get("/api/pnl?month=2026-11").json["total_revenue"]
    assert [page.headers["X-Total-Count"] for page in (first, second)] == ["6", "6"]
    voided = admin.get("/api/transactions?month=2026-11&limit=1&include_voided=true")
    assert voided.headers["X-Total-Count"] == "7"
    assert "include_voided=true" in following(voided)


def test_what_is_taken_away_meanwhile_leaves_no_gap(admin: Program, sales: None) -> None:
    first = admin.get("/api/transactions?month=2026-11&limit=2")
    assert admin.delete("/api/transactions/6").status_code == 204
    assert [sale["quantity"] for sale in admin.get(following(first)).json] == [5, 4]
