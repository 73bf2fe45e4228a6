"""The walls on every answer: the policy, requests of other sites, methods that are not served, and strict JSON."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.api.conftest import Program
from tests.web.conftest import admin, csrf, sign_in, submit
from vela import outages
from vela.app import MOST_BYTES, create_app
from vela.settings import Settings

__all__ = ["admin"]
HEADERS = (
    "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
    "Permissions-Policy", "Cache-Control",
)  # fmt: skip
OTHERS = (
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
    {"Origin": "null"}, {"Origin": "http://localhost.evil.example"}, {"Origin": "http://localhost:1"},
    {"Origin": "https://localhost"}, {"Origin": "localhost"},
)  # fmt: skip


def test_every_answer_carries_the_policy(app: Flask, admin: FlaskClient) -> None:
    def broken() -> str:
        raise RuntimeError

    def busy() -> str:
        raise outages.busy()

    app.view_functions["web.offers"] = broken
    app.view_functions["web.settings"] = busy
    answers = [
        *(
            app.test_client().get(path)
            for path in ("/login", "/nothing", "/api/nothing", "/api/services", "/health", "/")
        ),
        *(
            admin.get(path)
            for path in ("/", "/settings", "/offers", "/offers/99", "/static/tokens.css", "/static/none")
        ),
        admin.put("/offers"),
        admin.post("/offers"),
        admin.open("/", method="TRACE"),
        submit(admin, "/offers", {"name": "x" * (MOST_BYTES + 1)}),
        app.test_client().get("/login", base_url="http://evil.example"),
        app.test_client().post("/api/auth/login", data="{", content_type="application/json"),
    ]
    assert {200, 303, 400, 401, 404, 405, 413, 500, 503} <= {answer.status_code for answer in answers}
    for answer in answers:
        assert [name for name in HEADERS if name not in answer.headers] == [], answer.request.path
        assert "Access-Control-Allow-Origin" not in answer.headers
        answer.close()


@pytest.mark.parametrize(("bind", "warned"), [("0.0.0.0:8788", True), ("127.0.0.1:8788", False)])
def test_who_can_change_things_is_told_of_an_open_connection(settings: Settings, bind: str, warned: bool) -> None:
    told = {"VELA_DATA_DIR": str(settings.data_dir), "VELA_DATABASE_URL": settings.database_url}
    app = create_app(Settings.from_environment(told | {"VELA_BIND": bind, "VELA_ALLOW_HTTP": "1"}))
    with app.extensions["vela"].database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.user(session, "omar")
    shown = ["This connection is not encrypted." in sign_in(app, name).get("/").text for name in ("nadia", "omar")]
    assert shown == [warned, False]
    app.extensions["vela"].database.close()


@pytest.mark.parametrize("headers", OTHERS, ids=str)
@pytest.mark.parametrize("path", ["/login", "/logout", "/offers", "/login/code", "/api/auth/login", "/api/services"])
def test_no_page_of_another_site_changes_anything(admin: FlaskClient, path: str, headers: dict[str, str]) -> None:
    token = csrf(admin, "/")
    answer = admin.post(path, data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 403
    assert admin.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/login", "/api/services", "/api/auth/login", "/health", "/static/tokens.css"])
def test_trace_is_not_served(app: Flask, path: str) -> None:
    assert app.test_client().open(path, method="TRACE").status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": NaN}', b'{"name": "A", "list_sell": Infinity}', b'{"name": "A", "list_sell": 1e999}',
        b'{"name": "A", "name": "B"}', b'{"name": "\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000, b'{"name": "\xff"}',
        b'{"name": "A", "list_sell": ' + b"9" * 5000 + b"}", b"[]", b"null", b"", b"\x00", b'{"name": "a\\u0000b"}',
        b'{"name": "A", "unknown": 1}', b'{"name": true}',
    ],
    ids=lambda body: body[:30].decode("ascii", "replace"),
)  # fmt: skip
def test_json_that_is_none_is_refused(app: Flask, admin: FlaskClient, body: bytes) -> None:
    program = Program(app)
    program.token = program.log_in("salma").json["token"]
    answer = program.call("POST", "/api/services", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert program.get("/api/services").json == []
