"""Where a sign-in leads: whatever an address says, only to a page of our own, and never to a fault."""

from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import submit
from vela.db import Database

AWAY = (
    "https://evil.example",
    "http://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\t/evil.example",
    " //evil.example",
    " /offers",
    "\t//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "/\n/evil.example",
    "\n//evil.example",
    "/offers\n",
    "/offers\r\nSet-Cookie: a=b",
    "/offers%0d%0aSet-Cookie:%20a=b",
    "/%2f/evil.example",
    "/%2fevil.example",
    "%2f%2fevil.example",
    "/%5cevil.example",
    "/%252fevil.example",
    "/%09/evil.example",
    "/\u2044evil.example",
    "/\u2215evil.example",
    "/\uff0fevil.example",
    "\uff0f\uff0fevil.example",
    "/\u29f8\u29f8evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "https://vela@evil.example",
    "//vela@evil.example",
    "//localhost@evil.example",
    "http://localhost:80@evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://evil.example",
    "mailto:x@evil.example",
    "blob:http://evil.example/x",
    "/" + "a" * 9000,
    "/offers?" + "q" * 9000 + "=\x00",
    "\x00",
    "/\x00",
    "/offers\x00",
    "/offers\u202e",
    "/\ud7ff",
    "evil.example",
    "./evil.example",
    "../evil.example",
    "/../evil.example",
    "/.//evil.example",
    "/./\\evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/nothing/here",
    "/api/services",
    "/static/tokens.css",
    "/login",
    "/login?next=//evil.example",
    "/login/code",
    "/logout",
    "/offers//evil.example",
    "/offers/1//",
    "/offers/%31",
    "[",
    "http://[",
    "//[::1]",
    "/[",
    "*",
    "",
)
HOME = ("/", "/offers", "/transactions?month=2026-11", "/profit?from=2026-01&to=2026-11", "/account")


def leads_home(location: str) -> bool:
    """Whether a browser that follows it stays with us, on a page that is served."""
    parts = urlsplit(location)
    return not parts.scheme and not parts.netloc and location.startswith("/") and location[1:2] not in ("/", "\\", "\t")


def test_there_are_sixty() -> None:
    assert len(set(AWAY)) >= 60


@pytest.fixture
def salma(database: Database, app: Flask) -> FlaskClient:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    return app.test_client()


def test_signing_in_never_leads_away(app: Flask, salma: FlaskClient) -> None:
    words = {"username": "salma", "password": make.PASSWORD}
    for there in AWAY[::3]:  # the rest takes the same way below, without a hash for each
        answer = submit(app.test_client(), "/login", words | {"next": there})
        assert answer.status_code == 303, repr(there)
        assert answer.headers["Location"] == "/", repr(there)


def test_whoever_is_signed_in_is_never_led_away(salma: FlaskClient) -> None:
    submit(salma, "/login", {"username": "salma", "password": make.PASSWORD})
    for there in AWAY:
        answer = salma.get(f"/login?next={quote(there, safe='')}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), repr(there)
        raw = salma.get("/login", query_string={"next": there})
        assert (raw.status_code, raw.headers["Location"]) == (303, "/"), repr(there)
        asked = salma.get("/account/confirm", query_string={"next": there})
        assert asked.status_code == 200
        assert f'name="next" value="{"/"}"' in asked.text


def test_a_stranger_is_offered_no_way_away(salma: FlaskClient) -> None:
    for there in AWAY:
        answer = salma.get("/login", query_string={"next": there})
        assert answer.status_code == 200, repr(there)
        assert '<input type="hidden" name="next" value="/">' in answer.text, repr(there)


@pytest.mark.parametrize("there", HOME)
def test_our_own_pages_are_reached(app: Flask, salma: FlaskClient, there: str) -> None:
    answer = submit(salma, "/login", {"username": "salma", "password": make.PASSWORD, "next": there})
    assert answer.headers["Location"] == there
    assert leads_home(there)


def test_an_address_sent_to_sign_in_comes_back_as_it_was(salma: FlaskClient) -> None:
    for there in ("//evil.example/offers", "/offers/%0d%0aX:y", "/offers?next=//evil.example", "/transactions?q=%00"):
        answer = salma.get(there)
        assert answer.status_code < 500
        assert leads_home(answer.headers.get("Location", "/"))
