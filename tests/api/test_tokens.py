"""Personal tokens over JSON: made, shown once, listed and revoked; by admins for others."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.api.conftest import Program, signed_in, with_token
from vela.clock import now
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.idempotency.models import KeptAnswer
from vela.domain.people import queries

WORDS = {"name": "Nightly", "scope": "write", "expires_in_days": 30}
KEY = {"Idempotency-Key": "a-token"}


def test_a_token_is_made_shown_once_and_works(app: Flask, admin: Program) -> None:
    made = admin.post("/api/tokens", WORDS)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/tokens")
    assert made.headers["Cache-Control"] == "no-store"
    token = made.json
    secret = token.pop("secret")
    assert secret.startswith(token["hint"])
    assert (token["name"], token["scope"], token["has_expired"], token["last_used_at"]) == (
        "Nightly",
        "write",
        False,
        None,
    )
    lasts = datetime.fromisoformat(token["expires_at"]) - datetime.fromisoformat(token["created_at"])
    assert lasts == timedelta(days=30)
    listed = admin.get("/api/tokens")
    assert (listed.json, listed.headers["X-Total-Count"]) == ([token], "1")
    script = Program(app, secret)
    assert script.get("/api/auth/me").json["username"] == "salma"
    assert script.get("/api/tokens").json[0]["last_used_at"]


def test_the_same_request_again_makes_no_second_token_and_no_longer_knows_the_secret(
    admin: Program, books: Database
) -> None:
    first = admin.post("/api/tokens", WORDS, headers=KEY)
    again = admin.post("/api/tokens", WORDS, headers=KEY)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json == first.json | {"secret": None}
    assert len(admin.get("/api/tokens").json) == 1
    with books.reading() as session:
        kept = session.scalars(select(KeptAnswer)).one()
        told = session.scalars(select(AuditEntry).where(AuditEntry.subject == "token")).one()
        assert first.json["secret"] not in f"{kept.body}{kept.headers}{told.before}{told.after}"
    other = admin.post("/api/tokens", WORDS | {"name": "Other"}, headers=KEY)
    assert (other.status_code, other.json["error"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_a_revoked_token_is_refused_and_revoked_once(app: Flask, admin: Program) -> None:
    script = with_token(app, admin, "admin")
    token_id = script.get("/api/tokens").json[0]["id"]
    assert admin.delete(f"/api/tokens/{token_id}").status_code == 204
    assert script.get("/api/tokens").status_code == 401
    gone = admin.delete(f"/api/tokens/{token_id}")
    assert (gone.status_code, gone.json["error"]) == (404, "TOKEN_NOT_FOUND")


def test_a_narrow_token_makes_none_and_ends_none_but_itself(admin: Program, narrow: Program) -> None:
    other = admin.post("/api/tokens", WORDS).json["id"]
    for answer in (
        narrow.post("/api/tokens", WORDS),
        narrow.post("/api/users/1/tokens", WORDS),
        narrow.delete(f"/api/tokens/{other}"),
    ):
        assert (answer.status_code, answer.json["error"], answer.json["needs"]) == (403, "INSUFFICIENT_SCOPE", "admin")
    mine = next(each["id"] for each in narrow.get("/api/tokens").json if each["name"] != "Nightly")
    assert narrow.delete(f"/api/tokens/{mine}").status_code == 204
    assert narrow.get("/api/tokens").status_code == 401
    assert [each["id"] for each in admin.get("/api/tokens").json] == [other]


def test_a_viewer_has_their_own_tokens_and_nobody_elses(app: Flask, admin: Program, viewer: Program) -> None:
    admins = admin.post("/api/tokens", WORDS).json["id"]
    assert viewer.post("/api/tokens", WORDS).status_code == 201
    assert viewer.delete(f"/api/tokens/{admins}").json["error"] == "TOKEN_NOT_FOUND"
    for answer in (viewer.get("/api/users/1/tokens"), viewer.post("/api/users/1/tokens", WORDS)):
        assert (answer.status_code, answer.json["error"]) == (403, "FORBIDDEN")
    mine = viewer.get("/api/tokens").json
    assert admin.delete(f"/api/tokens/{mine[0]['id']}").status_code == 204


def test_an_admin_makes_a_token_for_somebody_else(app: Flask, admin: Program, viewer: Program, books: Database) -> None:
    with books.reading() as session:
        youssef = queries.user_named(session, "youssef")
        assert youssef
    made = admin.post(f"/api/users/{youssef.id}/tokens", WORDS, headers=KEY)
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/users/{youssef.id}/tokens")
    assert Program(app, made.json["secret"]).get("/api/auth/me").json["username"] == "youssef"
    assert admin.post(f"/api/users/{youssef.id}/tokens", WORDS, headers=KEY).json["secret"] is None
    assert [each["id"] for each in admin.get(f"/api/users/{youssef.id}/tokens").json] == [made.json["id"]]
    assert admin.get("/api/tokens").json == []
    for answer in (admin.get("/api/users/99/tokens"), admin.post("/api/users/99/tokens", WORDS)):
        assert (answer.status_code, answer.json["error"]) == (404, "USER_NOT_FOUND")


def test_any_scope_of_an_admins_token_sees_the_tokens_of_others(admin: Program, narrow: Program) -> None:
    assert narrow.get("/api/users/1/tokens").json == admin.get("/api/tokens").json


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"scope": "root"}, "scope"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": True}, "expires_in_days"),
        ({"owner": 2}, "owner"),
    ],
)
def test_what_makes_no_token_is_refused(admin: Program, wrong: dict[str, object], field: str) -> None:
    refused = admin.post("/api/tokens", WORDS | wrong)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"#/{field}")
    assert admin.get("/api/tokens").json == []


def test_a_token_makes_none_that_outlasts_it(app: Flask, admin: Program) -> None:
    maker = Program(app, admin.post("/api/tokens", WORDS | {"scope": "admin", "expires_in_days": 10}).json["secret"])
    for days in (None, 10, 3650):
        refused = maker.post("/api/tokens", WORDS | {"expires_in_days": days})
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/expires_in_days")
        assert "this one ends in 9 days" in refused.json["detail"]
    assert maker.post("/api/tokens", WORDS | {"expires_in_days": 9}).status_code == 201
    lasting = Program(app, admin.post("/api/tokens", {"name": "For ever", "scope": "admin"}).json["secret"])
    assert lasting.post("/api/tokens", {"name": "Too"}).status_code == 201
    with time_machine.travel(now() + timedelta(days=9, hours=1), tick=False):
        late = maker.post("/api/tokens", WORDS | {"expires_in_days": 1})
        assert (late.status_code, late.json["error"]) == (409, "ENDS_SOON")


OPENING: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/tokens", WORDS),
    ("POST", "/api/users/1/tokens", WORDS),
    ("POST", "/api/users", {"username": "nadia", "display_name": "Nadia", "password": "seven camels at noon"}),
    ("PUT", "/api/users/2", {"may_record_sales": False}),
    ("PUT", "/api/users/2/password", {"password": "eight camels at noon"}),
    ("DELETE", "/api/users/2/second-factor", {}),
    ("POST", "/api/webhooks", {"address": "https://hooks.example.com/", "events": ["month.closed"]}),
    ("PUT", "/api/webhooks/1", {"active": False}),
    ("POST", "/api/webhooks/1/rotate", {}),
]


@pytest.mark.parametrize(("method", "path", "words"), OPENING, ids=lambda each: each if isinstance(each, str) else "")
def test_whoever_signed_in_long_ago_signs_in_again_before_opening_a_door(
    app: Flask, admin: Program, viewer: Program, books: Database, method: str, path: str, words: dict[str, Any]
) -> None:
    with books.transaction() as session:
        make.webhook(session)
    lasting = Program(app, admin.post("/api/tokens", {"name": "Nightly", "scope": "admin"}).json["secret"])
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        sent: dict[str, Any] = {"json": words} if words else {}
        refused = admin.call(method, path, **sent)
        assert (refused.status_code, refused.json["error"]) == (403, "PASSWORD_NEEDED"), refused.text
        assert "Sign in again" in refused.json["detail"]
        assert admin.get("/api/users").status_code == 200, "looking needs no password"
        for program in (signed_in(app, "salma"), lasting):
            let_in = program.call(method, path, **sent)
            assert let_in.status_code in (200, 201, 204, 409), let_in.text
            assert let_in.status_code != 409 or let_in.json["error"] in ("SECOND_FACTOR_OFF", "TAKEN")


def test_closing_a_door_needs_no_password(admin: Program, viewer: Program) -> None:
    token = admin.post("/api/tokens", WORDS).json["id"]
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        for path in (f"/api/tokens/{token}", "/api/users/2/sign-ins", "/api/auth/sign-ins"):
            assert admin.delete(path).status_code == 204, path


def test_a_token_goes_with_the_password(app: Flask, admin: Program) -> None:
    script = with_token(app, signed_in(app, "salma"), "admin")
    words = {"current_password": "correct horse battery", "new_password": "staple of seven camels"}
    assert script.post("/api/auth/password", words).status_code == 204
    assert [each.get("/api/auth/me").status_code for each in (script, admin)] == [401, 401]
