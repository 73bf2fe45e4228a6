"""Signing in and out over JSON, and how long a token is good."""

import time
from typing import cast

import jwt
import pytest
import time_machine
from flask import Flask

from tests import make
from tests.api.conftest import Answer, Program, signed_in
from vela.db import Database
from vela.domain.people.commands import change_user
from vela.domain.people.intake import NewToken, UserChanges
from vela.domain.people.queries import user_named
from vela.domain.people.signins import create_token, end_token
from vela.intake import read

SALMA = {"username": "salma", "password": make.PASSWORD}


def deactivate(books: Database, username: str) -> None:
    with books.transaction() as session:
        user = user_named(session, username)
        assert user
        change_user(session, make.admin(), user.id, read(UserChanges, {"active": False}))


def personal_token(books: Database, username: str) -> tuple[int, str]:
    with books.transaction() as session:
        user = user_named(session, username)
        assert user
        row, secret = create_token(session, make.admin(), user, read(NewToken, {"name": "nightly"}))
        return row.id, secret


def test_it_answers_token_and_user_and_nothing_else(admin: Program, stranger: Program) -> None:
    answer = stranger.log_in("salma")
    assert answer.status_code == 200
    assert sorted(answer.json) == ["token", "user"]
    assert answer.json["user"] == {
        "id": 1,
        "username": "salma",
        "display_name": "Salma Bennis",
        "role": "admin",
        "may_record_sales": True,
        "active": True,
    }


def test_the_cookie_is_another_token_out_of_reach_of_scripts(admin: Program, stranger: Program) -> None:
    answer = stranger.log_in("salma")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("token=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"))
    assert "Secure" not in cookie
    assert answer.json["token"] not in cookie


def test_the_cookie_is_secure_over_https(admin: Program, stranger: Program) -> None:
    answer = stranger.post(
        "/api/auth/login", {"username": "salma", "password": make.PASSWORD}, base_url="https://localhost"
    )
    assert "Secure" in answer.headers["Set-Cookie"]


def test_me(viewer: Program) -> None:
    assert viewer.get("/api/auth/me").json["username"] == "youssef"


@pytest.mark.parametrize(("username", "password"), [("salma", "wrong"), ("nobody", make.PASSWORD)])
def test_wrong_credentials_are_answered_alike(admin: Program, stranger: Program, username: str, password: str) -> None:
    answer = stranger.log_in(username, password)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["error"] == "WRONG_CREDENTIALS"
    assert answer.json["tries_left"] == 4
    assert "Username or password is not right." in answer.json["detail"]
    assert "Set-Cookie" not in answer.headers


def test_too_many_wrong_passwords_have_to_wait(admin: Program, stranger: Program) -> None:
    for _ in range(5):
        stranger.log_in("salma", "wrong")
    answer = stranger.log_in("salma")
    assert answer.status_code == 429
    assert 840 < int(answer.headers["Retry-After"]) <= 900


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_only_json_signs_in(admin: Program, stranger: Program, content_type: str) -> None:
    body = '{"username": "salma", "password": "correct horse battery"}'
    answer = stranger.call("POST", "/api/auth/login", data=body, content_type=content_type)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_no_other_site_signs_anybody_in(admin: Program, stranger: Program, headers: dict[str, str]) -> None:
    body = {"username": "salma", "password": make.PASSWORD}
    answer = stranger.call("POST", "/api/auth/login", headers, json=body)
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"


def test_the_cookie_alone_opens_nothing(app: Flask, admin: Program) -> None:
    browser = app.test_client()
    browser.post("/api/auth/login", json=SALMA)
    cookie = browser.get_cookie("token")
    assert cookie
    assert browser.get("/api/auth/me").status_code == 401
    assert Program(app, cookie.value).get("/api/auth/me").status_code == 401


def test_signing_out_ends_the_token_and_the_cookie(app: Flask, admin: Program) -> None:
    browser = app.test_client()
    token = cast("Answer", browser.post("/api/auth/login", json=SALMA)).json["token"]
    cookie = browser.get_cookie("token")
    assert cookie
    assert browser.get("/").status_code == 200
    out = browser.post("/api/auth/logout", headers={"Authorization": f"Bearer {token}"})
    assert out.status_code == 204
    assert browser.get_cookie("token") is None
    browser.set_cookie("token", cookie.value)
    assert browser.get("/").status_code in (302, 303)
    assert Program(app, token).get("/api/auth/me").status_code == 401
    assert admin.get("/api/auth/me").status_code == 200


def test_a_deactivated_user_is_out_at_once(books: Database, admin: Program, viewer: Program) -> None:
    _, secret = personal_token(books, "youssef")
    deactivate(books, "youssef")
    assert viewer.get("/api/services").status_code == 401
    viewer.token = secret
    assert viewer.get("/api/services").status_code == 401
    assert viewer.log_in("youssef").status_code == 401


def test_a_new_role_ends_sign_ins_and_personal_tokens_and_is_that_of_the_next_sign_in(
    app: Flask, books: Database, viewer: Program
) -> None:
    _, secret = personal_token(books, "youssef")
    with books.transaction() as session:
        user = user_named(session, "youssef")
        assert user
        change_user(session, make.admin(), user.id, read(UserChanges, {"role": "admin"}))
    assert viewer.get("/api/auth/me").status_code == 401
    assert Program(app, secret).get("/api/auth/me").status_code == 401
    assert signed_in(app, "youssef").post("/api/services", {"name": "Rif"}).status_code == 201


def test_a_personal_token_works_until_it_is_revoked(app: Flask, books: Database, viewer: Program) -> None:
    token_id, secret = personal_token(books, "youssef")
    script = Program(app, secret)
    assert script.get("/api/auth/me").json["username"] == "youssef"
    assert script.post("/api/auth/logout").json["error"] == "PERSONAL_TOKEN"
    with books.transaction() as session:
        end_token(session, make.admin(), token_id)
    assert script.get("/api/auth/me").status_code == 401
    assert viewer.get("/api/auth/me").status_code == 200


def test_a_token_ends_after_a_day(app: Flask, books: Database) -> None:
    with books.transaction() as session:
        make.user(session)
    with time_machine.travel(time.time() - 86400 - 60):
        program = signed_in(app, "salma")
        assert program.get("/api/auth/me").status_code == 200
    assert program.get("/api/auth/me").status_code == 401


def altered(app: Flask, token: str, key: bytes | str | None = None, algorithm: str = "HS256", **claims: object) -> str:
    """The genuine token with some claims changed (None: left out), signed again."""
    held = jwt.decode(token, options={"verify_signature": False})
    said = {name: value for name, value in (held | claims).items() if value is not None}
    return jwt.encode(said, key if key is not None else app.extensions["vela"].secret, algorithm=algorithm)


DEEP = "W1tbW1tb" * 700


@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_every_bad_token_is_a_401(app: Flask, admin: Program) -> None:
    good = admin.token
    assert Program(app, altered(app, good)).get("/api/auth/me").status_code == 200
    bad = {
        "another key": altered(app, good, key=b"x" * 64),
        "another algorithm": altered(app, good, algorithm="HS512"),
        "no algorithm": altered(app, good, key="", algorithm="none"),
        "no end": altered(app, good, exp=None),
        "an end that has come": altered(app, good, exp=1),
        "no sign-in": altered(app, good, sid=None),
        "another sign-in": altered(app, good, sid="guessed"),
        "a number for a sign-in": altered(app, good, sid=7),
        "for pages": altered(app, good, aud="vela-page"),
        "for anybody": altered(app, good, aud=None),
        "from elsewhere": altered(app, good, iss="elsewhere"),
        "a number for a subject": altered(app, good, sub=1),
        "a refresh token": altered(app, good, type="refresh"),
        "cut short": good[:-1],
        "nonsense": "nonsense",
        "nested deeply": f"{DEEP}.{DEEP}.x",
        "no personal token": "vela_pat_" + "a" * 43,
        "a strange personal token": "vela_pat_\u00e9",
    }
    answers = {name: Program(app, token).get("/api/auth/me") for name, token in bad.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(bad, 401)
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {
        'Bearer realm="vela", error="invalid_token"'
    }


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic c2FsbWE6eA==", "Bearer a b", "Bearer x, Bearer y"])
def test_a_header_that_is_no_bearer_is_a_401(stranger: Program, header: str) -> None:
    answer = stranger.call("GET", "/api/auth/me", {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
