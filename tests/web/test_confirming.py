"""What hurts asks for the password again, and loses nothing of what was typed; and where somebody is signed in."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, sign_in, submit
from vela.clock import now
from vela.db import Database
from vela.domain.people.queries import user_named
from vela.domain.people.signins import CONFIRMED_FOR

WORDS = {"username": "nadia", "display_name": "N & <b>", "password": "quiet river stone", "role": "viewer"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


def held(page: str) -> dict[str, str]:
    """The fields that a page holds hidden."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


@pytest.fixture
def later(admin: FlaskClient) -> FlaskClient:
    """Salma's browser, a while after she gave her password."""
    return admin


def test_a_held_form_goes_on_as_it_was_sent(app: Flask, database: Database, later: FlaskClient) -> None:
    with time_machine.travel(now() + CONFIRMED_FOR):
        asked = submit(later, "/settings/users", WORDS)
        assert asked.status_code == 403
        fields = held(asked.text)
        assert {name: fields[name] for name in WORDS} == WORDS
        assert 'action="/settings/users"' in asked.text
        wrong = later.post("/settings/users", data=fields | {"confirm_password": "not mine"})
        assert wrong.status_code == 422
        assert {name: held(wrong.text)[name] for name in WORDS} == WORDS
        with database.reading() as session:
            assert user_named(session, "nadia") is None
        done = later.post("/settings/users", data=fields | {"confirm_password": make.PASSWORD})
        assert (done.status_code, done.headers["Location"]) == (303, "/settings#users")
        with database.reading() as session:
            made = user_named(session, "nadia")
            assert made
            assert made.display_name == WORDS["display_name"]
        assert submit(later, "/account/tokens", {"name": "script"}).status_code == 201, "and for a while it is enough"


def test_htmx_is_answered_a_dialog_and_asks_again(database: Database, later: FlaskClient) -> None:
    with time_machine.travel(now() + CONFIRMED_FOR):
        with database.transaction() as session:
            omar = make.user(session, "omar").id
        path, source = f"/settings/users/{omar}", f"select#user-{omar}-role"
        asked = htmx(later, "PATCH", path, {"role": "admin"}, source=source)
        assert asked.status_code == 403
        assert f'data-again="user-{omar}-role"' in partials(asked)["confirm"]
        wrong = htmx(later, "POST", "/account/confirm", {"confirm_password": "no"}, source="form#confirm-form")
        assert wrong.status_code == 422
        assert "That is not your current password." in partials(wrong)["confirm-password-error"]
        right = htmx(later, "POST", "/account/confirm", {"confirm_password": make.PASSWORD}, source="form#confirm-form")
        assert partials(right)["confirm"] == ""
        assert htmx(later, "PATCH", path, {"role": "admin"}, source=source).status_code == 200


@pytest.mark.parametrize(
    ("path", "words", "asks"),
    [
        ("/account/tokens", {"name": "script"}, True),
        ("/account/second-factor", {}, True),
        ("/account/sign-ins/end-others", {}, True),
        ("/samples/clear", {}, True),
        ("/settings/users/{omar}", {"role": "admin"}, True),
        ("/settings/users/{omar}", {"active": "false"}, True),
        ("/settings/users/{omar}", {"display_name": "Omar B"}, False),
        ("/settings/users/{omar}/password", {"password": "quiet river stone"}, True),
        ("/settings/users/{omar}/sign-out", {}, True),
        ("/settings/users/{omar}/second-factor/reset", {}, True),
        ("/settings/users/{omar}/tokens", {"name": "script"}, True),
        ("/settings/workspace", {"name": "Rif", "currency": "EUR", "time_zone": "Europe/Paris"}, True),
        ("/settings/workspace", {"name": "Rif", "currency": "MAD", "time_zone": "Europe/Paris"}, True),
        ("/settings/workspace", {"name": "Rif", "currency": "MAD", "time_zone": "Africa/Casablanca"}, False),
        ("/settings/users/{omar}", {"may_record_sales": "true"}, True),
        ("/profit/months/2026-10/close", {"reason": "Handed in"}, True),
        ("/account/tokens/1/revoke", {}, False),
    ],
)
def test_what_asks_for_the_password_again(
    database: Database, later: FlaskClient, path: str, words: dict[str, str], asks: bool
) -> None:
    with database.transaction() as session:
        omar = make.user(session, "omar").id
    with time_machine.travel(now() + CONFIRMED_FOR):
        answer = submit(later, path.format(omar=omar), words)
        assert ('name="confirm_password"' in answer.text, answer.status_code == 403) == (asks, asks)


def test_the_question_comes_back_to_one_of_our_pages(later: FlaskClient) -> None:
    page = later.get("/account/confirm?next=/settings")
    assert (page.status_code, held(page.text)["next"]) == (200, "/settings")
    done = submit(later, "/account/confirm", {"confirm_password": make.PASSWORD, "next": "//evil.example"})
    assert done.headers["Location"] == "/"


def test_guessing_in_the_question_is_paused(later: FlaskClient) -> None:
    answers = [submit(later, "/account/confirm", {"confirm_password": "no"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[5].headers["Retry-After"]) <= 900


# ---------- where somebody is signed in


def test_sign_ins_are_listed_and_ended_one_by_one_and_all(app: Flask, admin: FlaskClient) -> None:
    others = [sign_in(app, "salma") for _ in range(3)]
    phone = app.test_client()
    submit(phone, "/login", {"username": "salma", "password": make.PASSWORD}, headers={"User-Agent": FIREFOX})
    page = admin.get("/account").text
    assert page.count("This one") == 1
    assert "Firefox on Linux" in page
    row = next(each for each in re.findall("<li.*?</li>", page, re.DOTALL) if "Firefox on Linux" in each)
    [path] = re.findall(r'action="(/account/sign-ins/\d+/end)"', row)
    assert submit(admin, path).headers["Location"] == "/account#sign-ins"
    assert phone.get("/").headers["Location"] == "/login"
    assert submit(admin, path).status_code == 404
    assert all(other.get("/").status_code == 200 for other in others)
    answer = partials(htmx(admin, "POST", "/account/sign-ins/end-others", source="form#end-others"))
    assert "3 other sign-ins are ended." in answer["toasts"]
    assert all(other.get("/").headers["Location"] == "/login" for other in others)
    assert admin.get("/").status_code == 200


def test_nobody_ends_a_sign_in_of_somebody_else(app: Flask, admin: FlaskClient, viewer: FlaskClient) -> None:
    [theirs] = re.findall(r'id="sign-in-(\d+)"', admin.get("/account").text)
    assert submit(viewer, f"/account/sign-ins/{theirs}/end").status_code == 404
    assert admin.get("/").status_code == 200


def test_an_admin_signs_somebody_out_everywhere(
    app: Flask, admin: FlaskClient, viewer: FlaskClient, database: Database
) -> None:
    login = app.test_client().post("/api/auth/login", json={"username": "youssef", "password": make.PASSWORD})
    bearer = {"Authorization": f"Bearer {login.get_json()['token']}"}
    with database.reading() as session:
        youssef = user_named(session, "youssef")
        assert youssef
    answer = htmx(admin, "POST", f"/settings/users/{youssef.id}/sign-out", source=f"form#user-{youssef.id}-sign-out")
    assert "is signed out everywhere." in partials(answer)["toasts"]
    assert viewer.get("/").headers["Location"] == "/login"
    assert app.test_client().get("/api/auth/me", headers=bearer).status_code == 401


def test_signing_in_makes_a_sign_in_of_its_own(app: Flask, admin: FlaskClient) -> None:
    before = admin.get_cookie("token")
    assert before
    intruder = app.test_client()
    intruder.set_cookie("token", before.value)
    submit(intruder, "/login", {"username": "salma", "password": make.PASSWORD})
    after = intruder.get_cookie("token")
    assert after
    assert after.value != before.value
    other = app.test_client()
    other.set_cookie("token", before.value)
    assert other.get("/").status_code == 303
    assert admin.get("/").status_code == 303, "and the one before has ended"


def test_a_page_that_nobody_uses_is_signed_out(app: Flask, admin: FlaskClient) -> None:
    with time_machine.travel(now() + timedelta(hours=8, minutes=1)):
        assert admin.get("/").headers["Location"] == "/login"
