"""Users over JSON: seen and changed by admins alone, and every door that can be closed for somebody else."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import Program, signed_in, with_token
from vela.clock import now
from vela.db import Database
from vela.domain.idempotency.keys import fingerprint
from vela.domain.idempotency.models import KeptAnswer
from vela.domain.people import queries, second_factor
from vela.domain.people.access import Face
from vela.domain.people.models import SecondFactor, User
from vela.domain.people.signins import actor_for

NEW: dict[str, Any] = {"username": "nadia", "display_name": "Nadia", "password": "seven camels at noon"}
OTHER = "eight camels at dusk"
CHANGES: list[tuple[str, str, object]] = [
    ("POST", "/api/users", NEW),
    ("PUT", "/api/users/1", {"role": "viewer"}),
    ("PUT", "/api/users/1/password", {"password": OTHER}),
    ("DELETE", "/api/users/1/sign-ins", None),
    ("DELETE", "/api/users/1/second-factor", None),
]


@pytest.fixture
def youssef(viewer: Program, books: Database) -> int:
    """The id of the viewer."""
    with books.reading() as session:
        found = queries.user_named(session, "youssef")
        assert found
        return found.id


def said(body: object) -> dict[str, Any]:
    return {} if body is None else {"json": body}


def kept(books: Database) -> list[tuple[object, ...]]:
    columns = (User.username, User.role, User.active, User.password_hash, User.version)
    with books.reading() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(User.id))]


def test_a_user_is_created_with_a_password_for_one_use(app: Flask, admin: Program) -> None:
    made = admin.post("/api/users", NEW)
    person = made.json
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/users/{person['id']}")
    assert made.headers["ETag"].startswith('"1-')
    assert (person["role"], person["may_record_sales"], person["active"]) == ("viewer", True, True)
    assert (person["must_change_password"], person["second_factor"]) == (True, False)
    assert "password" not in person
    assert admin.get(f"/api/users/{person['id']}").json == person
    assert [each["username"] for each in admin.get("/api/users").json] == ["salma", "nadia"]
    nadia = Program(app, Program(app).log_in("nadia", NEW["password"]).json["token"])
    assert nadia.get("/api/auth/me").json["error"] == "PASSWORD_CHANGE_NEEDED"
    chosen = {"current_password": NEW["password"], "new_password": OTHER}
    assert nadia.post("/api/auth/password", chosen).status_code == 204
    assert Program(app).log_in("nadia", OTHER).status_code == 200
    assert admin.get(f"/api/users/{person['id']}").json["must_change_password"] is False


def test_sent_again_it_makes_one_user_and_leaves_nothing_to_guess_the_password_by(
    admin: Program, books: Database
) -> None:
    key = {"Idempotency-Key": "nadia"}
    first, again = admin.post("/api/users", NEW, headers=key), admin.post("/api/users", NEW, headers=key)
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (201, first.data, "true")
    other = admin.post("/api/users", NEW | {"password": OTHER}, headers=key)
    assert (other.status_code, other.json["error"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    with books.reading() as session:
        mark = session.scalars(select(KeptAnswer.fingerprint)).one()
    assert mark != fingerprint("POST /api/users", NEW)


@pytest.mark.parametrize(
    ("wrong", "field", "status"),
    [
        ({"username": "salma"}, "username", 409),
        ({"username": "N"}, "username", 422),
        ({"password": "short"}, "password", 422),
        ({"password": "nadianadia12"}, "password", 422),
        ({"role": "owner"}, "role", 422),
        ({"active": False}, "active", 422),
    ],
)
def test_who_cannot_be_created_is_refused(
    admin: Program, books: Database, wrong: dict[str, object], field: str, status: int
) -> None:
    before = kept(books)
    refused = admin.post("/api/users", NEW | wrong)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (status, f"#/{field}")
    assert kept(books) == before


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"display_name": "", "password": "short"}, ["display_name", "password"]),
        ({"username": "x", "password": "password1234", "role": "owner"}, ["username", "password", "role"]),
        ({"username": 7, "password": ""}, ["username", "password"]),
        ({"username": "nadia", "password": "nadianadia12", "active": False}, ["password", "active"]),
    ],
)
def test_everything_that_is_wrong_is_told_at_once_a_weak_password_too(
    admin: Program, books: Database, wrong: dict[str, object], fields: list[str]
) -> None:
    before = kept(books)
    refused = admin.post("/api/users", NEW | wrong)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json["errors"]] == [f"#/{field}" for field in fields]
    assert kept(books) == before


def test_a_new_role_ends_sign_ins_and_tokens(app: Flask, admin: Program, viewer: Program, youssef: int) -> None:
    script = with_token(app, viewer, "admin")
    changed = admin.put(f"/api/users/{youssef}", {"role": "admin", "version": 1})
    assert (changed.status_code, changed.json["role"], changed.json["version"]) == (200, "admin", 2)
    assert [each.get("/api/auth/me").status_code for each in (viewer, script)] == [401, 401]
    assert signed_in(app, "youssef").get("/api/users").status_code == 200


def test_what_is_left_out_stays_and_what_was_read_may_be_sent_back(admin: Program, youssef: int) -> None:
    read = admin.get(f"/api/users/{youssef}").json
    assert admin.put(f"/api/users/{youssef}", read).json == read
    silent = admin.put(f"/api/users/{youssef}", {"may_record_sales": False}).json
    assert silent == read | {"may_record_sales": False, "version": 2}
    renamed = admin.put(f"/api/users/{youssef}", {"username": "jo"})
    assert (renamed.status_code, renamed.json["errors"][0]["pointer"]) == (422, "#/username")


def test_two_who_change_the_same_do_not_overwrite_each_other(admin: Program, youssef: int) -> None:
    admin.put(f"/api/users/{youssef}", {"display_name": "Joe"})
    path = f"/api/users/{youssef}"
    stale = admin.put(path, {"display_name": "Jo", "version": 1})
    assert (stale.status_code, stale.json["error"], stale.json["theirs"]) == (409, "STALE", "Joe")
    assert admin.put(path, {"may_record_sales": False, "version": 1}).status_code == 200
    unmatched = admin.put(path, {"display_name": "Jo"}, headers={"If-Match": '"1"'})
    assert (unmatched.status_code, unmatched.json["who"]) == (412, "salma")
    assert admin.put(path, {"display_name": "Jo"}, headers={"If-Match": '"3"'}).json["display_name"] == "Jo"


def test_the_last_admin_stays_one(admin: Program, books: Database) -> None:
    before = kept(books)
    for words in ({"role": "viewer"}, {"active": False}):
        refused = admin.put("/api/users/1", words)
        assert (refused.status_code, refused.json["error"]) == (409, "LAST_ADMIN")
    assert kept(books) == before


def test_a_password_for_somebody_else_is_for_one_use(app: Flask, admin: Program, viewer: Program, youssef: int) -> None:
    assert admin.put(f"/api/users/{youssef}/password", {"password": OTHER}).status_code == 204
    assert viewer.get("/api/auth/me").status_code == 401
    again = Program(app, Program(app).log_in("youssef", OTHER).json["token"])
    assert again.get("/api/services").json["error"] == "PASSWORD_CHANGE_NEEDED"
    own = admin.put("/api/users/1/password", {"password": OTHER})
    assert (own.status_code, own.json["error"]) == (409, "OWN_PASSWORD")
    weak = admin.put(f"/api/users/{youssef}/password", {"password": "youssef12345"})
    assert (weak.status_code, weak.json["errors"][0]["pointer"]) == (422, "#/password")


def test_signing_out_everywhere_leaves_the_tokens(app: Flask, admin: Program, viewer: Program, youssef: int) -> None:
    script = with_token(app, viewer, "read")
    assert admin.delete(f"/api/users/{youssef}/sign-ins").status_code == 204
    assert [each.get("/api/auth/me").status_code for each in (viewer, script)] == [401, 200]


def test_a_lost_second_factor_is_taken_away(
    app: Flask, admin: Program, viewer: Program, books: Database, youssef: int
) -> None:
    path = f"/api/users/{youssef}/second-factor"
    assert (admin.delete(path).status_code, admin.delete(path).json["error"]) == (409, "SECOND_FACTOR_OFF")
    with books.transaction() as session:
        who = actor_for(queries.user(session, youssef), Face.BROWSER)
        second_factor.enrol(session, who, app.extensions["vela"].sealer)
        session.get_one(SecondFactor, youssef).confirmed_at = now()
    assert admin.get(f"/api/users/{youssef}").json["second_factor"] is True
    assert admin.delete(path).status_code == 204
    assert viewer.get("/api/auth/me").status_code == 401
    assert admin.get(f"/api/users/{youssef}").json["second_factor"] is False
    own = admin.delete("/api/users/1/second-factor")
    assert (own.status_code, own.json["error"]) == (409, "OWN_SECOND_FACTOR")


def test_whom_there_is_not_is_a_404(admin: Program) -> None:
    for method, path, body in CHANGES[1:]:
        refused = admin.call(method, path.replace("/1", "/99"), **said(body))
        assert (refused.status_code, refused.json["error"]) == (404, "USER_NOT_FOUND")
    assert admin.get("/api/users/99").status_code == 404


def test_a_viewer_neither_sees_nor_changes_users(viewer: Program, books: Database) -> None:
    before = kept(books)
    answers = [viewer.get("/api/users"), viewer.get("/api/users/1")]
    answers += [viewer.call(method, path, **said(body)) for method, path, body in CHANGES]
    assert {(each.status_code, each.json["error"]) for each in answers} == {(403, "FORBIDDEN")}
    assert kept(books) == before


def test_a_narrow_token_of_an_admin_sees_users_and_changes_none(narrow: Program, books: Database) -> None:
    before = kept(books)
    assert narrow.get("/api/users").status_code == 200
    for method, path, body in CHANGES:
        refused = narrow.call(method, path, **said(body))
        assert (refused.status_code, refused.json["error"]) == (403, "INSUFFICIENT_SCOPE")
    assert kept(books) == before
