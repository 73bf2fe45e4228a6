"""Guessing: slowed in the database for everybody alike, while nobody is shut out of what is theirs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from pyotp.totp import TOTP
from sqlalchemy import func, select

from tests import make
from vela.clock import now
from vela.db import Database
from vela.domain.people import second_factor, signins, tries
from vela.domain.people.access import Actor, Face
from vela.domain.people.intake import Credentials, GivenCode, NewPassword
from vela.domain.people.models import FailedTry, User
from vela.domain.people.passwords import hashed
from vela.domain.people.queries import held_user, user_named
from vela.domain.people.signins import actor_for
from vela.errors import Invalid, Unauthenticated
from vela.intake import read
from vela.sealing import Sealer
from vela.signin.entering import sign_in
from vela.signin.proving import change_password, confirm, proving_code

pytestmark = pytest.mark.usefixtures("early_in_a_step")
HOME = "203.0.113.7"
WRONG = "not the password"
SEALER = Sealer(b"k" * 64)


@pytest.fixture
def salma(database: Database) -> User:
    with database.transaction() as session:
        return make.user(session, "salma", role="admin")


def guess(database: Database, username: str, address: str, password: str = WRONG, code: str | None = None) -> str:
    words = read(Credentials, {"username": username, "password": password} | ({"totp": code} if code else {}))
    try:
        sign_in(database, b"k" * 64, words, address=address, agent="tests")
    except Unauthenticated as refusal:
        wait = refusal.data.get("retry_after")
        return f"{refusal.code} {wait}" if wait else refusal.code
    return "in"


def fail(database: Database, count: int, *, address: str = "", username: str = "") -> None:
    """As many wrong guesses as if they had been made just now, each at another name or from another address."""
    with database.transaction() as session:
        session.add_all(
            FailedTry(username=username or f"name{number}", address=address or f"198.51.100.{number}", at=now())
            for number in range(count)
        )


def hashes_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords are compared with from now on; the comparing goes on as it is."""
    seen = list[str]()
    genuine = PasswordHasher.verify

    def counted(self: PasswordHasher, hash: str, password: str) -> bool:  # noqa: A002 the name is argon2's
        seen.append(hash)
        return genuine(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return seen


def test_one_address_is_paused_over_all_names_and_longer_when_it_goes_on(database: Database, salma: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        fail(database, 30, address=HOME)
        assert guess(database, "salma", HOME, make.PASSWORD) == "too_many_tries 900"
        assert guess(database, "nobody", HOME) == "too_many_tries 900", "whoever it is"
        assert guess(database, "salma", "203.0.113.8", make.PASSWORD) == "in"
        for _ in range(2):
            clock.shift(timedelta(minutes=16))
            fail(database, 30, address=HOME)
        clock.shift(timedelta(minutes=16))
        left = timedelta(hours=6) - 3 * timedelta(minutes=16)
        assert guess(database, "salma", HOME, make.PASSWORD) == f"too_many_tries {int(left.total_seconds())}"


def test_guesses_from_everywhere_reach_the_hash_a_hundred_times_and_the_owner_gets_in(
    database: Database, salma: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        assert guess(database, "salma", HOME, make.PASSWORD) == "in"
        clock.shift(timedelta(days=2))
        seen = hashes_of(monkeypatch)
        fail(database, 90)
        answers = [guess(database, "salma", f"192.0.2.{number}") for number in range(40)]
        assert answers == ["wrong_credentials"] * 10 + ["too_many_tries 600"] * 30
        assert len(seen) == 10
        assert guess(database, "salma", HOME, make.PASSWORD) == "in", "from where she signed in before"
        clock.shift(timedelta(minutes=10))
        assert guess(database, "salma", "192.0.2.99", make.PASSWORD) == "in", "and then from anywhere"


def test_ten_thousand_guesses_leave_a_hundred_rows_a_window(database: Database, salma: User) -> None:
    with time_machine.travel(now(), tick=False):
        fail(database, 100)
        for number in range(200):
            assert guess(database, f"name{number % 7}", f"192.0.2.{number}").startswith("too_many_tries")
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(FailedTry)) == 100


def test_a_name_that_exists_costs_the_same_work_and_words(
    database: Database, salma: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:  # hers was made cheaply, like that of everybody in these tests
        held_user(session, salma.id).password_hash = hashed(make.PASSWORD)
    seen = hashes_of(monkeypatch)
    answers = list[tuple[list[str], int]]()
    for username in ("salma", "nobody"):
        before = len(seen)
        answers.append(([guess(database, username, HOME) for _ in range(6)][:5], len(seen) - before))
    assert answers[0] == answers[1] == (["wrong_credentials"] * 5, 5)
    parameters = {hash_.rsplit("$", 2)[0] for hash_ in seen}
    assert len(parameters) == 1, "known and unknown names are compared with hashes of one cost"


def test_the_wait_is_what_is_left_of_it(database: Database, salma: User) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            guess(database, "salma", HOME)
            clock.shift(timedelta(seconds=60))
        assert guess(database, "salma", HOME) == "too_many_tries 600"
        clock.shift(timedelta(seconds=599))
        assert guess(database, "salma", HOME) == "too_many_tries 1"
        clock.shift(timedelta(seconds=1))
        assert guess(database, "salma", HOME, make.PASSWORD) == "in"


def test_guessing_at_the_own_password_counts_too(database: Database, salma: User) -> None:
    with database.reading() as session:
        found = user_named(session, "salma")
        assert found
        actor = actor_for(found, Face.BROWSER)
    words = read(NewPassword, {"current_password": WRONG, "new_password": "quiet river stone"})
    for _ in range(5):
        with pytest.raises(Invalid):
            change_password(database, actor, words, HOME)
    with pytest.raises(Unauthenticated) as paused:
        change_password(database, actor, words, HOME)
    assert paused.value.code == "too_many_tries"
    assert guess(database, "salma", HOME, make.PASSWORD).startswith("too_many_tries")
    assert guess(database, "salma", "203.0.113.8", make.PASSWORD) == "in"


def test_what_counts_against_nobody_is_dropped(database: Database) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        fail(database, 3)
        clock.shift(tries.REMEMBERED)
        with database.transaction() as session:
            tries.forget_old(session)
            assert session.scalar(select(func.count()).select_from(FailedTry)) == 0


def test_a_guess_sweeps_away_what_counts_no_more(database: Database) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        guess(database, "someone", HOME)
        clock.shift(tries.REMEMBERED)
        guess(database, "other", HOME)
    with database.reading() as session:
        assert [each.username for each in session.scalars(select(FailedTry))] == ["other"]


def test_a_name_that_is_cut_counts_as_that_name(database: Database, salma: User) -> None:
    for written in ("salma", " SALMA ", f"salma{' ' * 75}x", f"salma{' ' * 90}x", "Salma"):
        guess(database, written, HOME)
    assert guess(database, "salma", HOME, make.PASSWORD).startswith("too_many_tries")


# ---------- one network of IPv6 is one address


def test_a_network_of_ipv6_is_one_address(database: Database, salma: User) -> None:
    with time_machine.travel(now(), tick=False):
        answers = [guess(database, "salma", f"2001:db8:0:7::{number:x}") for number in range(1, 8)]
        assert answers == ["wrong_credentials"] * 5 + ["too_many_tries 900"] * 2
        assert guess(database, "salma", "2001:db8:0:8::1", make.PASSWORD) == "in", "and the next network another"
        names = [guess(database, f"name{number}", f"2001:db8:0:9::{number:x}") for number in range(1, 32)]
        assert names == ["wrong_credentials"] * 30 + ["too_many_tries 900"]


def test_whoever_moves_within_their_network_is_still_known(database: Database, salma: User) -> None:
    assert guess(database, "salma", "2001:db8:0:7::1", make.PASSWORD) == "in"
    assert guess(database, "salma", "::ffff:203.0.113.7", make.PASSWORD) == "in"
    fail(database, 100)
    assert guess(database, "salma", "2001:db8:0:8::1", make.PASSWORD).startswith("too_many_tries")
    assert guess(database, "salma", "2001:DB8:0:7:ab::9", make.PASSWORD) == "in"
    assert guess(database, "salma", HOME, make.PASSWORD) == "in", "an IPv4 address however it is written"


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a proxy's own words " * 9, ("a proxy's own words " * 9)[:80]),
    ],
)
def test_what_counts_as_one_address(written: str, counted: str) -> None:
    assert tries.network_of(written) == counted


# ---------- wrong codes are forgotten for a right code alone


@pytest.fixture
def enrolled(database: Database, salma: User) -> tuple[Actor, str]:
    """Salma, with a second factor, and its secret."""
    actor = signins.actor_for(salma, Face.BROWSER)
    with database.transaction() as session:
        secret = second_factor.enrol(session, actor, SEALER).secret
        second_factor.confirm(session, actor, SEALER, TOTP(secret).at(now() - timedelta(seconds=30)))
    return actor, secret


def prove(database: Database, actor: Actor, code: str, address: str = HOME) -> str:
    try:
        with proving_code(database, actor, SEALER, read(GivenCode, {"code": code}), address, database.transaction()):
            pass
    except Unauthenticated as refusal:
        return refusal.code
    except Invalid:
        return "wrong"
    return "right"


def confirm_own(database: Database, actor: Actor) -> None:
    with database.transaction() as session:
        key = signins.open_sign_in(session, session.get_one(User, actor.user_id), "tests")[1]
    confirm(database, actor, key, make.PASSWORD, HOME)


def refuse_password(database: Database, actor: Actor) -> None:
    """The right password, and a new one that is refused only after it."""
    words = read(NewPassword, {"current_password": make.PASSWORD, "new_password": make.PASSWORD})
    with pytest.raises(Invalid):
        change_password(database, actor, words, HOME)


def step_halfway(database: Database, actor: Actor) -> None:
    assert guess(database, actor.username, HOME, make.PASSWORD) == "second_factor_needed"


@pytest.mark.parametrize("between", [confirm_own, refuse_password, step_halfway])
@pytest.mark.parametrize("way", ["signed in", "signing in"])
def test_a_right_password_forgets_no_wrong_code(
    database: Database, enrolled: tuple[Actor, str], between: Callable[[Database, Actor], None], way: str
) -> None:
    actor, _secret = enrolled

    def wrong() -> str:
        if way == "signed in":
            return prove(database, actor, "000000")
        return guess(database, "salma", HOME, make.PASSWORD, "000000")

    with time_machine.travel(now(), tick=False):
        assert [wrong() for _ in range(4)] == ["wrong" if way == "signed in" else "wrong_code"] * 4
        between(database, actor)
        assert wrong() in ("wrong", "wrong_code")
        assert wrong().startswith("too_many_tries")


def test_a_right_password_forgets_wrong_passwords(database: Database, enrolled: tuple[Actor, str]) -> None:
    actor, _secret = enrolled
    for _ in range(3):
        for _ in range(4):
            assert guess(database, "salma", HOME) == "wrong_credentials"
        confirm_own(database, actor)


@pytest.mark.parametrize("way", ["signed in", "signing in"])
def test_a_right_code_forgets_wrong_ones(database: Database, enrolled: tuple[Actor, str], way: str) -> None:
    actor, secret = enrolled
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(3):
            clock.shift(30)
            assert [prove(database, actor, "000000") for _ in range(4)] == ["wrong"] * 4
            code = TOTP(secret).at(now())
            if way == "signed in":
                assert prove(database, actor, code) == "right"
            else:
                assert guess(database, "salma", HOME, make.PASSWORD, code) == "in"


@pytest.mark.parametrize("way", ["signed in", "signing in", "both"])
def test_wrong_codes_from_everywhere_count_against_the_name(
    database: Database, enrolled: tuple[Actor, str], way: str
) -> None:
    actor, secret = enrolled

    def wrong(number: int) -> str:
        if way == "signed in" or (way == "both" and number % 2):
            return prove(database, actor, "000000", f"192.0.2.{number}")
        return guess(database, "salma", f"192.0.2.{number}", make.PASSWORD, "000000").split()[0]

    with time_machine.travel(now(), tick=False) as clock:
        assert guess(database, "salma", HOME, make.PASSWORD, TOTP(secret).at(now())) == "in"
        answers = [wrong(number) for number in range(25)]
        assert answers[20:] == ["too_many_tries"] * 5
        assert "too_many_tries" not in answers[:20]
        clock.shift(30)
        assert prove(database, actor, TOTP(secret).at(now()), HOME) == "right", "from where she signed in before"
        assert guess(database, "salma", "192.0.2.1", make.PASSWORD, TOTP(secret).at(now())).startswith("too_many")
        clock.shift(timedelta(hours=1))
        assert guess(database, "salma", "192.0.2.1", make.PASSWORD, TOTP(secret).at(now())) == "in"
