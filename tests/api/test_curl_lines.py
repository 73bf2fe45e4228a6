"""Every curl line of the API's page in the documentation, sent in its order, works."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

from flask import Flask

from tests import make
from tests.api.conftest import Program, signed_in
from vela.db import Database
from vela.seeding import seed_offers

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "api.md"


def curl_lines() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and what is sent of each line but the one that signs in."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    lines = [line for line in blocks.replace("\\\n", "").splitlines() if line.startswith("curl ")]
    return [call_of(shlex.split(line)) for line in lines]


def call_of(words: list[str]) -> tuple[str, str, dict[str, Any]]:
    path = next(word.removeprefix("$VELA") for word in words if word.startswith("$VELA"))
    sent: dict[str, Any] = {"json": json.loads(words[words.index("-d") + 1])} if "-d" in words else {}
    keys = [word.partition(": ")[2] for word in words if word.startswith("Idempotency-Key: ")]
    if keys:
        sent["headers"] = {"Idempotency-Key": keys[0]}
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if sent else "GET"
    return method, path, sent


def test_every_line_works(app: Flask, books: Database) -> None:
    with books.transaction() as session:
        seed_offers(session)
        make.user(session, "salma", role="admin")
    program = signed_in(app, "salma")
    answers = {f"{method} {path}": program.call(method, path, **sent) for method, path, sent in curl_lines()}
    assert {line: answer.text for line, answer in answers.items() if answer.status_code >= 300} == {}
    assert answers["POST /api/transactions"].headers["Idempotent-Replayed"] == "true"
    brought_back = answers["POST /api/services/1/revisions/4/undo"].json["components"]
    assert "RAM (16GB)" in [part["name"] for part in brought_back]


def test_every_call_has_a_line(stranger: Program) -> None:
    document = stranger.get("/api/openapi.json").json
    called = {(method, re.sub(r"\?.*", "", re.sub(r"\d+(-\d\d)?", "{}", path))) for method, path, _ in curl_lines()}
    documented = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, item in document["paths"].items() for method in item
    }
    assert documented - called == {("POST", "/api/auth/login")}
