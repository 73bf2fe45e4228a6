"""Texts that no database keeps, in every address and form of the pages: refused or ignored, never a fault."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import csrf, fresh_key
from tests.web.test_retries import SAID
from vela.db import Database

HOSTILE = {"a NUL": "a\0b", "half a character": "\ud800", "10,000 letters": "x" * 10_000}
TEMPLATES = Path(__file__).resolve().parent.parent.parent / "vela" / "templates"
NOT_SENT = {"csrf_token", "idempotency_key", "confirm_password"}
SIGNING = ("/login", "/logout", "/account/confirm", "/account/password", "/account/sign-ins", "/account/second-factor")
TYPED = ("name", "username", "display_name", "notes", "reason", "month", "version", "role", "seen", "back")


def fields() -> set[str]:
    pages = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    return set(re.findall(r'\bname="([a-z_]+)"', pages)) - NOT_SENT


def rules(app: Flask, method: str) -> list[str]:
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and not rule.rule.startswith(("/api", "/static"))
    )


def filled(rule: str) -> str:
    return re.sub(r"<int:[a-z_]+>", "1", rule).replace("<month>", "2026-10")


@pytest.fixture
def books(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session), 1, "2026-10")


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_in_an_address_is_never_a_fault(app: Flask, admin: FlaskClient, kind: str) -> None:
    text = quote(HOSTILE[kind].encode("utf-8", "surrogatepass"))
    query = "&".join(f"{name}={text}" for name in [*sorted(fields()), "before", "q", "by", "add", "ended"])
    addresses = [f"{filled(rule)}?{query}" for rule in rules(app, "GET")]
    addresses += [re.sub("<[^>]+>", text, rule) for rule in rules(app, "GET") if "<" in rule]
    tried = {address[:60]: admin.get(address).status_code for address in addresses}
    assert len(tried) > 15
    assert {each: status for each, status in tried.items() if status >= 500} == {}


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_in_a_form_is_never_a_fault(app: Flask, admin: FlaskClient, kind: str) -> None:
    token, tried = csrf(admin), dict[str, int]()
    everything = dict.fromkeys(fields(), HOSTILE[kind])
    for rule in rules(app, "POST"):
        if rule.startswith(SIGNING):
            continue
        for name in ["", *TYPED]:
            typed = everything if not name else SAID | {name: HOSTILE[kind]}
            said = {**typed, "csrf_token": token, **fresh_key()}
            sent = "&".join(f"{key}={quote(value.encode('utf-8', 'surrogatepass'))}" for key, value in said.items())
            form = {"data": sent, "content_type": "application/x-www-form-urlencoded"}
            tried[f"{rule} {name}"] = admin.post(filled(rule), **form).status_code
    assert len(tried) > 200
    assert {each: status for each, status in tried.items() if status >= 500} == {}
