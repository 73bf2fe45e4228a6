"""What happens to a sign-in while something else happens to its user."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import make
from vela.db import Database
from vela.domain.people import passwords
from vela.domain.people.access import operator
from vela.domain.people.commands import set_password
from vela.domain.people.intake import Credentials
from vela.errors import Unauthenticated
from vela.intake import read
from vela.signin import entering

SECRET = b"a secret for signing in, long enough"


def attempt(database: Database, password: str = make.PASSWORD) -> entering.SignedIn:
    words = read(Credentials, {"username": "salma", "password": password})
    return entering.sign_in(database, SECRET, words, address="127.0.0.1", agent="tests")


def test_a_password_changed_under_way_opens_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        user_id = make.user(session, "salma").id
    looked, changed = threading.Event(), threading.Event()
    really = passwords.matches

    def slowly(password_hash: str | None, password: str) -> bool:
        found = really(password_hash, password)
        looked.set()
        assert changed.wait(10)
        return found

    monkeypatch.setattr(passwords, "matches", slowly)
    with ThreadPoolExecutor(1) as thread:
        under_way = thread.submit(attempt, database)
        assert looked.wait(10)
        with database.transaction() as session:
            set_password(session, operator(), user_id, "quiet river pebble")
        changed.set()
        with pytest.raises(Unauthenticated):
            under_way.result()


def test_guesses_side_by_side_count_one_by_one(database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma")

    def guess(number: int) -> str:
        with pytest.raises(Unauthenticated) as refused:
            attempt(database, f"wrong {number}")
        return refused.value.code

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(guess, range(16)))
    # On PostgreSQL two that begin together may both be the last one.
    assert 5 <= codes.count("wrong_credentials") <= 12
    assert codes.count("too_many_tries") >= 4
    with pytest.raises(Unauthenticated):
        attempt(database)
