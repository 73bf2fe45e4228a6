"""The settings: the workspace and the users, for admins alone."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, sign_in, submit
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger import queries as ledger
from vela.domain.people.models import User
from vela.domain.people.queries import user_named
from vela.domain.workspace.settings import workspace
from vela.seeding import demo_users, seed_demo

GOOD = {
    "username": "nadia",
    "display_name": "Nadia",
    "password": "quiet river stone",
    "role": "viewer",
    "may_record_sales": "false",
}


def named(database: Database, username: str) -> User:
    with database.reading() as session:
        found = user_named(session, username)
        assert found
        return found


@pytest.fixture
def omar(admin: FlaskClient, database: Database) -> int:
    """A viewer for the admin to manage; his id."""
    with database.transaction() as session:
        return make.user(session, "omar").id


def test_the_settings_are_for_admins(viewer: FlaskClient, database: Database) -> None:
    assert 'href="/settings"' not in viewer.get("/").text
    mine = named(database, "youssef").id
    assert viewer.get("/settings").status_code == 403
    for path, words in (
        ("/settings/workspace", {"name": "Mine"}),
        ("/settings/users", GOOD),
        (f"/settings/users/{mine}", {"role": "admin"}),
        (f"/settings/users/{mine}/password", {"password": "quiet river stone"}),
    ):
        assert submit(viewer, path, words).status_code == 403, path
        assert htmx(viewer, "POST", path, words).status_code == 403, path
    assert named(database, "youssef").role == "viewer"
    with database.reading() as session:
        assert workspace(session).name == "Vela"
        assert user_named(session, "nadia") is None


def test_the_workspace_is_renamed(admin: FlaskClient, database: Database) -> None:
    words = {"name": "Atlas <Hosting>", "currency": "eur", "time_zone": "Europe/Paris"}
    changed = partials(htmx(admin, "POST", "/settings/workspace", words, source="form#workspace"))
    assert changed["brand-name"] == "Atlas &lt;Hosting&gt;"
    assert "Settings saved." in changed["toasts"]
    page = admin.get("/").text
    assert "Amounts in EUR." in " ".join(page.split())
    plain = submit(admin, "/settings/workspace", words | {"name": "Rif"})
    assert (plain.status_code, plain.headers["Location"]) == (303, "/settings")
    with database.reading() as session:
        books = workspace(session)
        assert (books.name, books.currency, books.time_zone) == ("Rif", "EUR", "Europe/Paris")


def test_a_workspace_that_cannot_be_is_refused_at_its_fields(admin: FlaskClient, database: Database) -> None:
    words = {"name": "", "currency": "JPY", "time_zone": "Mars/Olympus"}
    answer = htmx(admin, "POST", "/settings/workspace", words, source="form#workspace")
    assert answer.status_code == 422
    assert {f"workspace-{name}-error" for name in words} <= partials(answer).keys()
    plain = submit(admin, "/settings/workspace", words)
    assert plain.status_code == 422
    for kept in ("Give it a name.", "three letters", "by its name"):
        assert kept in plain.text
    with database.reading() as session:
        assert workspace(session).currency == "MAD"


def test_a_user_is_created_and_can_sign_in(app: Flask, admin: FlaskClient, database: Database) -> None:
    answer = htmx(admin, "POST", "/settings/users", GOOD, source="form#user-new")
    assert answer.status_code == 200
    changed = partials(answer)
    assert "nadia" in changed["user-rows"]
    assert "quiet river" not in answer.text
    assert named(database, "nadia").may_record_sales is False
    assert sign_in(app, "nadia", "quiet river stone").get("/").headers["Location"] == "/account/password"
    plain = submit(admin, "/settings/users", GOOD | {"username": "samir", "role": "admin"})
    assert (plain.status_code, plain.headers["Location"]) == (303, "/settings#users")
    assert named(database, "samir").role == "admin"


def test_a_user_that_cannot_be_keeps_what_was_typed_but_the_password(admin: FlaskClient, omar: int) -> None:
    taken = GOOD | {"username": "omar"}
    answer = htmx(admin, "POST", "/settings/users", taken, source="form#user-new")
    assert answer.status_code == 409
    assert "omar is taken" in partials(answer)["user-new-username-error"]
    plain = submit(admin, "/settings/users", taken)
    assert plain.status_code == 409
    assert "omar is taken" in plain.text
    weak = submit(admin, "/settings/users", GOOD | {"password": "short-secret"[:8], "role": "admin"})
    assert weak.status_code == 422
    assert "Use at least 12 characters." in weak.text
    assert 'id="user-new-username" name="username" type="text" value="nadia"' in weak.text
    assert "short-se" not in weak.text
    assert re.search(
        r'<option value="admin" selected>Admin</option></select>\s*<div class="v-slot v-under" id="user-new-role',
        weak.text,
    )
    words = {"username": "A b", "role": "king", "password": "short"}
    bad = partials(htmx(admin, "POST", "/settings/users", words, source="form#user-new"))
    assert {"user-new-username-error", "user-new-password-error", "user-new-role-error"} <= bad.keys()
    assert "Use at least 12 characters." in bad["user-new-password-error"]
    assert "user-new-display_name-error" not in bad, "the username stands in for it"


def test_a_user_without_a_name_is_called_by_the_username(admin: FlaskClient, database: Database) -> None:
    assert submit(admin, "/settings/users", GOOD | {"display_name": " "}).status_code == 303
    assert named(database, "nadia").display_name == "nadia"


def test_what_the_books_can_be_kept_in_is_offered(admin: FlaskClient) -> None:
    page = admin.get("/settings").text
    assert '<option value="MAD" selected>MAD, Moroccan Dirham</option>' in page
    assert '<option value="Africa/Casablanca" selected>' in page
    assert 'value="JPY"' not in page


def test_an_admin_is_not_asked_about_sales(admin: FlaskClient, omar: int) -> None:
    assert admin.get("/settings").text.count('name="may_record_sales"') == 2, "omar's and the new user's"
    path, source = f"/settings/users/{omar}", f"select#user-{omar}-role"
    changed = partials(htmx(admin, "PATCH", path, {"role": "admin"}, source=source))
    assert "As an admin" in changed[f"user-{omar}-sales"]
    changed = partials(htmx(admin, "PATCH", path, {"role": "viewer"}, source=source))
    assert "may_record_sales" in changed[f"user-{omar}-sales"]


def test_every_password_has_an_eye_and_a_username_beside_it(admin: FlaskClient, omar: int) -> None:
    for path in ("/settings", "/account"):
        page = admin.get(path).text
        fields = re.findall(r'<input[^>]*id="([^"]+)"[^>]*type="password"', page)
        assert fields
        for field in fields:
            assert f'data-reveal="{field}"' in page
        for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
            assert 'type="password"' not in form or 'autocomplete="username"' in form


def test_the_own_name_of_the_product_is_not_said_twice(admin: FlaskClient) -> None:
    assert '<small id="brand-name"></small>' in admin.get("/").text
    words = {"name": "Vela", "currency": "MAD", "time_zone": "Africa/Casablanca"}
    assert partials(htmx(admin, "POST", "/settings/workspace", words, source="form#workspace"))["brand-name"] == ""
    assert submit(admin, "/settings/workspace", words | {"name": "Rif"}).status_code == 303
    assert '<small id="brand-name">Rif</small>' in admin.get("/").text


def test_a_role_changes_in_its_cell_and_ends_the_sign_ins(
    app: Flask, admin: FlaskClient, omar: int, database: Database
) -> None:
    browser = sign_in(app, "omar")
    path = f"/settings/users/{omar}"
    answer = htmx(admin, "PATCH", path, {"role": "admin"}, source=f"select#user-{omar}-role")
    assert 'class="v-saved" value="admin"' in partials(answer)[f"user-{omar}-role-error"]
    assert named(database, "omar").role == "admin"
    assert browser.get("/").headers["Location"] == "/login"
    sales = htmx(admin, "PATCH", path, {"may_record_sales": "false"}, source=f"select#user-{omar}-may_record_sales")
    assert 'value="false"' in partials(sales)[f"user-{omar}-may_record_sales-error"]
    assert named(database, "omar").may_record_sales is False
    row = {"display_name": "Omar B", "role": "viewer", "may_record_sales": "true", "active": "false"}
    plain = submit(admin, path, row)
    assert (plain.status_code, plain.headers["Location"]) == (303, "/settings#users")
    user = named(database, "omar")
    assert (user.display_name, user.role, user.may_record_sales, user.active) == ("Omar B", "viewer", True, False)


def test_the_last_admin_stays(admin: FlaskClient, database: Database) -> None:
    mine = named(database, "salma").id
    answer = htmx(admin, "PATCH", f"/settings/users/{mine}", {"role": "viewer"}, source=f"select#user-{mine}-role")
    assert answer.status_code == 409
    changed = partials(answer)
    assert '<option value="admin" selected>' in changed[f"user-{mine}"]
    assert re.search(rf'id="user-{mine}-role-error">.*?This is the last active admin\.', changed[f"user-{mine}"])
    assert changed[f"user-{mine}"].count("This is the last active admin.") == 1
    plain = submit(admin, f"/settings/users/{mine}", {"active": "false"})
    assert plain.status_code == 409
    assert "This is the last active admin." in plain.text
    assert admin.get("/settings").status_code == 200


def test_what_cannot_be_said_of_a_user_is_refused_in_its_cell(
    admin: FlaskClient, omar: int, database: Database
) -> None:
    path, source = f"/settings/users/{omar}", f"input#user-{omar}-display_name"
    answer = htmx(admin, "PATCH", path, {"display_name": " "}, source=source)
    assert (answer.status_code, "Give it a name." in partials(answer)[f"user-{omar}-display_name-error"]) == (422, True)
    plain = submit(admin, path, {"display_name": "x" * 200})
    assert plain.status_code == 422
    assert "Use at most 80 characters." in plain.text
    assert submit(admin, "/settings/users/999999", {"role": "admin"}).status_code == 404
    assert named(database, "omar").display_name == "Omar"


def test_a_new_password_signs_somebody_out(app: Flask, admin: FlaskClient, omar: int) -> None:
    browser, path = sign_in(app, "omar"), f"/settings/users/{omar}/password"
    weak = htmx(admin, "POST", path, {"password": "omar omar omar"}, source=f"form#user-{omar}-password")
    assert weak.status_code == 422
    assert "too easy to guess" in partials(weak)[f"user-{omar}-password-error"]
    assert "too easy to guess" in submit(admin, path, {"password": "omar omar omar"}).text
    assert browser.get("/").status_code == 200
    answer = htmx(admin, "POST", path, {"password": "quiet river stone"}, source=f"form#user-{omar}-password")
    assert "Omar has a new password" in partials(answer)["toasts"]
    assert browser.get("/").headers["Location"] == "/login"
    assert sign_in(app, "omar", "quiet river stone").get("/").headers["Location"] == "/account/password"
    assert submit(admin, path, {"password": "quiet river pebble"}).status_code == 303


def test_the_warning_about_demo_accounts_goes_when_their_passwords_do(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
        others = {user.username: user.id for user in demo_users(session)}
    admin = sign_in(app, "admin", "admin123")
    assert "Demo accounts are active." in admin.get("/settings").text
    off = htmx(admin, "PATCH", f"/settings/users/{others['viewer']}", {"active": "false"}, source="select#x")
    assert "Demo accounts are active" in partials(off)["demo-banner"], "the admin's own is still known"
    words = {"current_password": "admin123", "new_password": "quiet river stone"}
    assert submit(admin, "/account/password", words).status_code == 303
    assert "Demo accounts are active" not in admin.get("/settings").text


def test_an_admin_makes_a_token_for_somebody_else(app: Flask, database: Database, admin: FlaskClient) -> None:
    with database.transaction() as session:
        script = make.user(session, "script").id
    path = f"/settings/users/{script}/tokens"
    assert path in admin.get("/settings").text
    assert "Tokens of Script" in admin.get(path).text
    made = submit(admin, path, {"name": "Till"})
    assert made.status_code == 201
    (secret,) = re.findall(r'id="secret">(vela_pat_[^<]+)<', made.text)
    who = app.test_client().get("/api/auth/me", headers={"Authorization": f"Bearer {secret}"})
    assert who.json is not None
    assert who.json["username"] == "script"
    assert "vela_pat_" in partials(htmx(admin, "POST", path, {"name": "Agent"}, source="form#token-new"))["token-fresh"]
    refused = submit(admin, path, {"name": " "})
    assert (refused.status_code, "Give it a name." in refused.text) == (422, True)
    assert submit(sign_in(app, "script"), path, {"name": "Mine"}).status_code == 403
    assert sign_in(app, "script").get(path).status_code == 403


def test_changes_are_undone_from_the_trail(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", 600, 1000))
        make.component(session, atlas)
        kept, voided = (make.sale(session, atlas).id for _each in range(2))
    submit(admin, f"/transactions/{voided}/void")
    ways = re.findall(r'action="(/(?:offers|transactions)/[^"]+)"', admin.get("/settings/trail").text)
    assert ways == [
        f"/transactions/{voided}/reinstate", f"/transactions/{kept}/void", f"/offers/{atlas.id}/revisions/2/undo",
    ]  # fmt: skip
    assert [submit(admin, way).status_code for way in ways] == [303] * 3
    with database.reading() as session:
        assert len(catalog.service(session, atlas.id).components) == 1
        assert ledger.counting(session, {kept, voided}) == {kept: False, voided: True}
