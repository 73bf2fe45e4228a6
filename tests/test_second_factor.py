"""The second factor: what opens, once, for whom, on every face; and how it comes and goes."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pyotp.totp import TOTP
from sqlalchemy import select, text

from tests import make
from tests.api.conftest import Program
from tests.web.conftest import admin, sign_in, submit
from vela.cli import main
from vela.clock import now
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.people import second_factor
from vela.domain.people.access import Face
from vela.domain.people.models import SecondFactor
from vela.domain.people.queries import user_named
from vela.domain.people.signins import actor_for
from vela.sealing import Broken, Sealer
from vela.settings import Settings

__all__ = ["admin"]
pytestmark = pytest.mark.usefixtures("early_in_a_step")
SALMA = {"username": "salma", "password": make.PASSWORD}


def code(secret: str, steps: int = 0) -> str:
    return TOTP(secret).at(now() + timedelta(seconds=30 * steps))


@pytest.fixture
def enrolled(admin: FlaskClient) -> tuple[str, list[str]]:
    """Salma's secret and her recovery codes, after she set up a second factor in her browser."""
    return set_up(admin)


def set_up(browser: FlaskClient) -> tuple[str, list[str]]:
    assert submit(browser, "/account/second-factor").headers["Location"] == "/account/second-factor"
    page = browser.get("/account/second-factor").text
    found = re.search(r'id="totp-secret">([A-Z2-7]{32})<', page)
    assert found, page
    assert "<svg" in page
    wrong = submit(browser, "/account/second-factor/confirm", {"code": "000000"})
    assert (wrong.status_code, found[1] in wrong.text) == (422, True)
    answer = submit(browser, "/account/second-factor/confirm", {"code": code(found[1], -1)})
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", answer.text)
    assert len(set(codes)) == 10
    return found[1], codes


def second_step(app: Flask, given: str) -> tuple[int, FlaskClient]:
    """What a browser is answered that gives the password and then this code."""
    browser = app.test_client()
    step = submit(browser, "/login", SALMA | {"next": "/offers"})
    assert step.headers["Location"] == "/login/code?next=%2Foffers"
    assert browser.get("/").status_code == 303, "half way in is out"
    return submit(browser, "/login/code", {"code": given, "next": "/offers"}).status_code, browser


@pytest.mark.usefixtures("admin")
def test_until_it_is_confirmed_it_counts_for_nothing(app: Flask, admin: FlaskClient) -> None:
    submit(admin, "/account/second-factor")
    assert sign_in(app, "salma").get("/").status_code == 200


def test_a_browser_is_asked_for_the_code_only_after_the_right_password(
    app: Flask, enrolled: tuple[str, list[str]]
) -> None:
    wrong = submit(app.test_client(), "/login", SALMA | {"password": "not the password"})
    assert wrong.status_code == 401
    assert "code" not in wrong.headers.get("Location", "")
    assert app.test_client().get("/login/code").headers["Location"] == "/login"
    assert submit(app.test_client(), "/login/code", {"code": code(enrolled[0])}).headers["Location"] == "/login"
    status, browser = second_step(app, code(enrolled[0]))
    assert (status, browser.get("/offers").status_code) == (303, 200)


def test_a_code_opens_once_and_an_older_one_never_after_it(app: Flask, enrolled: tuple[str, list[str]]) -> None:
    secret, _codes = enrolled
    with time_machine.travel(now(), tick=False) as clock:
        for steps, status in ((2, 401), (-2, 401), (0, 303), (0, 401)):
            assert second_step(app, code(secret, steps))[0] == status
        clock.shift(60)
        assert second_step(app, code(secret, 1))[0] == 303
        assert second_step(app, code(secret))[0] == 401, "the one before a used one"


def test_a_recovery_code_opens_once_in_any_spelling(app: Flask, enrolled: tuple[str, list[str]]) -> None:
    _secret, codes = enrolled
    assert second_step(app, codes[0].upper().replace("-", " "))[0] == 303
    assert second_step(app, codes[0])[0] == 401
    assert second_step(app, codes[1])[0] == 303


@pytest.mark.parametrize("kind", ["code", "recovery code"])
def test_twenty_at_once_with_one_code_let_one_in(
    app: Flask, enrolled: tuple[str, list[str]], database: Database, kind: str
) -> None:
    secret, codes = enrolled
    given = code(secret) if kind == "code" else codes[0].replace("-", "")
    with database.reading() as session:
        user = user_named(session, "salma")
        assert user
        actor = actor_for(user, Face.BROWSER)
    gate, sealer = Barrier(20), app.extensions["vela"].sealer

    def race(_number: int) -> bool:
        gate.wait()
        with database.transaction() as session:
            return second_factor.accepts(session, actor, sealer, given)

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(race, range(20))) == 1


def test_the_api_asks_for_the_same_factors(app: Flask, enrolled: tuple[str, list[str]]) -> None:
    program = Program(app)
    answer = program.post("/api/auth/login", SALMA)
    assert (answer.status_code, answer.json["error"]) == (401, "SECOND_FACTOR_NEEDED")
    assert "Set-Cookie" not in answer.headers
    wrong = program.post("/api/auth/login", SALMA | {"totp": "000000"})
    assert (wrong.status_code, wrong.json["error"]) == (401, "WRONG_CODE")
    bad = program.post("/api/auth/login", SALMA | {"password": "wrong password", "totp": code(enrolled[0])})
    assert bad.json["error"] == "WRONG_CREDENTIALS"
    good = program.post("/api/auth/login", SALMA | {"totp": code(enrolled[0])})
    assert good.status_code == 200
    assert Program(app, good.json["token"]).get("/api/auth/me").status_code == 200
    assert program.post("/api/auth/login", SALMA | {"totp": code(enrolled[0])}).json["error"] == "WRONG_CODE"


def test_wrong_codes_are_counted_like_wrong_passwords(app: Flask, enrolled: tuple[str, list[str]]) -> None:
    program = Program(app)
    answers = [program.post("/api/auth/login", SALMA | {"totp": "000000"}) for _ in range(6)]
    assert [answer.json.get("tries_left") for answer in answers[:5]] == [4, 3, 2, 1, 0]
    assert answers[5].status_code == 429
    assert program.post("/api/auth/login", SALMA | {"totp": code(enrolled[0])}).status_code == 429


def test_it_goes_with_a_code_and_new_recovery_codes_replace_the_old(
    app: Flask, admin: FlaskClient, enrolled: tuple[str, list[str]], database: Database
) -> None:
    secret, codes = enrolled
    assert submit(admin, "/account/second-factor/off", {"code": "000000"}).status_code == 422
    fresh = submit(admin, "/account/second-factor/codes", {"code": code(secret)})
    assert (fresh.status_code, codes[0] in fresh.text) == (200, False)
    assert submit(admin, "/account/second-factor/off", {"code": codes[0]}).status_code == 422
    assert submit(admin, "/account/second-factor/off", {"code": code(secret, 1)}).status_code == 303
    assert sign_in(app, "salma").get("/").status_code == 200
    assert admin.get("/").status_code == 200, "nobody is signed out by it"
    with database.reading() as session:
        acts = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert acts[-3:] == ["turn on second factor", "make recovery codes", "turn off second factor"]


def test_a_form_that_is_sent_twice_leads_to_new_recovery_codes(admin: FlaskClient, database: Database) -> None:
    submit(admin, "/account/second-factor")
    found = re.search(r'id="totp-secret">([A-Z2-7]{32})<', admin.get("/account/second-factor").text)
    assert found
    with time_machine.travel(now(), tick=False) as clock:
        for path, steps in (("/account/second-factor/confirm", -1), ("/account/second-factor/codes", 0)):
            words = {"code": code(found[1], steps), "idempotency_key": path}
            assert submit(admin, path, words).status_code == 200
            for _ in range(7):
                again = submit(admin, path, words)
                assert again.headers["Location"] == "/account#second-factor", "no wrong guess, however often"
            assert "make new ones here" in admin.get("/account").text
        clock.shift(60)
        fresh = {"code": code(found[1]), "idempotency_key": "another"}
        assert submit(admin, "/account/second-factor/codes", fresh).status_code == 200
    with database.reading() as session:
        acts = list(session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "user")))
    assert acts.count("make recovery codes") == 2


def test_an_operator_takes_it_away_from_whoever_lost_it(
    app: Flask, settings: Settings, enrolled: tuple[str, list[str]]
) -> None:
    environment = {"VELA_DATABASE_URL": settings.database_url, "VELA_DATA_DIR": str(settings.data_dir)}
    reset = CliRunner().invoke(main, ["user", "reset-second-factor", "salma"], env=environment)
    assert reset.exit_code == 0, reset.output
    assert sign_in(app, "salma").get("/").status_code == 200


# ---------- at rest


def test_what_is_kept_is_sealed_and_neither_moves_nor_bends(
    app: Flask, enrolled: tuple[str, list[str]], database: Database
) -> None:
    secret, codes = enrolled
    with database.engine.connect() as connection:
        for table in ("second_factors", "recovery_codes", "audit_entries"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608
            assert secret not in rows
            assert not any(each in rows or each.replace("-", "") in rows for each in codes)
    with database.transaction() as session:
        row = session.scalars(select(SecondFactor)).one()
        row.sealed = row.sealed[:-6] + ("AAAA" if row.sealed[-6:-2] != "AAAA" else "BBBB") + row.sealed[-2:]
    assert second_step(app, code(secret))[0] == 401
    assert second_step(app, codes[0])[0] == 303, "a recovery code needs no key"


def test_a_sealer_opens_only_what_it_sealed_where_it_sealed_it() -> None:
    one, other = Sealer(b"a" * 32), Sealer(b"b" * 32)
    sealed = one.seal("secret", "here")
    assert one.open(sealed, "here") == Sealer(b"b" * 32, b"a" * 32).open(sealed, "here") == "secret"
    assert one.seal("secret", "here") != sealed
    for sealer, held, place in (
        (one, sealed, "there"),
        (other, sealed, "here"),
        (one, "", "here"),
        (one, "x.y", "here"),
    ):
        with pytest.raises(Broken):
            sealer.open(held, place)


@pytest.mark.parametrize("killed", ["never", "before the books", "after the books"])
def test_a_new_secret_seals_anew_and_signs_everybody_out(
    app: Flask, admin: FlaskClient, settings: Settings, enrolled: tuple[str, list[str]], killed: str
) -> None:
    secret, _codes = enrolled
    old = settings.secret()
    if killed != "never":
        following = settings.begin_next_secret()
        if killed == "after the books":
            with app.extensions["vela"].database.transaction() as session:
                assert second_factor.reseal(session, Sealer(following, old), Sealer(following)) == 1
        opened = opens(settings, secret)
        assert opened, "between the two keys both are read"
    environment = {"VELA_DATABASE_URL": settings.database_url, "VELA_DATA_DIR": str(settings.data_dir)}
    done = CliRunner().invoke(main, ["secret", "rotate"], env=environment)
    assert done.exit_code == 0, done.output
    assert settings.secret() != old
    assert settings.next_secret() is None
    assert opens(settings, secret)
    assert admin.get("/").status_code == 303, "every sign-in has ended"


def opens(settings: Settings, secret: str) -> bool:
    """Whether a Vela that starts now can still read the secret of the second factor."""
    from vela.wiring import wire  # noqa: PLC0415

    vela = wire(settings)
    with vela.database.reading() as session:
        row = session.scalars(select(SecondFactor)).one()
        opened = vela.sealer.open(row.sealed, f"second factor of user {row.user_id}") == secret
    vela.database.close()
    return opened
