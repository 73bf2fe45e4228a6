"""In which language a page speaks: chosen by its reader, else in this browser, else as the browser asks."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import submit
from vela.db import Database
from vela.domain.people import queries

SPOKEN = {"en": "Sign in", "es": "Iniciar sesión", "fr": "Se connecter", "ru": "Войти"}


def tongue(html: str) -> str:
    return html.split('lang="', 1)[1][:2]


@pytest.mark.parametrize("asked", ["fr", "fr-MA,en;q=0.5", "de,fr;q=0.4,en;q=0.1", "FR_fr"])
def test_a_stranger_is_spoken_to_as_their_browser_asks(app: Flask, asked: str) -> None:
    answer = app.test_client().get("/login", headers={"Accept-Language": asked})
    assert tongue(answer.text) == "fr"
    assert answer.headers["Content-Language"] == "fr"


@pytest.mark.parametrize("asked", ["", "de", "*", "en;q=0, de", "x" * 3000, "\x01;q=fr", "fr;q=banana,,,"])
def test_whatever_else_is_asked_is_answered(app: Flask, asked: str) -> None:
    assert app.test_client().get("/login", headers={"Accept-Language": asked}).status_code == 200


def test_a_language_chosen_before_signing_in_stays_with_the_browser(app: Flask) -> None:
    client = app.test_client()
    assert tongue(client.get("/login?language=ru").text) == "ru"
    assert tongue(client.get("/login", headers={"Accept-Language": "fr"}).text) == "ru"
    assert tongue(client.get("/login?language=xx").text) == "ru"


def test_a_choice_is_kept_with_the_user_and_counts_in_every_browser(
    admin: FlaskClient, app: Flask, database: Database
) -> None:
    answer = submit(admin, "/account/preferences", {"language": "fr", "single_keys": "on"})
    assert answer.status_code == 303
    assert tongue(admin.get("/offers", headers={"Accept-Language": "es"}).text) == "fr"
    assert tongue(admin.get("/nowhere").text) == "fr"
    with database.reading() as session:
        user = queries.user_named(session, "salma")
        assert user
        assert (user.language, user.single_keys) == ("fr", True)
    submit(admin, "/account/preferences", {"language": ""})
    assert tongue(admin.get("/offers", headers={"Accept-Language": "es"}).text) == "es"


def test_a_language_that_there_is_not_is_refused(admin: FlaskClient) -> None:
    answer = submit(admin, "/account/preferences", {"language": "tlh"})
    assert answer.status_code == 422
    assert "Choose English, Español, Français or Русский" in answer.text


def test_one_request_does_not_change_the_language_of_the_next(app: Flask) -> None:
    client = app.test_client()
    client.get("/login", headers={"Accept-Language": "ru"})
    assert tongue(client.get("/login").text) == "en"


def test_programs_are_answered_in_english_unless_they_ask(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/api/services").headers["Content-Language"] == "en"
    assert client.get("/api/services", headers={"Accept-Language": "fr"}).headers["Content-Language"] == "fr"
