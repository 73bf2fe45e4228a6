"""Personal tokens: how far they reach, how long they work, and what they look like."""

import binascii
import hashlib
import re
import string
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import event

from tests.domain.books import act, refused
from tests.domain.test_people import token, user
from vela.clock import now
from vela.db import Database
from vela.domain.people import queries, signins
from vela.domain.people.access import Act, Actor, Face, Role, Scope, operator, require, require_sight
from vela.domain.people.intake import NewToken
from vela.errors import Forbidden, Invalid
from vela.intake import read
from vela.signin.visiting import actor_of_personal_token


def actor_of(database: Database, secret: str) -> Actor | None:
    return actor_of_personal_token(database, secret, Face.API)


REACH = {
    Scope.READ: frozenset[Act](),
    Scope.PROPOSE: frozenset[Act](),
    Scope.WRITE: frozenset({Act.CHANGE_OFFERS, Act.RECORD_SALES, Act.VOID_SALES, Act.CHANGE_EXPENSES}),
    Scope.ADMIN: frozenset(Act),
}


def with_token(database: Database, user_id: int, **said: object) -> Actor | None:
    """Whoever comes with a token made by these words."""
    words = read(NewToken, {"name": "script", **said}, typed=True)
    with database.transaction() as session:
        secret = signins.create_token(session, operator(), queries.user(session, user_id), words)[1]
    return actor_of_personal_token(database, secret, Face.API)


@pytest.mark.parametrize("scope", Scope)
def test_a_token_reaches_as_far_as_its_scope_and_never_further_than_its_user(database: Database, scope: Scope) -> None:
    admins = with_token(database, user(database, "salma", role=Role.ADMIN), scope=scope.value)
    viewers = with_token(database, user(database, "youssef"), scope=scope.value)
    assert admins is not None
    assert viewers is not None
    assert {act for act in Act if admins.may(act)} == REACH[scope]
    assert {act for act in Act if viewers.may(act)} == REACH[scope] & {Act.RECORD_SALES}
    assert {act for act in Act if admins.may_propose(act)} == (set() if scope is Scope.READ else REACH[Scope.WRITE])
    for beyond in set(Act) - REACH[scope]:
        with pytest.raises(Forbidden) as refusal:
            require(admins, beyond)
        assert refusal.value.code == "insufficient_scope"
        require_sight(admins, beyond)
    with pytest.raises(Forbidden) as refusal:
        require_sight(viewers, Act.CHANGE_SETTINGS)
    assert refusal.value.code == "forbidden"


@pytest.mark.parametrize("scope", [Scope.READ, Scope.PROPOSE, Scope.WRITE])
def test_a_narrow_token_makes_no_token_and_ends_none_but_itself(database: Database, scope: Scope) -> None:
    salma = user(database, "salma", role=Role.ADMIN)
    other = token(database, salma)
    narrow = with_token(database, salma, scope=scope.value)
    assert narrow is not None
    with database.reading() as session:
        mine, other_id = queries.user(session, salma), signins.find_token(session, other)
    assert other_id is not None
    refused(Forbidden, database, signins.create_token, narrow, mine, read(NewToken, {"name": "wider"}))
    refused(Forbidden, database, signins.end_token, narrow, other_id.id)
    act(database, signins.end_token, narrow, narrow.token_id)
    assert actor_of(database, other)


def test_a_token_ends_when_its_days_are_over(database: Database) -> None:
    salma = user(database, "salma")
    with time_machine.travel(now(), tick=False) as clock:
        with database.transaction() as session:
            words = read(NewToken, {"name": "script", "expires_in_days": 30})
            row, secret = signins.create_token(session, operator(), queries.user(session, salma), words)
        clock.shift(timedelta(days=30) - timedelta(seconds=1))
        assert actor_of(database, secret)
        clock.shift(timedelta(seconds=1))
        assert not actor_of(database, secret)
        with database.reading() as session:
            assert [(each.id, each.has_expired) for each in signins.tokens_of(session, salma)] == [(row.id, True)]


HUGE = [10**20, Decimal("1E+999999999999"), Decimal("Infinity"), Decimal("NaN")]


@pytest.mark.parametrize("days", [0, -1, 3651, 1.5, True, "soon", "", [], *HUGE])
def test_a_token_is_made_for_whole_days(days: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(NewToken, {"name": "script", "expires_in_days": days}, typed=True)
    assert [issue.field for issue in refusal.value.issues] == ["expires_in_days"]


@pytest.mark.parametrize("scope", ["", "all", "ADMIN", None, 1, ["read"]])
def test_a_scope_is_one_of_four(scope: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(NewToken, {"name": "script", "scope": scope}, typed=True)
    assert refusal.value.message == "Choose read, propose, write or admin."


@pytest.mark.parametrize("random", ["0" * 43, "0" * 42 + "1", "zZ9" * 14 + "q"])
def test_the_checksum_of_a_token_is_its_crc_in_base_62(random: str) -> None:
    value = 0
    for sign in signins.checksum(random):
        value = value * 62 + (string.digits + string.ascii_letters).index(sign)
    assert value == binascii.crc32(random.encode())


def test_a_mistyped_token_is_known_without_asking_the_books(database: Database) -> None:
    secret = signins.fresh_secret()
    assert re.fullmatch("vela_pat_[0-9A-Za-z]{49}", secret)
    swapped = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    asked: list[str] = []
    with database.reading() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *said: asked.append(said[2]))
        assert signins.find_token(session, swapped) is None
        assert not asked
        assert signins.find_token(session, secret) is None
        assert asked


def test_a_token_from_before_checksums_still_works(database: Database) -> None:
    salma = user(database, "salma")
    secret = "vela_pat_" + "aB3_-" * 8 + "xyz"
    token(database, salma)
    with database.transaction() as session:
        [row] = signins.tokens_of(session, salma)
        row.secret_hash = hashlib.sha256(secret.encode()).hexdigest()
    assert actor_of(database, secret)
