"""The first run: nobody is known, nothing is offered, one admin with a password that does not outlive its first use."""

import re

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests import make
from tests.api.conftest import Program
from tests.web.conftest import htmx, sign_in, submit
from vela.app import create_app
from vela.cli import main
from vela.db import Database
from vela.domain.people.access import Face
from vela.domain.people.queries import user_named, users
from vela.errors import Forbidden
from vela.mcp.door import Door
from vela.mcp.who import HolderOfToken
from vela.settings import Settings
from vela.signin import visiting

KNOWN = ("admin123", "viewer123", "admin", "password", "password1234", "changeme", "vela", "123456789012", "")
OWN = "quiet river stone"


@pytest.fixture
def first(settings: Settings) -> Result:
    """What `vela init` says."""
    return command(settings, "init")


def command(settings: Settings, *words: str) -> Result:
    environment = {"VELA_DATABASE_URL": settings.database_url, "VELA_DATA_DIR": str(settings.data_dir)}
    return CliRunner().invoke(main, words, env=environment)


def test_new_books_offer_nothing_and_know_nobody(app: Flask) -> None:
    page = app.test_client().get("/login").text
    assert "vela init" in page
    assert 'name="password"' not in page
    assert "demo-accounts" not in page
    for username in ("admin", "viewer"):
        for password in KNOWN:
            assert Program(app).log_in(username, password).status_code in (401, 422, 429)


def test_the_first_admin_is_made_once(first: Result, settings: Settings, database: Database) -> None:
    assert first.exit_code == 0, first.output
    assert re.fullmatch("[A-Za-z0-9]{20}\n", first.stdout)
    again = command(settings, "init")
    assert again.exit_code == 1
    assert "There are users already" in again.stderr
    assert again.stdout == ""
    with database.reading() as session:
        [admin] = users(session)
        assert (admin.username, admin.role, admin.must_change_password, admin.demo) == ("admin", "admin", True, False)


def test_no_password_that_everybody_knows_opens_new_books(first: Result, settings: Settings) -> None:
    app = create_app(settings)
    program = Program(app)
    for username in ("admin", "viewer"):
        for password in KNOWN:
            assert program.log_in(username, password).status_code in (401, 422, 429)
    app.extensions["vela"].database.close()


def test_the_first_password_opens_nothing_but_the_page_that_changes_it(app: Flask, first: Result) -> None:
    given = first.stdout.strip()
    browser = sign_in(app, "admin", given)
    for path in ("/", "/settings", "/account", "/offers/new", "/account/confirm", "/account/second-factor"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/password"), path
    asked = htmx(browser, "POST", "/transactions", page="/account/password")
    assert (asked.status_code, asked.headers["HX-Redirect"]) == (403, "/account/password")
    page = browser.get("/account/password")
    assert page.status_code == 200
    assert "Choose your password" in page.text
    for new, says in ((given, "That is the password you have."), ("short", "Use at least 12 characters.")):
        weak = submit(browser, "/account/password", {"current_password": given, "new_password": new})
        assert weak.status_code == 422
        assert says in weak.text
        assert "Choose your password" in weak.text
    done = submit(browser, "/account/password", {"current_password": given, "new_password": OWN})
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert browser.get("/").status_code == 200, "whoever chose a password is in"
    assert Program(app).log_in("admin", given).status_code == 401
    assert sign_in(app, "admin", OWN).get("/settings").status_code == 200


def test_the_first_password_opens_nothing_for_programs(app: Flask, first: Result, database: Database) -> None:
    program = Program(app)
    program.token = program.log_in("admin", first.stdout.strip()).json["token"]
    for path in ("/api/auth/me", "/api/services"):
        answer = program.get(path)
        assert (answer.status_code, answer.json["error"]) == (403, "PASSWORD_CHANGE_NEEDED")
    assert program.post("/api/services", {"name": "Atlas"}).status_code == 403
    assert program.post("/api/auth/logout").status_code == 204


def test_a_password_given_by_an_admin_stops_scripts_and_agents_too(
    app: Flask, settings: Settings, database: Database
) -> None:
    with database.transaction() as session:
        make.user(session, "nadia")
    assert command(settings, "user", "set-password", "nadia", "--generate").exit_code == 0
    token = command(settings, "token", "create", "nadia").stdout.strip()
    assert Program(app, token).get("/api/services").json["error"] == "PASSWORD_CHANGE_NEEDED"
    with pytest.raises(Forbidden) as refusal:
        Door(database, HolderOfToken(token)).actor()
    assert refusal.value.code == "password_change_needed"
    assert visiting.actor_of_personal_token(database, token, Face.AGENT) is not None, "it works again afterwards"


@pytest.mark.parametrize(
    ("words", "must"), [((), False), (("--must-change",), True), (("--generate",), True)], ids=["typed", "said", "made"]
)
def test_who_has_to_change_a_password_set_at_the_command_line(
    settings: Settings, database: Database, words: tuple[str, ...], must: bool
) -> None:
    source = () if "--generate" in words else ("--password-stdin",)
    environment = {"VELA_DATABASE_URL": settings.database_url, "VELA_DATA_DIR": str(settings.data_dir)}
    said = ("user", "create", "nadia", *words, *source)
    assert CliRunner().invoke(main, said, env=environment, input=f"{OWN}\n").exit_code == 0
    with database.reading() as session:
        made = user_named(session, "nadia")
        assert made
        assert made.must_change_password is must
