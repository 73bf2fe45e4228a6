"""Everybody's own account: password, personal tokens, signing out; and the pages that refuse."""

import re
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, sign_in, submit
from vela.db import Database
from vela.domain.people.access import Face
from vela.domain.people.intake import NewToken
from vela.domain.people.signins import create_token, tokens_of
from vela.signin.visiting import actor_of_personal_token

NEW = "quiet river stone"


def test_everybody_sees_who_they_are(admin: FlaskClient, viewer: FlaskClient) -> None:
    assert "An admin may change everything." in admin.get("/account").text
    page = viewer.get("/account").text
    assert "Signed in as youssef. You may look at everything and record sales." in page
    assert 'action="/logout"' in page
    assert 'href="/settings"' not in page


def test_a_new_password_keeps_this_browser_and_ends_the_others(app: Flask, viewer: FlaskClient) -> None:
    elsewhere = sign_in(app, "youssef")
    words = {"current_password": make.PASSWORD, "new_password": NEW}
    answer = submit(viewer, "/account/password", words)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "Your password is changed." in viewer.get("/account").text
    assert elsewhere.get("/").headers["Location"] == "/login"
    again = htmx(viewer, "POST", "/account/password", {"current_password": NEW, "new_password": NEW + " two"})
    assert (again.status_code, again.headers["HX-Redirect"]) == (200, "/account")
    assert viewer.get("/account").status_code == 200


def test_a_password_that_cannot_be_is_refused_at_its_field(viewer: FlaskClient) -> None:
    wrong = {"current_password": "nope", "new_password": NEW}
    answer = htmx(viewer, "POST", "/account/password", wrong, source="form#password")
    assert answer.status_code == 422
    assert "not your current password" in partials(answer)["password-current_password-error"]
    weak = submit(viewer, "/account/password", {"current_password": make.PASSWORD, "new_password": "tooshort"})
    assert weak.status_code == 422
    assert "Use at least 12 characters." in weak.text
    assert "tooshort" not in weak.text
    assert make.PASSWORD not in weak.text


def test_a_token_is_shown_once_and_works(app: Flask, viewer: FlaskClient, database: Database) -> None:
    answer = htmx(viewer, "POST", "/account/tokens", {"name": "Report <script>"}, source="form#token-new")
    assert answer.status_code == 200
    changed = partials(answer)
    found = re.search(r'id="secret">(vela_pat_[\w-]+)<', changed["token-fresh"])
    assert found
    assert "vela-platform" in changed["token-fresh"]
    assert "Report &lt;script&gt;" in changed["token-rows"]
    actor = actor_of_personal_token(database, found[1], Face.AGENT)
    assert actor
    assert (actor.username, actor.token_name) == ("youssef", "Report <script>")
    page = viewer.get("/account").text
    assert found[1] not in page
    assert "last used just now" in page
    plain = submit(viewer, "/account/tokens", {"name": "Second"})
    assert plain.status_code == 201
    assert re.search(r'id="secret">vela_pat_', plain.text)
    assert "never used" in plain.text


def test_the_address_of_a_database_server_is_not_told(app: Flask, viewer: FlaskClient) -> None:
    assert "postgresql://" not in submit(viewer, "/account/tokens", {"name": "Agent"}).text


def test_where_agents_are_served_over_http_their_entry_is_shown(app: Flask, viewer: FlaskClient) -> None:
    vela = app.extensions["vela"]
    url = "https://vela.example.com/mcp"
    app.extensions["vela"] = replace(vela, settings=replace(vela.settings, mcp_url=url))
    shown = submit(viewer, "/account/tokens", {"name": "Agent"}).text
    assert "with an agent on this machine" not in shown
    assert re.search(rf"claude mcp add --transport http --scope user vela-platform {url} --header", shown)
    assert "mcp_server.py" not in shown


def test_a_token_needs_a_name(viewer: FlaskClient, database: Database) -> None:
    answer = htmx(viewer, "POST", "/account/tokens", {"name": " "}, source="form#token-new")
    assert (answer.status_code, "Give it a name." in partials(answer)["token-new-name-error"]) == (422, True)
    plain = submit(viewer, "/account/tokens", {"name": "x" * 99})
    assert plain.status_code == 422
    assert "Use at most 80 characters." in plain.text
    assert "vela_pat_" not in plain.text


def test_a_revoked_token_is_refused(viewer: FlaskClient, database: Database) -> None:
    secrets = [
        re.search(r"vela_pat_[\w-]{20,}", submit(viewer, "/account/tokens", {"name": name}).text) for name in "ab"
    ]
    with database.reading() as session:
        tokens = tokens_of(session, 1)
    answer = htmx(viewer, "POST", f"/account/tokens/{tokens[0].id}/revoke")
    assert f'hx-target="#token-{tokens[0].id}" hx-swap="delete"' in answer.text
    assert "b is revoked." in partials(answer)["toasts"]
    plain = submit(viewer, f"/account/tokens/{tokens[1].id}/revoke")
    assert (plain.status_code, plain.headers["Location"]) == (303, "/account#tokens")
    assert all(found and actor_of_personal_token(database, found[0], Face.API) is None for found in secrets)
    assert submit(viewer, f"/account/tokens/{tokens[1].id}/revoke").status_code == 404


def test_nobody_sees_or_revokes_the_token_of_another(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        salma = make.user(session, "salma", role="admin")
        token, secret = create_token(session, make.admin(), salma, NewToken(name="Hers"))
    assert "Hers" not in viewer.get("/account").text
    assert submit(viewer, f"/account/tokens/{token.id}/revoke").status_code == 404
    assert actor_of_personal_token(database, secret, Face.API)


def test_a_page_that_is_not_there_keeps_the_frame_for_those_inside(viewer: FlaskClient, stranger: FlaskClient) -> None:
    inside = viewer.get("/nowhere")
    assert inside.status_code == 404
    assert 'class="v-side"' in inside.text
    assert "There is no such page." in inside.text
    outside = stranger.get("/nowhere")
    assert outside.status_code == 404
    assert 'class="v-side"' not in outside.text
    assert "There is no such page." in outside.text


def test_a_fault_of_ours_says_a_code_and_nothing_else(app: Flask, viewer: FlaskClient) -> None:
    def fail() -> str:
        raise RuntimeError("the secret of the house")

    app.testing = False
    app.view_functions["web.profit"] = fail
    answer = viewer.get("/profit")
    assert answer.status_code == 500
    assert re.search(r"Code [0-9a-f]{8},", answer.text)
    assert "secret of the house" not in answer.text
    part = htmx(viewer, "GET", "/profit")
    assert re.search(r"Code [0-9a-f]{8},", partials(part)["notices"])
