"""Signing in and out in a browser: the form, its refusals, the way back, and the cookie."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import csrf, htmx, sign_in, submit
from vela.db import Database
from vela.seeding import seed_demo


def test_a_stranger_is_led_to_the_sign_in_and_back(app: Flask, stranger: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    led = stranger.get("/profit?month=2026-03")
    assert (led.status_code, led.headers["Location"]) == (303, "/login?next=%2Fprofit%3Fmonth%3D2026-03")
    form = stranger.get(led.headers["Location"])
    assert 'name="next" value="/profit?month=2026-03"' in form.text
    credentials = {"username": "Salma", "password": make.PASSWORD, "next": "/profit?month=2026-03"}
    back = submit(stranger, "/login", credentials)
    assert (back.status_code, back.headers["Location"]) == (303, "/profit?month=2026-03")
    assert stranger.get("/").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    words = {"username": "salma", "password": make.PASSWORD}
    plain = submit(app.test_client(), "/login", words)
    cookie = next(c for c in plain.headers.getlist("Set-Cookie") if c.startswith("token="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    browser = app.test_client()
    page = browser.get("/login", base_url="https://localhost")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    secure = browser.post(
        "/login",
        data=words | {"csrf_token": token[1]},
        base_url="https://localhost",
        headers={"Referer": "https://localhost/login"},
    )
    assert "; Secure" in next(c for c in secure.headers.getlist("Set-Cookie") if c.startswith("token="))


def test_a_wrong_password_says_how_many_tries_are_left_and_keeps_the_name(
    admin: FlaskClient, stranger: FlaskClient
) -> None:
    answer = submit(stranger, "/login", {"username": "sal<ma", "password": "nope"})
    assert answer.status_code == 401
    assert "Username or password is not right. 4 tries left before a 15 minute pause." in answer.text
    assert 'value="sal&lt;ma"' in answer.text
    assert "nope" not in answer.text


def test_after_five_wrong_passwords_there_is_a_pause(stranger: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    for _ in range(5):
        assert submit(stranger, "/login", {"username": "salma", "password": "nope"}).status_code == 401
    paused = submit(stranger, "/login", {"username": "salma", "password": make.PASSWORD})
    assert paused.status_code == 429
    assert 840 < int(paused.headers["Retry-After"]) <= 900
    assert "Wait 15 minutes" in paused.text


def test_empty_fields_are_named(admin: FlaskClient, stranger: FlaskClient) -> None:
    answer = submit(stranger, "/login", {"username": " ", "password": ""})
    assert answer.status_code == 422
    assert "Enter your username." in answer.text
    assert "Enter a password." in answer.text


def test_a_form_without_its_token_is_refused(stranger: FlaskClient) -> None:
    stranger.get("/login")
    assert stranger.post("/login", data={"username": "salma", "password": "x"}).status_code == 400


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/%09/evil.example", "/\\evil.example", "/login", "/logout", "/no-page",
     "/static/logo.svg", "javascript:alert(1)", "/api/services"],
)  # fmt: skip
def test_the_way_back_leads_only_to_own_pages(app: Flask, database: Database, elsewhere: str) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    answer = submit(app.test_client(), "/login", {"username": "salma", "password": make.PASSWORD, "next": elsewhere})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_whoever_is_signed_in_needs_no_form(admin: FlaskClient) -> None:
    answer = admin.get("/login?next=/profit")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/profit")


def test_signing_in_gives_the_forms_a_fresh_token(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma")
    browser = app.test_client()
    before = csrf(browser)
    browser.post("/login", data={"csrf_token": before, "username": "salma", "password": make.PASSWORD})
    assert browser.post("/logout", data={"csrf_token": before}).status_code == 400


def test_signed_out_is_out(app: Flask, admin: FlaskClient) -> None:
    token = admin.get_cookie("token")
    assert token
    answer = submit(admin, "/logout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "Clear-Site-Data" in answer.headers
    assert admin.get_cookie("token") is None
    assert admin.get("/").headers["Location"] == "/login"
    thief = app.test_client()
    thief.set_cookie("token", token.value)
    assert thief.get("/").headers["Location"] == "/login"


def test_signing_out_needs_a_form_of_ours(admin: FlaskClient) -> None:
    assert admin.post("/logout").status_code == 400
    assert admin.get("/logout").status_code == 405
    assert admin.get("/").status_code == 200


def test_htmx_is_told_to_go_to_the_sign_in(stranger: FlaskClient) -> None:
    answer = htmx(stranger, "GET", "/profit", page="/profit?month=2026-03")
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=%2Fprofit%3Fmonth%3D2026-03"


def test_whoever_lost_what_they_typed_is_told_why(stranger: FlaskClient) -> None:
    answer = htmx(stranger, "PATCH", "/profit/expenses/1", {"amount": "1"}, page="/profit?month=2026-03")
    assert answer.headers["HX-Redirect"] == "/login?next=%2Fprofit%3Fmonth%3D2026-03&ended=1"
    page = stranger.get(answer.headers["HX-Redirect"]).text
    assert "You were signed out after a while. Sign in to go on where you were." in page
    assert "What you had typed is kept in this tab and offered again." in page
    assert 'name="next" value="/profit?month=2026-03"' in page
    assert "Your sign-in ended" not in stranger.get("/login").text
    assert submit(stranger, "/profit/expenses/1", {"amount": "1"}).headers["Location"] == "/login?ended=1"


def test_demo_accounts_are_named_only_while_they_work(stranger: FlaskClient, database: Database) -> None:
    assert "admin123" not in stranger.get("/login").text
    with database.transaction() as session:
        seed_demo(session)
    page = stranger.get("/login").text
    assert re.search(r"admin</td><td[^>]*>admin123", page)
    assert re.search(r"viewer</td><td[^>]*>viewer123", page)


def test_static_files_are_kept_for_good_by_an_address_that_changes_with_them(stranger: FlaskClient) -> None:
    page = stranger.get("/login").text
    for address in re.findall(r'(?:src|href)="(/static/[^"#]+)', page):
        assert caching(stranger, address) == (200, "public, max-age=31536000, immutable")
    assert caching(stranger, "/static/tokens.css") == (200, "no-cache")
    assert caching(stranger, "/static/nothing.css?v=1") == (404, "no-store")


def caching(client: FlaskClient, address: str) -> tuple[int, str]:
    with client.get(address) as answer:
        return answer.status_code, answer.headers.get("Cache-Control", "")


def test_the_pages_of_a_deactivated_user_close(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        user = make.user(session, "salma")
    browser = sign_in(app, "salma")
    with database.transaction() as session:
        session.merge(user).active = False
    assert browser.get("/").headers["Location"] == "/login"
