"""Webhooks over JSON: set up, tried, read and sent again by admins alone; and every face's acts are told alike."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import select

from tests import make
from tests.api.conftest import Program, signed_in
from tests.delivering.receiver import receiving
from tests.mcp.conftest import Agent, token_of
from tests.web.conftest import sign_in, submit
from vela.blueprints.api.telling import DATA
from vela.clock import now
from vela.db import Database
from vela.delivering.courier import Courier
from vela.domain.catalog.models import Service
from vela.domain.ledger.models import Transaction
from vela.domain.notifying.kinds import CHOSEN, Kind
from vela.domain.notifying.models import Delivery, Webhook, WebhookEvent
from vela.wiring import Vela

ADDRESS = "https://hooks.example.com/vela"
ALL = {"address": ADDRESS, "events": [kind.value for kind in CHOSEN]}
DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "api.md"


@pytest.fixture
def webhook(admin: Program) -> dict[str, Any]:
    answer = admin.post("/api/webhooks", ALL)
    assert answer.status_code == 201, answer.text
    return answer.json


def events(books: Database) -> list[dict[str, Any]]:
    with books.reading() as session:
        return [json.loads(body) for body in session.scalars(select(WebhookEvent.body).order_by(WebhookEvent.id))]


def test_a_webhook_comes_and_goes(admin: Program, webhook: dict[str, Any]) -> None:
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert (webhook["active"], webhook["off"], webhook["created_by"]) == (True, "", "Salma Bennis")
    assert admin.get("/api/webhooks").json == [webhook]
    answer = admin.put("/api/webhooks/1", {"active": False, "events": ["month.closed"], "version": 1})
    assert (answer.json["off"], answer.json["events"], answer.json["version"]) == ("person", ["month.closed"], 2)
    assert admin.get("/api/webhooks/1").json == answer.json
    assert admin.post("/api/webhooks/1/ping").json["error"] == "WEBHOOK_OFF"
    assert admin.put("/api/webhooks/1", answer.json | {"active": True}).json["version"] == 3
    rotated = admin.post("/api/webhooks/1/rotate").json
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != secret
    assert rotated["both_sign_until"]
    assert admin.delete("/api/webhooks/1").status_code == 204
    assert admin.get("/api/webhooks/1").json["error"] == "WEBHOOK_NOT_FOUND"
    history = admin.get("/api/audit?subject=webhook")
    acts = [entry["action"] for entry in history.json]
    assert acts == ["remove", "give another secret", "change", "change", "create"]
    assert not any(each in history.text for each in (secret, rotated["secret"], "com/vela"))


def give_up(books: Database) -> None:
    with books.transaction() as session:
        for sent in session.scalars(select(Delivery)):
            sent.next_attempt_at, sent.given_up_at = None, now()


def test_a_secret_is_not_kept_for_whoever_asks_again(admin: Program, books: Database) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = (admin.post("/api/webhooks", ALL, headers=key) for _each in range(2))
    assert first.json | {"secret": None} == again.json
    first, again = (admin.post("/api/webhooks/1/rotate", headers=key | {"Idempotency-Key": "r"}) for _each in range(2))
    assert first.json | {"secret": None} == again.json
    for path in ("/api/webhooks/1/ping", "/api/deliveries/1/replay", "/api/webhooks/1/replay"):
        if path == "/api/webhooks/1/replay":
            give_up(books)
        first, again = (admin.post(path, headers=key | {"Idempotency-Key": path}) for _each in range(2))
        assert (first.status_code, first.json) == (again.status_code, again.json)
    assert admin.get("/api/webhooks/1/deliveries").headers["X-Total-Count"] == "1"


def test_all_that_was_given_up_is_sent_again(admin: Program, webhook: dict[str, Any], books: Database) -> None:
    for _each in range(3):
        admin.post("/api/webhooks/1/ping")
    none = admin.post("/api/webhooks/1/replay")
    assert (none.status_code, none.json) == (202, {"webhook_id": 1, "count": 0})
    give_up(books)
    again = admin.post("/api/webhooks/1/replay")
    assert (again.status_code, again.json) == (202, {"webhook_id": 1, "count": 3})
    assert {sent["state"] for sent in admin.get("/api/webhooks/1/deliveries").json} == {"waiting"}
    give_up(books)
    admin.put("/api/webhooks/1", {"active": False})
    assert admin.post("/api/webhooks/1/replay").json["error"] == "WEBHOOK_OFF"
    assert admin.post("/api/webhooks/7/replay").json["error"] == "WEBHOOK_NOT_FOUND"


def test_a_bad_webhook_is_refused_with_every_complaint(admin: Program, books: Database) -> None:
    answer = admin.post("/api/webhooks", {"address": "ftp://x", "events": ["sale"], "colour": "red"})
    assert answer.status_code == 422
    assert [issue["pointer"] for issue in answer.json["errors"]] == ["#/address", "#/events", "#/colour"]
    assert admin.post("/api/webhooks", ALL | {"address": "https://127.0.0.1/"}).status_code == 422
    assert admin.post("/api/webhooks", ALL | {"address": "http://example.com/"}).status_code == 422
    with books.reading() as session:
        assert session.scalars(select(Webhook)).all() == []


def test_a_stale_change_is_refused(admin: Program, webhook: dict[str, Any]) -> None:
    admin.put("/api/webhooks/1", {"active": False})
    assert admin.put("/api/webhooks/1", {"active": True}, headers={"If-Match": '"1"'}).status_code == 412
    assert admin.put("/api/webhooks/1", {"active": True, "version": 1}).status_code == 409


def test_what_was_sent_can_be_looked_at_and_sent_again(
    app: Flask, admin: Program, atlas: Service, books: Database
) -> None:
    with receiving() as there:
        admin.post("/api/webhooks", ALL)
        with books.transaction() as session:  # as the operator could allow it
            session.get_one(Webhook, 1).address = there.address
        sale = admin.post("/api/transactions", {"service_id": atlas.id, "quantity": 2, "month": "2026-11"}).json
        courier = Courier(books, app.extensions["vela"].sealer, private=True)
        courier.deliver()
        (delivery,) = admin.get("/api/webhooks/1/deliveries").json
        assert (delivery["state"], delivery["status"], delivery["attempts"]) == ("delivered", 204, 1)
        assert delivery["kind"] == "transaction.recorded"
        again = admin.post(f"/api/deliveries/{delivery['id']}/replay")
        assert (again.status_code, again.json["state"]) == (202, "waiting")
        courier.deliver()
    assert [came.name for came in there.came] == [delivery["event"]] * 2
    assert {came.body for came in there.came} == {delivery["body"]}
    assert there.came[0].told["data"] == sale
    check: dict[str, Any] = {}
    source = DOCS.read_text(encoding="utf-8").partition("```python\nimport base64, hmac")[2].partition("```")[0]
    exec("import base64, hmac" + source, check)  # noqa: S102  what the documentation tells people to do
    secret = admin.post("/api/webhooks/1/rotate").json["secret"]
    admin.post("/api/webhooks/1/ping")
    with receiving() as there:
        with books.transaction() as session:
            session.get_one(Webhook, 1).address = there.address
        courier.deliver()
    (ping,) = there.came
    assert check["is_genuine"](secret, ping.headers, ping.body.encode())
    assert not check["is_genuine"](secret, ping.headers, ping.body.encode() + b" ")
    assert not check["is_genuine"](secret, ping.headers | {"webhook-timestamp": "1"}, ping.body.encode())


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/api/webhooks", None),
        ("POST", "/api/webhooks", ALL),
        ("GET", "/api/webhooks/1", None),
        ("PUT", "/api/webhooks/1", {"active": False}),
        ("DELETE", "/api/webhooks/1", None),
        ("GET", "/api/webhooks/1/deliveries", None),
        ("POST", "/api/webhooks/1/ping", None),
        ("POST", "/api/webhooks/1/rotate", None),
        ("POST", "/api/deliveries/1/replay", None),
        ("POST", "/api/webhooks/1/replay", None),
    ],
)
def test_nobody_but_an_admin_comes_near(
    admin: Program, viewer: Program, stranger: Program, webhook: dict[str, Any], method: str, path: str, said: object
) -> None:
    admin.post("/api/webhooks/1/ping")
    sent: dict[str, Any] = {} if said is None else {"json": said}
    assert stranger.call(method, path, **sent).status_code == 401
    assert viewer.call(method, path, **sent).status_code == 403
    for scope in ("read", "propose", "write"):
        token = admin.post("/api/tokens", {"name": scope, "scope": scope}).json["secret"]
        refused = Program(admin.client.application, token).call(method, path, **sent)
        assert (refused.status_code, refused.json["error"]) == (403, "INSUFFICIENT_SCOPE")


# ---------- what each face's acts tell


def test_every_face_tells_alike(app: Flask, admin: Program, webhook: dict[str, Any], atlas: Service) -> None:
    vela: Vela = app.extensions["vela"]
    sale = {"service_id": atlas.id, "quantity": 2, "month": "2026-11"}
    assert admin.post("/api/transactions", sale).status_code == 201
    browser = sign_in(app, "salma")
    assert submit(browser, "/transactions", {**sale, "service_version": "1"}).status_code == 303
    agent = Agent(vela.database, token_of(vela.database, "salma"), "auto")
    assert not agent.ask(lambda client: client.call_tool("add_transaction", sale)).is_error
    part = atlas.components[0].id
    assert admin.put(f"/api/components/{part}", {"unit_sell": 1001}).status_code == 200
    change = {"component_id": part, "unit_sell": 1002}
    assert not agent.ask(lambda client: client.call_tool("update_component", change)).is_error
    refused = agent.ask(lambda client: client.call_tool("add_transaction", sale | {"quantity": 0}))
    assert refused.is_error
    dry = agent.ask(lambda client: client.call_tool("update_component", change | {"unit_sell": 9, "dry_run": True}))
    assert not dry.is_error
    told = events(vela.database)
    assert [each["type"] for each in told] == ["transaction.recorded"] * 3 + ["service.price_changed"] * 2
    figures = [{name: each["data"][name] for name in ("quantity", "revenue", "cost", "month")} for each in told[:3]]
    assert figures == [{"quantity": 2, "revenue": 3000, "cost": 1800, "month": "2026-11"}] * 3
    prices = [(each["data"]["before"]["sell_price"], each["data"]["after"]["sell_price"]) for each in told[3:]]
    assert prices == [(1500, 1501), (1501, 1502)]


def test_the_document_shows_what_is_sent(
    admin: Program, webhook: dict[str, Any], sale: Transaction, books: Database
) -> None:
    admin.delete(f"/api/transactions/{sale.id}")
    with books.transaction() as session:
        make.component(session, session.get_one(Service, sale.service_id))
    for act in ("close", "reopen"):
        assert admin.post(f"/api/months/2026-11/{act}", {"reason": "Handed in"}).status_code == 200
    admin.post("/api/webhooks/1/ping")
    document = admin.get("/api/openapi.json").json
    assert set(document["webhooks"]) == set(Kind)
    told = {Kind(each["type"]): each["data"] for each in events(books)}
    assert set(told) == set(Kind) - {Kind.RESTORED}
    for kind, data in told.items():
        assert set(data) == set(DATA[kind][0].model_fields)
        schema = document["webhooks"][kind]["post"]["requestBody"]["content"]["application/json"]["schema"]
        whole = {"type": kind.value, "timestamp": "2026-11-21T09:30:00Z", "data": data}
        Draft202012Validator(schema | {"components": document["components"]}).validate(whole)


def test_nothing_is_written_when_nobody_asked(admin: Program, atlas: Service, books: Database) -> None:
    admin.post("/api/transactions", {"service_id": atlas.id, "quantity": 2, "month": "2026-11"})
    with books.reading() as session:
        assert session.scalars(select(Delivery)).all() == []
    assert events(books) == []


def test_another_admin_sees_the_same(app: Flask, books: Database, webhook: dict[str, Any]) -> None:
    with books.transaction() as session:
        make.user(session, "nadia", role="admin")
    webhook.pop("secret")
    assert signed_in(app, "nadia").get("/api/webhooks").json == [webhook]
