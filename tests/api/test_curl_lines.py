"""Every curl line of the API's page in the documentation, sent in its order, works."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from tests import make
from tests.api.conftest import Answer, Program, signed_in
from vela.db import Database
from vela.seeding import seed_offers

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "api.md"
LINE = re.compile(r"(?:(?P<kept>[A-Z]+)=\$\()?(?P<call>curl .*?)(?: \| field (?P<field>\w+)\))?")
FIRST = "TOKEN"


@dataclass(frozen=True)
class Line:
    """A call as it is typed, and under which name which field of its answer is kept."""

    call: str
    kept: str
    field: str


def curl_lines() -> list[Line]:
    """Each line but the one that signs in."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    lines = [LINE.fullmatch(line) for line in blocks.replace("\\\n", "").splitlines()]
    found = [Line(line["call"], line["kept"] or "", line["field"] or "") for line in lines if line]
    return [line for line in found if line.kept != FIRST]


def call_of(call: str) -> tuple[str, str, dict[str, Any]]:
    """Method, path and what is sent."""
    words = shlex.split(call)
    path = next(word.removeprefix("$VELA") for word in words if word.startswith("$VELA"))
    sent: dict[str, Any] = {"json": json.loads(words[words.index("-d") + 1])} if "-d" in words else {}
    if "--data-binary" in words:
        name = words[words.index("--data-binary") + 1].removeprefix("@")
        sent = {"data": files_written()[name], "headers": {"Content-Type": "text/csv"}}
    keys = [word.partition(": ")[2] for word in words if word.startswith("Idempotency-Key: ")]
    if keys:
        sent["headers"] = {"Idempotency-Key": keys[0]}
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if sent else "GET"
    return method, path, sent


def files_written() -> dict[str, str]:
    """The files that the page writes down, by name."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^cat > (\S+) <<END\n(.*?)^END$", text, re.DOTALL | re.MULTILINE))


class Caller:
    """Sends the lines in their order; what was kept of earlier answers takes its place in later lines."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.kept: dict[str, str] = {}

    def understood(self, line: Line) -> tuple[str, str, dict[str, Any]]:
        """Method, path and what is sent, with what was kept in its place."""
        call = line.call
        for name, value in self.kept.items():
            call = call.replace(f"'${name}'", value).replace(f"${name}", value)
        return call_of(call)

    def send(self, line: Line) -> Answer:
        method, path, sent = self.understood(line)
        answer = self.program.call(method, path, **sent)
        if line.kept and answer.status_code < 300:
            self.kept[line.kept] = str(answer.json[line.field])
        return answer


def test_every_line_works(app: Flask, books: Database) -> None:
    with books.transaction() as session:
        seed_offers(session)
        make.user(session, "salma", role="admin")
    caller = Caller(signed_in(app, "salma"))
    answers = [(" ".join(caller.understood(line)[:2]), caller.send(line)) for line in curl_lines()]
    assert [(line, answer.text) for line, answer in answers if answer.status_code >= 300] == []
    last = dict(answers)
    assert last["POST /api/transactions"].headers["Idempotent-Replayed"] == "true"
    brought_back = last["POST /api/services/1/revisions/4/undo"].json["components"]
    assert "RAM (16GB)" in [part["name"] for part in brought_back]


def test_every_call_has_a_line(stranger: Program) -> None:
    document = stranger.get("/api/openapi.json").json
    asked = [call_of(re.sub(r"'?\$(?!VELA|AUTH|JSON)[A-Z]+'?", "1", line.call))[:2] for line in curl_lines()]
    called = {(method, re.sub(r"\?.*", "", re.sub(r"\d+(-\d\d)?", "{}", path))) for method, path in asked}
    documented = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, item in document["paths"].items() for method in item
    }
    # What comes before every line, what may end all that follow, and what nobody in these books has.
    assert documented - called == {
        ("POST", "/api/auth/login"),
        ("POST", "/api/auth/password"),
        ("POST", "/api/auth/second-factor"),
        *(("POST", f"/api/auth/second-factor/{act}") for act in ("confirm", "codes", "off")),
        ("DELETE", "/api/auth/sign-ins/{}"),
        ("DELETE", "/api/users/{}/second-factor"),
    }
