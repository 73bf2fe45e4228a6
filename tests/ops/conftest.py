"""What these tests share: a log that is read line by line, as a program would."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from typing_extensions import override
from werkzeug.test import TestResponse

from vela import logs
from vela.db import Database


class Log:
    """Everything written since the test began."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line there is; each has to be JSON."""
        return [json.loads(line) for line in self.text.splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == name]


class ToTheEnd(FlaskClient):
    """A client that reads every answer to its end, as a server does; only then is a request over."""

    @override
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **(kwargs | {"buffered": True}))


@pytest.fixture
def app(app: Flask) -> Flask:
    app.test_client_class = ToTheEnd
    return app


@pytest.fixture
def books(app: Flask) -> Database:
    return app.extensions["vela"].database


@pytest.fixture
def log() -> Iterator[Log]:
    root, ours = logging.getLogger(), logging.getLogger("vela")
    before = root.handlers[:], root.level, ours.level
    stream = io.StringIO()
    logs.configure("json", stream=stream)
    yield Log(stream)
    root.handlers[:], level, own_level = before
    root.setLevel(level)
    ours.setLevel(own_level)
    logging.captureWarnings(capture=False)
