"""Users, their passwords, sign-ins and tokens: who may, what ends what, and how long anything lasts."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from tests import make
from tests.domain.books import act, person, refused
from vela.clock import now
from vela.db import Database
from vela.domain.people import passwords, queries, signins, tries
from vela.domain.people.access import Act, Actor, Face, Role, operator
from vela.domain.people.commands import change_user, create_user, set_password
from vela.domain.people.intake import Credentials, NewPassword, NewToken, NewUser, UserChanges
from vela.domain.people.models import PersonalToken
from vela.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from vela.intake import read
from vela.signin.entering import sign_in
from vela.signin.proving import change_password

VIEWER = person("Viewer", Role.VIEWER)
NEW = "quite another secret"
NOBODY = (0, -1, 99, 2**31, 2**63)


def user(database: Database, username: str = "salma", **words: object) -> int:
    with database.transaction() as session:
        return make.user(session, username, **words).id


def actor(database: Database, user_id: int) -> Actor:
    with database.reading() as session:
        return signins.actor_for(queries.user(session, user_id), Face.BROWSER)


def token(database: Database, user_id: int) -> str:
    with database.transaction() as session:
        found = queries.user(session, user_id)
        return signins.create_token(session, operator(), found, read(NewToken, {"name": "script"}))[1]


def key(database: Database, user_id: int) -> str:
    with database.transaction() as session:
        return signins.open_sign_in(session, queries.user(session, user_id), "Firefox\x00\n" + "x" * 500)[1]


def see(database: Database, opened: str) -> None:
    with database.transaction() as session:
        found = signins.find_sign_in(session, opened)
        assert found
        signins.note_sight(session, found.id)


def change(database: Database, user_id: int, current: str, new: str) -> None:
    words = read(NewPassword, {"current_password": current, "new_password": new})
    change_password(database, actor(database, user_id), words, "192.0.2.1")


def alive(database: Database, sign_in_key: str, secret: str) -> tuple[bool, bool]:
    with database.reading() as session:
        return signins.find_sign_in(session, sign_in_key) is not None, signins.find_token(session, secret) is not None


# ---------- rights


@pytest.mark.parametrize("act_", list(Act))
def test_an_admin_may_everything_and_a_viewer_records_sales_at_most(act_: Act) -> None:
    assert make.admin().may(act_)
    assert make.viewer().may(act_) == (act_ is Act.RECORD_SALES)
    assert not make.viewer(may_record_sales=False).may(act_)


def test_a_viewer_manages_nobody(database: Database) -> None:
    salma = user(database)
    words = read(NewUser, {"username": "new", "display_name": "New", "password": make.PASSWORD})
    refused(Forbidden, database, create_user, VIEWER, words)
    refused(Forbidden, database, change_user, VIEWER, salma, read(UserChanges, {"role": "admin"}))
    refused(Forbidden, database, set_password, VIEWER, salma, NEW)


def test_users_that_are_not_there_are_not_found(database: Database) -> None:
    for nobody in NOBODY:
        refused(NotFound, database, change_user, operator(), nobody, read(UserChanges, {"active": False}))
        refused(NotFound, database, set_password, operator(), nobody, NEW)
        refused(NotFound, database, signins.end_token, operator(), nobody)


# ---------- users


@pytest.mark.parametrize("username", ["", "a", "é" * 5, "two words", "-dash", "x" * 41, "a\x00b", "salma\n1", 7, None])
def test_a_username_is_short_and_plain(username: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(NewUser, {"username": username, "display_name": "S", "password": make.PASSWORD})
    assert [issue.field for issue in refusal.value.issues] == ["username"]


def test_a_username_is_taken_in_any_case(database: Database) -> None:
    user(database, "salma")
    words = read(NewUser, {"username": " SALMA ", "display_name": "S", "password": make.PASSWORD})
    assert refused(Conflict, database, create_user, operator(), words).data["field"] == "username"


@pytest.mark.parametrize("words", [{"role": "viewer"}, {"active": False}], ids=repr)
def test_the_last_active_admin_stays(database: Database, words: dict[str, object]) -> None:
    only, gone = user(database, "only", role="admin"), user(database, "gone", role="admin")
    act(database, change_user, operator(), gone, read(UserChanges, {"active": False}))
    changes = read(UserChanges, words)
    assert refused(Conflict, database, change_user, operator(), only, changes).code == "last_admin"
    user(database, "second", role="admin")
    act(database, change_user, operator(), only, changes)


def test_a_change_without_a_difference_is_none(database: Database) -> None:
    salma = user(database, role="admin")
    assert act(database, change_user, operator(), salma, read(UserChanges, {"role": "admin"})).version == 1


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ({"display_name": "New name"}, (True, True)),
        ({"may_record_sales": False}, (True, True)),
        ({"role": "viewer"}, (False, False)),
        ({"role": "viewer", "display_name": "New name"}, (False, False)),
        ({"active": False}, (False, False)),
    ],
    ids=repr,
)
def test_what_a_change_of_a_user_ends(database: Database, words: dict[str, object], left: tuple[bool, bool]) -> None:
    user(database, "other", role="admin")
    salma = user(database, role="admin")
    opened, secret = key(database, salma), token(database, salma)
    act(database, change_user, operator(), salma, read(UserChanges, words))
    assert alive(database, opened, secret) == left


def test_reactivating_brings_no_old_sign_in_back(database: Database) -> None:
    user(database, "other", role="admin")
    salma = user(database)
    opened, secret = key(database, salma), token(database, salma)
    for active in (False, True):
        act(database, change_user, operator(), salma, read(UserChanges, {"active": active}))
    assert alive(database, opened, secret) == (False, False)


# ---------- passwords


@pytest.mark.parametrize(
    "weak",
    ["short", "x" * 11, "a" * 40, "abababababab", "salma and friends", "Hello SALMA 2026", "password1234",
     "Password!123", "qwertyuiop12", "123456789012", "administrator", "1234-5678-9012", "unbelievable",
     "x" * 257 + "yzab"],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused(database: Database, weak: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check_rules(weak, "salma", "new_password")
    assert [issue.field for issue in refusal.value.issues] == ["new_password"]


@pytest.mark.parametrize(
    "good",
    [
        make.PASSWORD,
        "x7!Kq2#vLm9@",
        "пароль из слов",
        "日本語のパスワードです。",
        "test 83920 river mole",
        "grey stone by the river, " * 8,
    ],
)
def test_a_password_may_be_made_of_any_letters(good: str) -> None:
    passwords.check_rules(good, "salma")
    assert passwords.matches(passwords.hashed(good), good)


def test_a_short_username_inside_a_password_says_nothing() -> None:
    passwords.check_rules("always correct horse", "al")


def test_no_two_hashes_are_alike_and_long_passwords_are_not_cut() -> None:
    assert passwords.hashed(NEW) != passwords.hashed(NEW)
    assert not passwords.matches(passwords.hashed("x" * 72 + "a"), "x" * 72 + "b")
    assert passwords.hashed(NEW).startswith("$argon2id$")


def test_a_password_is_the_same_on_every_keyboard() -> None:
    assert passwords.matches(passwords.hashed("cafe\u0301 du matin"), "caf\u00e9 du matin")


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$broken"], ids=repr)
def test_what_is_no_hash_matches_nothing(stored: str | None) -> None:
    assert not passwords.matches(stored, NEW)
    assert not passwords.matches(stored, "nobody has this password")


@pytest.mark.parametrize("password", ["", "\ud800 lone surrogate", None, 12345678901234], ids=ascii)
def test_what_is_no_text_is_no_password(password: object) -> None:
    with pytest.raises(Invalid):
        read(Credentials, {"username": "salma", "password": password})


def test_a_new_password_ends_everything_and_needs_the_old_one(database: Database) -> None:
    salma = user(database)
    opened, secret = key(database, salma), token(database, salma)
    for current, new, field in (
        ("wrong", NEW, "current_password"),
        (make.PASSWORD, "weak", "new_password"),
        (make.PASSWORD, make.PASSWORD, "new_password"),
    ):
        with pytest.raises(Invalid) as refusal:
            change(database, salma, current, new)
        assert [issue.field for issue in refusal.value.issues] == [field]
    assert alive(database, opened, secret) == (True, True)
    change(database, salma, make.PASSWORD, NEW)
    assert alive(database, opened, secret) == (False, False)
    with database.reading() as session:
        assert passwords.matches(queries.user(session, salma).password_hash, NEW)


def test_an_admin_sets_a_password_by_the_same_rules(database: Database) -> None:
    salma = user(database)
    opened = key(database, salma)
    assert refused(Invalid, database, set_password, operator(), salma, "short").issues[0].field == "password"
    act(database, set_password, operator(), salma, NEW)
    assert not alive(database, opened, "")[0]


# ---------- sign-ins


def test_a_sign_in_lasts_a_day_and_not_a_second_more(database: Database) -> None:
    salma = user(database)
    with time_machine.travel(now(), tick=False) as clock:
        opened = key(database, salma)
        for _ in range(3):
            clock.shift(timedelta(hours=6))
            see(database, opened)
        clock.shift(timedelta(hours=6) - timedelta(seconds=1))
        assert alive(database, opened, "")[0]
        clock.shift(timedelta(seconds=1))
        assert not alive(database, opened, "")[0]


def test_a_sign_in_that_nobody_uses_ends(database: Database) -> None:
    salma = user(database)
    with time_machine.travel(now(), tick=False) as clock:
        used, unused = key(database, salma), key(database, salma)
        clock.shift(signins.IDLE - timedelta(seconds=1))
        see(database, used)
        clock.shift(timedelta(seconds=1))
        assert [alive(database, each, "")[0] for each in (used, unused)] == [True, False]
        with database.reading() as session:
            assert len(signins.sign_ins_of(session, salma)) == 1
            assert signins.find_sign_in(session, used, timedelta(hours=0)) is None


def test_a_use_is_written_down_now_and_then(database: Database) -> None:
    salma = user(database)
    with time_machine.travel(now(), tick=False) as clock:
        opened = key(database, salma)
        clock.shift(signins.SEEN_NOTED_EVERY)
        for passed, due in ((timedelta(), False), (timedelta(seconds=1), True)):
            clock.shift(passed)
            with database.reading() as session:
                found = signins.find_sign_in(session, opened)
                assert found
                assert signins.sight_is_due(found) is due


def test_signing_out_ends_that_sign_in_alone(database: Database) -> None:
    salma = user(database)
    one, other = key(database, salma), key(database, salma)
    act(database, signins.end_sign_in, one)
    assert [alive(database, each, "")[0] for each in (one, other, "made up", "")] == [False, True, False, False]


def test_no_key_or_secret_is_kept_as_it_is(database: Database) -> None:
    salma = user(database)
    opened, secret = key(database, salma), token(database, salma)
    with database.engine.connect() as connection:
        for table in ("sign_ins", "personal_tokens", "audit_entries", "users"):
            rows = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
            assert opened not in rows
            assert secret not in rows
            assert make.PASSWORD not in rows


# ---------- wrong passwords


def attempt(database: Database, password: str, username: str = "salma", address: str = "192.0.2.1") -> str:
    words = read(Credentials, {"username": username, "password": password})
    try:
        sign_in(database, b"k" * 64, words, address=address, agent="test")
    except Unauthenticated as refusal:
        return f"{refusal.code} {refusal.data.get('tries_left', '')}".strip()
    return "in"


@pytest.mark.parametrize("username", ["salma", "nobody"])
def test_five_wrong_passwords_make_a_name_wait_at_that_address(database: Database, username: str) -> None:
    user(database)
    with time_machine.travel(now(), tick=False) as clock:
        guesses = [attempt(database, "wrong password", username) for _ in range(6)]
        assert guesses == [*(f"wrong_credentials {left}" for left in (4, 3, 2, 1, 0)), "too_many_tries"]
        assert attempt(database, make.PASSWORD, username) == "too_many_tries"
        assert attempt(database, make.PASSWORD, address="192.0.2.2") == "in"
        clock.shift(tries.NAME_AT_ADDRESS.within - timedelta(seconds=1))
        assert attempt(database, make.PASSWORD, username) == "too_many_tries"
        clock.shift(timedelta(seconds=1))
        assert attempt(database, make.PASSWORD) == "in"


def test_signing_in_forgets_the_tries_before(database: Database) -> None:
    user(database)
    attempt(database, "wrong password")
    assert attempt(database, make.PASSWORD, " SALMA ") == "in"
    assert attempt(database, "wrong password") == "wrong_credentials 4"


@pytest.mark.parametrize("username", ["a\x00b", "a\ud800b", "\u202eamlas", "x" * 10_000, "' OR 1=1 --"], ids=ascii)
def test_a_hostile_name_is_an_unknown_name(database: Database, username: str) -> None:
    assert attempt(database, "wrong password", username) == "wrong_credentials 4"
    assert attempt(database, "wrong password", username) == "wrong_credentials 3"


def test_a_deactivated_user_is_answered_like_an_unknown_one(database: Database) -> None:
    user(database, "other", role="admin")
    act(database, change_user, operator(), user(database), read(UserChanges, {"active": False}))
    assert attempt(database, make.PASSWORD) == "wrong_credentials 4"


# ---------- personal tokens


def test_a_token_works_until_it_is_ended_expired_or_its_user_is_gone(database: Database) -> None:
    user(database, "other", role="admin")
    salma = user(database)
    ended, expired, left = (token(database, salma) for _ in range(3))
    with database.transaction() as session:
        rows = {name: signins.find_token(session, secret) for name, secret in (("ended", ended), ("expired", expired))}
        assert rows["ended"] is not None
        assert rows["expired"] is not None
        signins.end_token(session, operator(), rows["ended"].id)
        session.execute(update(PersonalToken).where(PersonalToken.id == rows["expired"].id).values(expires_at=now()))
    assert [alive(database, "", secret)[1] for secret in (ended, expired, left)] == [False, False, True]
    act(database, change_user, operator(), salma, read(UserChanges, {"active": False}))
    assert not alive(database, "", left)[1]


@pytest.mark.parametrize(
    "secret", ["", "vela_pat_", "vela_pat_short", "x" * 50, "vela_pat_" + "é" * 30, "\x00", "\ud800"]
)
def test_what_was_never_a_token_is_none(database: Database, secret: str) -> None:
    assert not alive(database, "", secret)[1]


def test_a_token_is_made_for_oneself_or_by_an_admin(database: Database) -> None:
    salma, youssef = user(database, "salma"), user(database, "youssef")
    words = read(NewToken, {"name": "script"})
    with database.reading() as session:
        mine, other = queries.user(session, salma), queries.user(session, youssef)
    act(database, signins.create_token, actor(database, salma), mine, words)
    refused(Forbidden, database, signins.create_token, actor(database, salma), other, words)


def test_a_token_is_ended_by_its_owner_or_an_admin_once(database: Database) -> None:
    salma, youssef = user(database, "salma"), user(database, "youssef")
    secret = token(database, salma)
    with database.reading() as session:
        [row] = signins.tokens_of(session, salma)
    refused(NotFound, database, signins.end_token, actor(database, youssef), row.id)
    act(database, signins.end_token, actor(database, salma), row.id)
    refused(NotFound, database, signins.end_token, operator(), row.id)
    assert not alive(database, "", secret)[1]


def test_the_use_of_a_token_is_noted_now_and_then(database: Database) -> None:
    salma = user(database)
    secret = token(database, salma)
    with time_machine.travel(now(), tick=False) as clock:
        for due in (True, False):
            with database.transaction() as session:
                found = signins.find_token(session, secret)
                assert found is not None
                assert signins.use_is_due(found) is due
                signins.note_use(session, found.id)
        clock.shift(signins.USE_NOTED_EVERY + timedelta(seconds=1))
        with database.reading() as session:
            found = signins.find_token(session, secret)
            assert found is not None
            assert signins.use_is_due(found)
