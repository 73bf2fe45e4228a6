"""One's own account over JSON: the password, the sign-ins, the preferences."""

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Program, signed_in, with_token

NEW = "staple of seven camels"


def test_a_new_password_ends_every_sign_in(app: Flask, viewer: Program) -> None:
    elsewhere = signed_in(app, "youssef")
    words = {"current_password": make.PASSWORD, "new_password": NEW}
    assert viewer.post("/api/auth/password", words).status_code == 204
    assert [each.get("/api/auth/me").status_code for each in (viewer, elsewhere)] == [401, 401]
    assert Program(app).log_in("youssef").status_code == 401
    assert Program(app).log_in("youssef", NEW).status_code == 200


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"current_password": "wrong horse", "new_password": NEW}, "current_password"),
        ({"current_password": make.PASSWORD, "new_password": "short"}, "new_password"),
        ({"current_password": make.PASSWORD, "new_password": make.PASSWORD}, "new_password"),
        ({"new_password": NEW}, "current_password"),
    ],
)
def test_what_is_no_new_password_changes_nothing(
    app: Flask, viewer: Program, words: dict[str, str], field: str
) -> None:
    refused = viewer.post("/api/auth/password", words)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"#/{field}")
    assert viewer.get("/api/auth/me").status_code == 200
    assert Program(app).log_in("youssef").status_code == 200


def test_too_many_wrong_passwords_are_followed_by_a_pause(viewer: Program) -> None:
    words = {"current_password": "wrong horse", "new_password": NEW}
    for _guess in range(5):
        assert viewer.post("/api/auth/password", words).status_code == 422
    paused = viewer.post("/api/auth/password", words)
    assert (paused.status_code, paused.json["error"]) == (429, "TOO_MANY_TRIES")
    assert int(paused.headers["Retry-After"]) > 0


def test_a_narrow_token_changes_nothing_of_the_account(narrow: Program, admin: Program) -> None:
    here = admin.get("/api/auth/sign-ins").json[0]["id"]
    for answer in (
        narrow.post("/api/auth/password", {"current_password": make.PASSWORD, "new_password": NEW}),
        narrow.put("/api/auth/preferences", {"language": "fr"}),
        narrow.delete("/api/auth/sign-ins"),
        narrow.delete(f"/api/auth/sign-ins/{here}"),
    ):
        assert (answer.status_code, answer.json["error"]) == (403, "INSUFFICIENT_SCOPE")
    assert admin.get("/api/auth/preferences").json["language"] == ""


def test_sign_ins_are_listed_and_ended_one_by_one(app: Flask, admin: Program, viewer: Program) -> None:
    lost = signed_in(app, "youssef")
    listed = viewer.get("/api/auth/sign-ins")
    assert listed.headers["X-Total-Count"] == "2"
    other = next(each for each in listed.json if not each["current"])
    assert other["agent"].startswith("Werkzeug")
    assert admin.delete(f"/api/auth/sign-ins/{other['id']}").json["error"] == "SIGN_IN_NOT_FOUND"
    assert viewer.delete(f"/api/auth/sign-ins/{other['id']}").status_code == 204
    assert lost.get("/api/auth/me").status_code == 401
    assert viewer.delete(f"/api/auth/sign-ins/{other['id']}").status_code == 404
    assert [each["current"] for each in viewer.get("/api/auth/sign-ins").json] == [True]


def test_all_but_the_one_behind_the_call_are_ended_at_once(app: Flask, viewer: Program) -> None:
    others = [signed_in(app, "youssef") for _ in range(2)]
    assert viewer.delete("/api/auth/sign-ins").status_code == 204
    assert [each.get("/api/auth/me").status_code for each in (viewer, *others)] == [200, 401, 401]
    script = with_token(app, viewer, "admin")
    assert [each["current"] for each in script.get("/api/auth/sign-ins").json] == [False]
    assert script.delete("/api/auth/sign-ins").status_code == 204
    assert [each.get("/api/auth/me").status_code for each in (viewer, script)] == [401, 200]


def test_preferences_are_kept(viewer: Program) -> None:
    assert viewer.get("/api/auth/preferences").json == {"language": "", "single_keys": True}
    chosen = viewer.put("/api/auth/preferences", {"language": "fr"})
    assert (chosen.status_code, chosen.json) == (200, {"language": "fr", "single_keys": True})
    assert viewer.put("/api/auth/preferences", {"single_keys": False}).json == {"language": "fr", "single_keys": False}
    refused = viewer.put("/api/auth/preferences", {"language": "de"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/language")
