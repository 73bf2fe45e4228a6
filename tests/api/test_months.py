"""Closed months and the trail over JSON: closing, what is refused afterwards, reopening, and reading who did what."""

from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Program
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.ledger.models import Transaction

REASON = {"reason": "Handed in"}


def close(program: Program, month: str = "2026-11") -> Any:
    return program.post(f"/api/months/{month}/close", REASON)


def test_a_month_is_closed_listed_and_reopened(admin: Program, sale: Transaction) -> None:
    closed = close(admin)
    assert closed.status_code == 200
    told = closed.json
    assert told["closed_at"]
    assert {name: told[name] for name in told if name != "closed_at"} == {
        "month": "2026-11", "sales": 1, "revenue": 3000, "cost": 1800, "opex": 800, "currency": "MAD",
        "closed_by": "Salma Bennis", "reason": "Handed in",
    }  # fmt: skip
    assert admin.get("/api/months").json == [told]
    reopened = admin.post("/api/months/2026-11/reopen", {"reason": "A sale was forgotten"})
    assert (reopened.status_code, reopened.json) == (200, told)
    assert admin.get("/api/months").json == []


def test_a_closed_month_refuses_sales_voids_and_expenses(admin: Program, atlas: Service, sale: Transaction) -> None:
    close(admin)
    refusals = [
        admin.post("/api/transactions", {"service_id": atlas.id, "month": "2026-11"}),
        admin.delete(f"/api/transactions/{sale.id}"),
        admin.post("/api/expenses", {"name": "Rent", "amount": 1}),
        admin.put("/api/expenses/1", {"amount": 1}),
        admin.delete("/api/expenses/1"),
        close(admin),
    ]
    assert [(answer.status_code, answer.json["error"]) for answer in refusals] == [(409, "MONTH_CLOSED")] * 6
    assert refusals[0].json["errors"][0]["pointer"] == "#/month"
    assert refusals[0].json["month"] == "2026-11"
    assert admin.put("/api/expenses/1", {"notes": "Rack 4"}).status_code == 200
    assert admin.post("/api/transactions", {"service_id": atlas.id, "month": "2026-10"}).status_code == 201


def test_only_an_admin_closes_reopens_and_reads_the_trail(viewer: Program, stranger: Program) -> None:
    for path in ("/api/months/2026-10/close", "/api/months/2026-10/reopen"):
        assert viewer.post(path, REASON).status_code == 403
        assert stranger.post(path, REASON).status_code == 401
    assert viewer.get("/api/months").status_code == 200
    assert viewer.get("/api/audit").status_code == 403
    assert stranger.get("/api/audit").status_code == 401


@pytest.mark.parametrize(("path", "words", "status"), [
    ("/api/months/2026-13/close", REASON, 422), ("/api/months/2999-12/close", REASON, 422),
    ("/api/months/2026-10/close", {}, 422), ("/api/months/2026-10/close", {"reason": " "}, 422),
    ("/api/months/2026-10/close", {"reason": "x", "month": "2026-09"}, 422),
    ("/api/months/2026-10/reopen", REASON, 409),
])  # fmt: skip
def test_what_cannot_be_closed_is_refused(admin: Program, path: str, words: Any, status: int) -> None:
    answer = admin.post(path, words)
    assert answer.status_code == status, answer.text
    assert admin.get("/api/months").json == []


def test_the_trail_is_read_newest_first_a_page_at_a_time(app: Flask, admin: Program, books: Database) -> None:
    with books.transaction() as session:
        for number in range(60):
            make.offer(session, f"Offer {number}")
    first = admin.get("/api/audit?limit=50")
    newest = int(first.headers["X-Total-Count"])
    assert [entry["id"] for entry in first.json] == list(range(newest, newest - 50, -1))
    assert first.json[0]["prev_hash"] == first.json[1]["hash"]
    assert (first.json[0]["subject"], first.json[0]["username"], first.json[0]["face"]) == (
        "service", "operator", "command",
    )  # fmt: skip
    users = admin.get("/api/audit?subject=user")
    assert {entry["subject"] for entry in users.json} == {"user"}
    assert int(users.headers["X-Total-Count"]) == len(users.json) < newest
    assert admin.get("/api/audit?username=nobody").json == []
