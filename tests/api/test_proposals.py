"""Proposals over JSON: what would happen, what waits, and that no token decides."""

from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Program, signed_in
from tests.domain.books import everything
from vela.db import Database
from vela.domain.people.intake import NewToken
from vela.domain.people.queries import user
from vela.domain.people.signins import create_token
from vela.intake import read

SALE: dict[str, Any] = {"service_id": 1, "quantity": 2, "month": "2026-10"}


@pytest.fixture
def salma(app: Flask, books: Database) -> Program:
    """A person who has signed in, and the offer Atlas at 900/1500."""
    with books.transaction() as session:
        make.user(session, "salma", role="admin")
        make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
    return signed_in(app, "salma")


def script(app: Flask, books: Database, salma: Program, scope: str) -> Program:
    """A script with a token of Salma's."""
    user_id = salma.get("/api/auth/me").json["id"]
    with books.transaction() as session:
        words = read(NewToken, {"name": "Script", "scope": scope})
        secret = create_token(session, make.admin(), user(session, user_id), words)[1]
    program = Program(app)
    program.token = secret
    return program


def test_a_dry_run_tells_the_money_and_stores_nothing(app: Flask, books: Database, salma: Program) -> None:
    for scope in ("propose", "write"):
        program = script(app, books, salma, scope)
        program.get("/api/services")
        before = everything(books)
        answer = program.post("/api/dry-runs/add_transaction", SALE)
        assert (answer.status_code, answer.json["month_profit_change"]) == (200, 1200)
        assert everything(books) == before


def test_a_token_that_proposes_writes_nothing_and_decides_nothing(app: Flask, books: Database, salma: Program) -> None:
    program = script(app, books, salma, "propose")
    refused = program.post("/api/transactions", SALE)
    assert (refused.status_code, refused.json["error"]) == (403, "INSUFFICIENT_SCOPE")
    proposed = program.post("/api/proposals/add_transaction", SALE)
    assert (proposed.status_code, proposed.headers["Location"], proposed.json["state"]) == (
        201, "/api/proposals/1", "waiting",
    )  # fmt: skip
    for scope in ("propose", "write", "admin"):
        other = script(app, books, salma, scope)
        for answer in (
            other.post("/api/proposals/1/approve", {"mark": proposed.json["mark"]}),
            other.call("POST", "/api/proposals/1/decline"),
        ):
            assert (answer.status_code, answer.json["error"]) == (403, "PERSON_NEEDED")
    assert salma.get("/api/transactions").json == []
    approved = salma.post("/api/proposals/1/approve", {"mark": proposed.json["mark"]})
    assert (approved.status_code, approved.json["state"], approved.json["decided_by"]) == (200, "approved", "Salma")
    assert [each["revenue"] for each in salma.get("/api/transactions").json] == [3000]
    again = salma.post("/api/proposals/1/approve", {"mark": proposed.json["mark"]})
    assert (again.status_code, again.json["error"], again.json["state"]) == (409, "DECIDED", "approved")


def test_when_the_ground_has_moved_the_effect_is_told_anew(app: Flask, books: Database, salma: Program) -> None:
    proposed = script(app, books, salma, "propose").post("/api/proposals/add_transaction", SALE).json
    salma.call("PUT", "/api/components/1", json={"unit_sell": 1100})
    refused = salma.post("/api/proposals/1/approve", {"mark": proposed["mark"]})
    assert (refused.status_code, refused.json["error"]) == (409, "GROUND_MOVED")
    anew = salma.get("/api/proposals/1").json
    assert (anew["effect"]["month_profit_change"], anew["mark"] != proposed["mark"]) == (1400, True)
    assert salma.post("/api/proposals/1/approve", {"mark": anew["mark"]}).status_code == 200


def test_the_same_proposal_under_one_key_is_made_once(app: Flask, books: Database, salma: Program) -> None:
    program = script(app, books, salma, "propose")
    answers = [
        program.call("POST", "/api/proposals/add_transaction", json=SALE, headers={"Idempotency-Key": "order-1"})
        for _each in range(2)
    ]
    assert answers[0].json == answers[1].json
    assert [each["id"] for each in program.get("/api/proposals").json] == [1]


def test_bad_words_and_strangers_are_refused(app: Flask, books: Database, salma: Program) -> None:
    program = script(app, books, salma, "propose")
    assert program.post("/api/proposals/add_transaction", SALE | {"approved": True}).status_code == 422
    assert program.post("/api/proposals/sell_everything", {}).status_code == 404
    assert program.post("/api/proposals/delete_component", {"component_id": 99}).status_code == 404
    assert program.get("/api/proposals/99").status_code == 404
    assert program.get("/api/proposals?decided=maybe").status_code == 422
    assert Program(app).get("/api/proposals").status_code == 401
    reading = script(app, books, salma, "read")
    for path in ("dry-runs", "proposals"):
        assert reading.post(f"/api/{path}/add_transaction", SALE).status_code == 403
    with books.transaction() as session:
        make.user(session, "youssef")
    program.post("/api/proposals/add_transaction", SALE)
    other = signed_in(app, "youssef")
    assert other.get("/api/proposals").json == []
    assert other.call("POST", "/api/proposals/1/decline").status_code == 404
    assert salma.call("POST", "/api/proposals/1/decline").json["state"] == "declined"
    (over,) = salma.get("/api/proposals?decided=true").json
    assert over["state"] == "declined"


def test_what_would_change_nothing_is_refused(app: Flask, books: Database, salma: Program) -> None:
    program, same = script(app, books, salma, "propose"), {"component_id": 1, "unit_sell": 1000}
    refused = program.post("/api/proposals/update_component", same)
    assert (refused.status_code, refused.json["error"]) == (409, "NOTHING_CHANGES")
    assert program.post("/api/dry-runs/update_component", same).json["lines"] == []
    assert program.get("/api/proposals").json == []


def test_a_revoked_token_takes_its_proposals_with_it(app: Flask, books: Database, salma: Program) -> None:
    proposed = script(app, books, salma, "propose").post("/api/proposals/add_transaction", SALE).json
    assert (proposed["state"], proposed["why"]) == ("waiting", None)
    (token,) = salma.get("/api/tokens").json
    assert salma.call("DELETE", f"/api/tokens/{token['id']}").status_code in (200, 204)
    assert salma.get("/api/proposals").json == []
    stands = salma.get("/api/proposals/1").json
    assert (stands["state"], stands["why"]) == (
        "withdrawn", "The token that proposed this was revoked since. Nobody can approve it.",
    )  # fmt: skip
    for answer in (
        salma.post("/api/proposals/1/approve", {"mark": proposed["mark"]}),
        salma.call("POST", "/api/proposals/1/decline"),
    ):
        assert (answer.status_code, answer.json["error"], answer.json["state"]) == (409, "DECIDED", "withdrawn")
