"""A new role, and a second factor that comes or goes: which doors they close, and whose own they are not for."""

from datetime import timedelta

import time_machine
from pyotp.totp import TOTP

from tests import make
from tests.domain.books import act, refused
from tests.domain.test_people import NEW, actor, alive, key, token, user
from vela.clock import now
from vela.db import Database
from vela.domain.people import passwords, queries, second_factor
from vela.domain.people.access import operator
from vela.domain.people.commands import change_user, set_password
from vela.domain.people.intake import UserChanges
from vela.errors import Conflict
from vela.intake import read
from vela.sealing import Sealer


def test_a_promotion_makes_no_old_token_an_admins(database: Database) -> None:
    salma = user(database)
    opened, secret = key(database, salma), token(database, salma)
    act(database, change_user, operator(), salma, read(UserChanges, {"role": "admin"}))
    assert alive(database, opened, secret) == (False, False)


def test_an_admin_opens_none_of_their_own_doors_with_less_than_everybody_needs(database: Database) -> None:
    salma = user(database, role="admin")
    opened = key(database, salma)
    me = actor(database, salma)
    assert "Your account" in refused(Conflict, database, set_password, me, salma, NEW).message
    with database.transaction() as session:
        sealer = Sealer(b"k" * 64)
        secret = second_factor.enrol(session, me, sealer).secret
        second_factor.confirm(session, me, sealer, TOTP(secret).now(), opened)
    with database.reading() as session:
        mine = queries.user(session, salma)
    assert "Your account" in refused(Conflict, database, second_factor.reset, me, mine).message
    with database.reading() as session:
        assert passwords.matches(queries.user(session, salma).password_hash, make.PASSWORD)
        assert second_factor.is_on(session, salma)
    assert alive(database, opened, "")[0]


def test_a_second_factor_ends_the_sign_ins_that_were_opened_without_it(database: Database) -> None:
    salma = user(database)
    here, elsewhere, secret = key(database, salma), key(database, salma), token(database, salma)
    sealer = Sealer(b"k" * 64)
    with database.transaction() as session:
        found = second_factor.enrol(session, actor(database, salma), sealer).secret
    with database.transaction() as session:
        second_factor.confirm(session, actor(database, salma), sealer, TOTP(found).now(), here)
    assert [alive(database, each, secret) for each in (here, elsewhere)] == [(True, True), (False, True)]
    with database.reading() as session:
        theirs = queries.user(session, salma)
    act(database, second_factor.reset, operator(), theirs)
    assert alive(database, here, secret) == (False, True)


def test_a_second_factor_that_was_begun_waits_half_an_hour(database: Database) -> None:
    salma = user(database)
    me, sealer = actor(database, salma), Sealer(b"k" * 64)
    with time_machine.travel(now(), tick=False) as clock:
        codes = TOTP(act(database, second_factor.enrol, me, sealer).secret)
        clock.shift(timedelta(minutes=29))
        with database.reading() as session:
            assert second_factor.under_way(session, me, sealer)
        clock.shift(timedelta(minutes=2))
        with database.reading() as session:
            assert second_factor.under_way(session, me, sealer) is None
        late = refused(Conflict, database, second_factor.confirm, me, sealer, codes.at(now()))
        assert late.code == "second_factor_not_begun"
        again = TOTP(act(database, second_factor.enrol, me, sealer).secret)
        assert again.secret != codes.secret
        assert len(act(database, second_factor.confirm, me, sealer, again.at(now()))) == 10
