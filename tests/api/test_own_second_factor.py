"""One's own second factor over JSON: set up, its recovery codes, and turned off, each with the password."""

from datetime import timedelta

import pytest
from flask import Flask
from pyotp.totp import TOTP
from sqlalchemy import select

from tests import make
from tests.api.conftest import Program, with_token
from vela.clock import now
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.people.models import FailedTry, RecoveryCode, SecondFactor

pytestmark = pytest.mark.usefixtures("early_in_a_step")
PATH = "/api/auth/second-factor"
PASSWORD = {"current_password": make.PASSWORD}
CALLS = {
    "": PASSWORD,
    "/confirm": PASSWORD | {"code": "123456"},
    "/codes": PASSWORD | {"code": "123456"},
    "/off": PASSWORD | {"code": "123456"},
}


def code(secret: str, steps: int = 0) -> dict[str, str]:
    return PASSWORD | {"code": TOTP(secret).at(now() + timedelta(seconds=30 * steps))}


def enrolled(program: Program) -> tuple[str, list[str]]:
    """The secret and the recovery codes of whoever sets up a second factor now, with the code of half a minute ago."""
    begun = program.post(PATH, PASSWORD)
    assert begun.status_code == 200, begun.text
    confirmed = program.post(f"{PATH}/confirm", code(begun.json["secret"], -1))
    assert confirmed.status_code == 200, confirmed.text
    return begun.json["secret"], confirmed.json["recovery_codes"]


def kept(books: Database) -> list[object]:
    """Second factors, recovery codes and what the trail says of both."""
    with books.reading() as session:
        factors = session.execute(select(SecondFactor.user_id, SecondFactor.sealed, SecondFactor.confirmed_at)).all()
        codes = session.execute(select(RecoveryCode.code_hash, RecoveryCode.used_at).order_by(RecoveryCode.id)).all()
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "user")).all()
        return [factors, codes, told]


def test_it_is_set_up_with_a_code_and_then_asked_for(app: Flask, viewer: Program, books: Database) -> None:
    assert viewer.get(PATH).json == {"on": False, "recovery_codes_left": 0}
    elsewhere = Program(app, viewer.log_in("youssef").json["token"])
    begun = viewer.post(PATH, PASSWORD)
    assert begun.json["address"] == f"otpauth://totp/Vela:youssef?secret={begun.json['secret']}&issuer=Vela"
    assert Program(app).log_in("youssef").status_code == 200, "until it is confirmed it counts for nothing"
    confirmed = viewer.post(f"{PATH}/confirm", code(begun.json["secret"]))
    assert len(set(confirmed.json["recovery_codes"])) == 10
    assert viewer.get(PATH).json == {"on": True, "recovery_codes_left": 10}
    assert elsewhere.get("/api/auth/me").status_code == 401
    assert Program(app).log_in("youssef").json["error"] == "SECOND_FACTOR_NEEDED"
    recovering = {"username": "youssef", "password": make.PASSWORD, "totp": confirmed.json["recovery_codes"][0]}
    assert Program(app).post("/api/auth/login", recovering).status_code == 200
    assert viewer.get(PATH).json == {"on": True, "recovery_codes_left": 9}
    with books.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "turn on second factor")).one()
        assert (entry.username, entry.face) == ("youssef", "api")


def test_new_recovery_codes_take_the_place_of_the_old_for_a_code(viewer: Program) -> None:
    secret, old = enrolled(viewer)
    made = viewer.post(f"{PATH}/codes", code(secret))
    assert made.status_code == 200, made.text
    assert not set(made.json["recovery_codes"]) & set(old)
    again = viewer.post(f"{PATH}/codes", code(secret))
    assert (again.status_code, again.json["errors"][0]["pointer"]) == (422, "#/code"), "a code is good once"
    assert viewer.post(f"{PATH}/off", PASSWORD | {"code": old[0]}).status_code == 422
    assert viewer.post(f"{PATH}/off", PASSWORD | {"code": made.json["recovery_codes"][0]}).status_code == 204


def test_it_is_turned_off_with_a_last_code(app: Flask, viewer: Program) -> None:
    secret, _codes = enrolled(viewer)
    off = viewer.post(f"{PATH}/off", code(secret))
    assert (off.status_code, off.data) == (204, b"")
    assert viewer.get(PATH).json == {"on": False, "recovery_codes_left": 0}
    assert Program(app).log_in("youssef").status_code == 200


@pytest.mark.parametrize("scope", ["read", "propose", "write", "admin"])
def test_no_personal_token_comes_near_it_nor_guesses_at_the_password(
    app: Flask, admin: Program, books: Database, scope: str
) -> None:
    script = with_token(app, admin, scope)
    enrolled(admin)
    before = kept(books)
    for path, words in CALLS.items():
        for said in (words, words | {"current_password": "wrong horse"}):
            refused = script.post(PATH + path, said)
            assert (refused.status_code, refused.json["error"]) == (403, "PERSON_NEEDED"), path
    assert kept(books) == before
    with books.reading() as session:
        assert session.scalars(select(FailedTry)).all() == []
    assert script.get(PATH).json["on"] is True


def test_each_change_asks_for_the_password(viewer: Program, books: Database) -> None:
    secret, _codes = enrolled(viewer)
    before = kept(books)
    for path in CALLS:
        right = code(secret) if path else {}
        for words in (right | {"current_password": "wrong horse"}, {"code": "123456"} if path else {}):
            refused = viewer.post(PATH + path, {name: said for name, said in words.items() if said})
            assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/current_password"), path
    assert kept(books) == before


def test_wrong_passwords_and_wrong_codes_are_followed_by_a_pause(viewer: Program) -> None:
    enrolled(viewer)
    answers = [viewer.post(f"{PATH}/off", PASSWORD | {"code": "000000"}) for _guess in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert (answers[-1].json["error"], int(answers[-1].headers["Retry-After"]) > 0) == ("TOO_MANY_TRIES", True)
    assert viewer.get(PATH).json["on"] is True


def test_what_does_not_fit_is_a_conflict(viewer: Program) -> None:
    for path in ("/confirm", "/codes", "/off"):
        early = viewer.post(PATH + path, CALLS[path])
        wanted = "SECOND_FACTOR_NOT_BEGUN" if path == "/confirm" else "SECOND_FACTOR_OFF"
        assert (early.status_code, early.json["error"]) == (409, wanted), path
    begun = viewer.post(PATH, PASSWORD)
    wrong = viewer.post(f"{PATH}/confirm", PASSWORD | {"code": "000000"})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "#/code")
    assert viewer.post(f"{PATH}/confirm", code(begun.json["secret"])).status_code == 200
    for path in ("", "/confirm"):
        late = viewer.post(PATH + path, CALLS[path])
        assert late.status_code == 409, path
