"""Requests sent again under their Idempotency-Key: done once, answered alike, on every call that makes something."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.api.conftest import Answer, Program, signed_in
from tests.api.test_guards import calls_of
from vela.blueprints.api.retries import creating
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog.commands import activate, deactivate
from vela.domain.catalog.models import Service
from vela.domain.idempotency.models import KeptAnswer
from vela.domain.ledger.models import Transaction

KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
SALE: dict[str, Any] = {"service_id": 1, "quantity": 2, "month": "2026-11"}
PART = {"name": "SSD", "unit_cost": 1, "unit_sell": 2}
MAKING: list[tuple[str, dict[str, Any] | None]] = [
    ("/api/services", {"name": "Rif", "components": [PART]}),
    ("/api/services/1/components", PART),
    ("/api/services/1/revisions/1/undo", None),
    ("/api/transactions", SALE),
    ("/api/expenses", {"name": "Power", "amount": "450.50"}),
    ("/api/months/2026-10/close", {"reason": "Handed in"}),
    ("/api/months/2026-10/reopen", {"reason": "A sale was forgotten"}),
    ("/api/services/1/revisions/1/restore", None),
    ("/api/services/1/changes", {"components": [{"id": 1, "unit_cost": 5}, PART]}),
    ("/api/transactions/1/reinstate", None),
    ("/api/services/1/list-at-sum", None),
    ("/api/services/1/discount-to-list", None),
    ("/api/proposals/add_component", {"service_id": 1} | PART),
    ("/api/proposals/update_component", {"component_id": 1, "unit_cost": 5}),
    ("/api/proposals/delete_component", {"component_id": 1}),
    ("/api/proposals/undo_change", {"service_id": 1, "revision": 2}),
    ("/api/proposals/add_transaction", SALE),
    ("/api/proposals/void_transaction", {"transaction_id": 1}),
    ("/api/users", {"username": "nadia", "display_name": "Nadia", "password": "seven camels at noon"}),
]
# What is decided about once in any case.
DECIDING = {"/api/proposals/1/approve", "/api/proposals/1/decline"}
# Their answer holds a secret, which is shown once: what they say again stands in the tests of tokens.
SHOWN_ONCE = {"/api/tokens", "/api/users/1/tokens", "/api/webhooks", "/api/webhooks/1/rotate"}
# What needs a webhook is tried in its tests.
OF_WEBHOOKS = {"/api/webhooks/1/ping", "/api/deliveries/1/replay", "/api/webhooks/1/replay"}
# What takes a file is tried in the tests of imports.
OF_IMPORTS = {f"/api/imports/{path}" for path in ("sales", "sales/1/confirm", "offers", "offers/1/confirm")}
SAME = ("Content-Type", "ETag", "Location")


def send(program: Program, path: str = "/api/transactions", body: object = SALE, key: str = KEY) -> Answer:
    return program.post(path, body, headers={"Idempotency-Key": key})


def count(books: Database, table: type = Transaction) -> int:
    with books.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(("path", "body"), MAKING)
def test_the_same_request_again_is_answered_alike_and_not_done_again(
    admin: Program, books: Database, atlas: Service, path: str, body: dict[str, Any] | None
) -> None:
    if path.endswith("undo"):
        assert admin.post("/api/services/1/components", PART).status_code == 201
        path = "/api/services/1/revisions/2/undo"
    if path.endswith("undo_change"):
        assert admin.post("/api/services/1/components", PART).status_code == 201
    if path.endswith("void_transaction"):
        assert admin.post("/api/transactions", SALE).status_code == 201
    if path.endswith("reinstate"):
        assert admin.post("/api/transactions", SALE).status_code == 201
        assert admin.delete("/api/transactions/1").status_code == 204
    if path.endswith("discount-to-list"):
        assert admin.put("/api/services/1", {"list_sell": "1.50"}).status_code == 200
    if path.endswith("reopen"):
        assert admin.post("/api/months/2026-10/close", body).status_code == 200
    first = send(admin, path, body)
    assert first.status_code in (200, 201), first.text
    assert "Idempotent-Replayed" not in first.headers
    written = count(books, AuditEntry)
    for _ in range(2):
        again = send(admin, path, body)
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert [again.headers.get(name) for name in SAME] == [first.headers.get(name) for name in SAME]
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert count(books, AuditEntry) == written


def test_every_call_that_makes_something_is_tried_above_and_says_so(app: Flask, stranger: Program) -> None:
    posts = {path for method, path, _ in calls_of(app) if method == "POST" and not path.startswith("/api/auth/")}
    posts = {path for path in posts if not path.startswith("/api/dry-runs/") and path not in DECIDING}
    assert posts == {path.replace("2026-10", "2026-11") for path, _ in MAKING} | SHOWN_ONCE | OF_WEBHOOKS | OF_IMPORTS
    paths = stranger.get("/api/openapi.json").json["paths"]
    operations = {
        path: item["post"]
        for path, item in paths.items()
        if "post" in item and not re.search("/auth/|/dry-runs/|/(approve|decline)$", path)
    }
    assert len(operations) == len(MAKING) + len(SHOWN_ONCE) + len(OF_WEBHOOKS) + len(OF_IMPORTS)
    for operation in operations.values():
        assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
        success = next(said for status, said in operation["responses"].items() if status.startswith("2"))
        assert "Idempotent-Replayed" in success["headers"]
        assert "IDEMPOTENCY_KEY_REUSED" in str(operation["responses"]["422"])
        assert "400" in operation["responses"]
    others = [item[method] for item in paths.values() for method in item if method != "post"]
    assert "Idempotency-Key" not in str(others)


def test_another_request_under_the_key_is_refused(admin: Program, books: Database, atlas: Service) -> None:
    send(admin)
    for path, body in (("/api/transactions", SALE | {"quantity": 3}), ("/api/services", {"name": "Rif"})):
        refused = send(admin, path, body)
        assert (refused.status_code, refused.json["error"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert (count(books), count(books, Service)) == (1, 1)


def test_how_the_request_is_written_does_not_matter(admin: Program, books: Database, atlas: Service) -> None:
    first = send(admin)
    spelled = '{"month": "2026-11",  "quantity": 2.0, "service_id": "1"}'
    headers = {"Idempotency-Key": f'"{KEY}"', "Content-Type": "application/json"}
    again = admin.call("POST", "/api/transactions", headers, data=spelled)
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    assert count(books) == 1


def test_keys_of_two_users_do_not_meet(
    app: Flask, admin: Program, viewer: Program, books: Database, atlas: Service
) -> None:
    assert [send(program).json["id"] for program in (admin, viewer)] == [1, 2]
    assert send(viewer).json["created_by"] == "Youssef Alami"


def test_without_a_key_every_request_counts(admin: Program, books: Database, atlas: Service) -> None:
    assert [admin.post("/api/transactions", SALE).json["id"] for _ in range(2)] == [1, 2]
    assert count(books, KeptAnswer) == 0


def test_a_refused_request_leaves_its_key_free(admin: Program, books: Database, atlas: Service) -> None:
    assert send(admin, body=SALE | {"quantity": 0}).status_code == 422
    with books.transaction() as session:
        deactivate(session, make.admin(), atlas.id)
    assert send(admin).status_code == 409
    assert count(books, KeptAnswer) == 0
    with books.transaction() as session:
        activate(session, make.admin(), atlas.id)
    assert send(admin).status_code == 201


def test_who_may_not_do_it_is_refused_before_the_key_counts(viewer: Program, books: Database, atlas: Service) -> None:
    assert send(viewer, "/api/services/1/components", PART).status_code == 403
    assert count(books, KeptAnswer) == 0


@pytest.mark.parametrize("key", ["", " ", '"', '""', '"a', 'a"b', "a b", "a,b", "x" * 201, '"a";p=1', "clé", "a\tb"])
def test_what_is_no_key_is_a_400_and_nothing_is_done(admin: Program, books: Database, atlas: Service, key: str) -> None:
    refused = send(admin, key=key)
    assert (refused.status_code, refused.json["error"]) == (400, "BAD_IDEMPOTENCY_KEY")
    assert count(books) == 0


QUOTES = [('"a b"', '"a b"'), ("abc", '"abc"'), ("a=b", '"a=b"'), ("x" * 200, f'"{"x" * 200}"')]


@pytest.mark.parametrize(("quoted", "same"), QUOTES)
def test_quoted_and_bare_keys_are_the_same(
    admin: Program, books: Database, atlas: Service, quoted: str, same: str
) -> None:
    send(admin, key=quoted)
    assert send(admin, key=same).headers["Idempotent-Replayed"] == "true"
    assert count(books) == 1


def test_what_is_idempotent_by_itself_does_not_look_at_the_key(admin: Program, atlas: Service) -> None:
    key = {"Idempotency-Key": '"'}
    assert admin.get("/api/services/1", headers=key).status_code == 200
    assert admin.put("/api/services/1", {"description": "1TB"}, headers=key).status_code == 200
    assert admin.delete("/api/services/1", headers=key).status_code == 200


def test_fifty_at_once_record_one_sale_and_hear_the_same(
    app: Flask, admin: Program, books: Database, atlas: Service
) -> None:
    barrier = Barrier(50)

    def start(_number: int) -> tuple[int, bytes]:
        program = Program(app, admin.token)
        barrier.wait()
        answer = send(program)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(50) as threads:
        answers = Counter(threads.map(start, range(50)))
    assert list(answers.values()) == [50], answers
    assert [status for status, _ in answers] == [201]
    assert count(books) == 1


def test_a_key_outlives_the_sign_in_that_first_sent_it(
    app: Flask, admin: Program, books: Database, atlas: Service
) -> None:
    first = send(admin)
    again = send(signed_in(app, "salma"))
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")


def test_a_call_that_forgets_to_keep_its_answer_stores_nothing(app: Flask, admin: Program, books: Database) -> None:
    def forgetful() -> None:
        with creating() as (session, _keep):
            make.offer(session, "Rif")

    with app.test_request_context("/api/x", method="POST"), pytest.raises(RuntimeError, match="without keeping"):
        forgetful()
    assert count(books, Service) == 0
