"""What the tests of pages share: people who sign in the way everybody does, and requests as htmx makes them."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import make
from vela.db import Database

TOKEN = re.compile(r"&#34;X-CSRFToken&#34;: &#34;([^&]+)&#34;|\"X-CSRFToken\": \"([^\"]+)\"")
PARTIAL = re.compile(r'<hx-partial hx-target="#([^"]+)"([^>]*)>(.*?)</hx-partial>', re.DOTALL)


def csrf(client: FlaskClient, page: str = "/login") -> str:
    """The token that the forms of a page carry; any page will do, so the sign-in's for those who are not signed in."""
    found = TOKEN.search(client.get(page, follow_redirects=True).text)
    assert found, f"{page} carries no token"
    return found[1] or found[2]


def submit(client: FlaskClient, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
    """Send a plain form, as a browser without script does."""
    return client.post(path, data={"csrf_token": csrf(client), **fresh_key(), **(data or {})}, **options)


def fresh_key() -> dict[str, str]:
    """What every form that makes something carries besides."""
    return {"idempotency_key": str(uuid.uuid4())}


def htmx(
    client: FlaskClient,
    method: str,
    path: str,
    data: Mapping[str, Any] | None = None,
    *,
    source: str = "",
    page: str = "/",
    headers: Mapping[str, str] | None = None,
) -> TestResponse:
    """Send a request as htmx does; `source` is the element that asks, as tag#id."""
    said = {
        "HX-Request": "true",
        "HX-Request-Type": "partial",
        "HX-Source": source,
        "HX-Current-URL": f"http://localhost{page}",
        "Accept": "text/html",
        "X-CSRFToken": csrf(client),
        **(headers or {}),
    }
    key = fresh_key() if method == "POST" else {}
    return client.open(path, method=method, data={**key, **(data or {})}, headers=said)


def partials(response: TestResponse) -> dict[str, str]:
    """What an answer to htmx changes: the content by the id of each target. It must hold nothing else."""
    assert not PARTIAL.sub("", response.text).strip(), response.text
    return {found[0]: " ".join(found[2].split()) for found in PARTIAL.findall(response.text)}


def sign_in(app: Flask, username: str, password: str = make.PASSWORD) -> FlaskClient:
    """A browser in which somebody has just signed in."""
    client = app.test_client()
    response = submit(client, "/login", {"username": username, "password": password})
    assert response.status_code == 303, response.text
    return client


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def admin(app: Flask, database: Database) -> FlaskClient:
    """The browser of Salma, an admin."""
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    return sign_in(app, "salma")


@pytest.fixture
def viewer(app: Flask, database: Database) -> FlaskClient:
    """The browser of Youssef, a viewer who may record sales."""
    with database.transaction() as session:
        make.user(session, "youssef", role="viewer")
    return sign_in(app, "youssef")
