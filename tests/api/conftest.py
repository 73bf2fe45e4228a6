"""Programs that call the JSON API: an admin, a viewer and a stranger, each signed in through the front door."""

import logging
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest
from flask import Flask
from typing_extensions import override
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from tests import make
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.ledger.models import Transaction
from vela.rates import Rates


class Answer(TestResponse):
    """What the API answered; its body is known to be JSON."""

    @property
    @override
    def json(self) -> Any: ...


class Program:
    """Something that calls the API with a bearer token, and keeps no cookies."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.client = app.test_client(use_cookies=False)
        self.token = token

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> Answer:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return cast("Answer", self.client.open(path, method=method, headers=bearer | (headers or {}), **sent))

    def get(self, path: str, **sent: Any) -> Answer:
        return self.call("GET", path, **sent)

    def post(self, path: str, json: object = None, **sent: Any) -> Answer:
        return self.call("POST", path, **({} if json is None else {"json": json}), **sent)

    def put(self, path: str, json: object, **sent: Any) -> Answer:
        return self.call("PUT", path, json=json, **sent)

    def delete(self, path: str, **sent: Any) -> Answer:
        return self.call("DELETE", path, **sent)

    def log_in(self, username: str, password: str = make.PASSWORD) -> Answer:
        return self.post("/api/auth/login", {"username": username, "password": password})


def signed_in(app: Flask, username: str) -> Program:
    answer = Program(app).log_in(username)
    assert answer.status_code == 200, answer.text
    return Program(app, answer.json["token"])


@pytest.fixture
def books(app: Flask) -> Database:
    return app.extensions["vela"].database


@pytest.fixture
def unlimited(app: Flask) -> None:
    """No limit to how many calls a minute there are, for whoever makes thousands."""
    app.extensions["rates"] = Rates(0)


@pytest.fixture
def stranger(app: Flask) -> Program:
    return Program(app)


@pytest.fixture
def admin(app: Flask, books: Database) -> Program:
    with books.transaction() as session:
        make.user(session, "salma", display_name="Salma Bennis", role="admin")
    return signed_in(app, "salma")


@pytest.fixture
def viewer(app: Flask, books: Database) -> Program:
    with books.transaction() as session:
        make.user(session, "youssef", display_name="Youssef Alami")
    return signed_in(app, "youssef")


@pytest.fixture
def atlas(books: Database) -> Service:
    """An offer of two parts: 900 to make, 1500 to sell."""
    with books.transaction() as session:
        return make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))


@pytest.fixture
def sale(books: Database, atlas: Service) -> Transaction:
    """Two of them, in November 2026."""
    with books.transaction() as session:
        return make.sale(session, atlas, 2, "2026-11")


def with_token(app: Flask, owner: Program, scope: str) -> Program:
    """A program that comes with a personal token of whoever signed in as `owner`."""
    made = owner.post("/api/tokens", {"name": f"to {scope}", "scope": scope})
    assert made.status_code == 201, made.text
    return Program(app, made.json["secret"])


@pytest.fixture(params=["read", "propose", "write"])
def narrow(request: pytest.FixtureRequest, app: Flask, admin: Program) -> Program:
    """An admin's token of each scope that does not reach everything."""
    return with_token(app, admin, request.param)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application listens, for programs that come over the network."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    listening = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()
