"""Forms sent twice: what a page makes, closes or takes back is done once, and every form is tried or can repeat."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests import make
from tests.web.conftest import csrf, fresh_key, htmx, submit
from vela.db import Database
from vela.domain.audit.models import AuditEntry

CLOSE, REOPEN = "/profit/months/2026-10/close", "/profit/months/2026-10/reopen"
# Forms that carry a key, by the rule of their address.
MAKING = {
    "/transactions", "/transactions/<int:sale_id>/reinstate", "/account/tokens", "/first-steps/offer",
    "/offers/<int:offer_id>/revisions/<int:number>/undo", "/offers/<int:offer_id>/revisions/<int:number>/restore",
    "/offers/<int:offer_id>/discount", "/offers/<int:offer_id>/components", "/offers/<int:offer_id>/paste", "/offers",
    "/settings/users", "/settings/users/<int:user_id>/tokens",
    "/profit/expenses", "/profit/expenses/<int:expense_id>/undo", "/profit/expenses/<int:expense_id>/from-here",
    "/profit/expenses/<int:expense_id>/from", "/profit/expenses/<int:expense_id>/put-back",
    "/profit/months/<month>/close", "/profit/months/<month>/reopen",
    "/transactions/import/<int:file_id>", "/offers/import/<int:file_id>",
    "/settings/webhooks", "/settings/webhooks/<int:webhook_id>/secret", "/settings/webhooks/<int:webhook_id>/ping",
    "/settings/deliveries/<int:delivery_id>/again", "/settings/webhooks/<int:webhook_id>/again",
}  # fmt: skip
# Forms that may be sent again without harm: what they ask for is so afterwards, however often it is asked.
REPEATABLE = {
    "/transactions/<int:sale_id>/void", "/offers/<int:offer_id>", "/offers/<int:offer_id>/list-at-sum",
    "/offers/<int:offer_id>/archive", "/offers/<int:offer_id>/activate", "/offers/<int:offer_id>/what-if",
    "/offers/<int:offer_id>/components/<int:component_id>",
    "/offers/<int:offer_id>/components/<int:component_id>/remove",
    "/offers/<int:offer_id>/components/<int:component_id>/move",
    "/profit/expenses/<int:expense_id>", "/profit/expenses/<int:expense_id>/remove", "/samples/clear",
    "/first-steps/books", "/first-steps/prices", "/first-steps/end",
    "/settings/workspace", "/settings/books/check", "/settings/users/<int:user_id>",
    "/settings/users/<int:user_id>/password", "/settings/users/<int:user_id>/sign-out",
    "/settings/users/<int:user_id>/second-factor/reset",
    "/account/password", "/account/preferences", "/account/confirm", "/account/tokens/<int:token_id>/revoke",
    "/account/sign-ins/<int:ended_id>/end", "/account/sign-ins/end-others",
    "/account/second-factor", "/account/second-factor/confirm", "/account/second-factor/codes",
    "/account/second-factor/off", "/transactions/import", "/offers/import", "/login", "/login/code", "/logout",
    "/settings/webhooks/<int:webhook_id>",
    "/settings/webhooks/<int:webhook_id>/active", "/settings/webhooks/<int:webhook_id>/remove",
    "/proposals/<int:proposal_id>/approve", "/proposals/<int:proposal_id>/decline",
}  # fmt: skip
SAID: dict[str, Any] = {
    "service_id": "1", "quantity": "1", "month": "2026-10", "name": "Rif", "username": "omar", "display_name": "Omar",
    "password": "tall green door 7", "amount": "1", "percent": "5", "version": "1", "kind": "part", "unit_cost": "1",
    "unit_sell": "2", "reason": "Handed in", "seen": "", "role": "viewer",
}  # fmt: skip


@pytest.fixture
def books(admin: FlaskClient, database: Database) -> Database:
    """An offer of two states, a sale, and one that was voided."""
    with database.transaction() as session:
        offer = make.offer(session)
        make.sale(session, offer, 1, "2026-10")
    return database


def seen_on(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', client.get(path).text)
    assert found, path
    return found[1]


def entries(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_every_form_is_known_as_one_that_carries_a_key_or_one_that_may_repeat(app: Flask) -> None:
    rules = {
        rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and "/api" not in rule.rule
    }
    assert rules == MAKING | REPEATABLE
    assert not MAKING & REPEATABLE


@pytest.mark.parametrize("rule", sorted(MAKING))
def test_a_form_that_makes_something_does_nothing_without_a_key(admin: FlaskClient, books: Database, rule: str) -> None:
    if rule.endswith("reopen"):
        assert submit(admin, CLOSE, {"reason": "Handed in", "seen": seen_on(admin, CLOSE)}).status_code == 303
    before = entries(books)
    path = re.sub(r"<int:[a-z_]+>", "1", rule).replace("<month>", "2026-10")
    refused = admin.post(path, data={"csrf_token": csrf(admin), **SAID})
    assert refused.status_code == 400, (rule, refused.status_code)
    assert "too old to save from" in refused.text
    assert entries(books) == before


@pytest.mark.parametrize("with_script", [False, True])
def test_closing_and_reopening_sent_again_say_the_same_and_are_done_once(
    admin: FlaskClient, books: Database, with_script: bool
) -> None:
    for path in (CLOSE, REOPEN):
        words = {"reason": "Handed in", "seen": seen_on(admin, path), **fresh_key()}
        before, answers = entries(books), list[tuple[int, str | None]]()
        for _ in range(3):
            answer = htmx(admin, "POST", path, words) if with_script else submit(admin, path, words)
            answers.append((answer.status_code, answer.headers.get("HX-Redirect") or answer.location))
        assert answers == [(200 if with_script else 303, "/profit?month=2026-10")] * 3
        assert entries(books) == before + 1
