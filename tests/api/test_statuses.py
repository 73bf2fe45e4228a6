"""Whatever a call answers to whoever asks, rightly or wrongly: the document has that status, and an example like it."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from tests import make
from tests.api.conftest import Answer, Program
from tests.api.fitting import JSON, PROBLEM, Call, examples, faults, operations
from vela.db import Database
from vela.domain.people.intake import NewToken
from vela.domain.people.signins import create_token
from vela.intake import read

NOT_THERE = "77"
# Come last, because they end what whoever asks is signed in with.
ENDING = ("/api/auth/password", "/api/auth/logout")
WEBHOOK = {"address": "https://example.com/hooks", "events": ["month.closed"]}
TOO_MUCH = b" " * (1024 * 1024 + 1)
AS_JSON = {"content_type": JSON}
# Where every call with this status refuses for the one reason that its example shows.
ALIKE = {401, 404, 412, 413, 415}

# What makes a request wrong, whatever the call; ids are of nothing that is there, so that nothing is changed.
WRONG: dict[str, dict[str, Any]] = {
    "a parameter too many": {"query_string": {"colour": "blue"}},
    "a field too many": {"json": {"colour": "blue"}},
    "no JSON": {"data": "{", **AS_JSON},
    "a form": {"data": {"name": "Atlas"}},
    "too much": {"data": TOO_MUCH, **AS_JSON},
    "a key that cannot be read": {"headers": {"Idempotency-Key": "a key"}},
}

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("unlimited"),
]


def ask(program: Program, call: Call, operation: dict[str, Any], identity: str = NOT_THERE, **sent: Any) -> Answer:
    """A call with the example of its body, unless another is sent."""
    method, path = call
    kinds = operation.get("requestBody", {}).get("content", {})
    example = {"json": kinds[JSON]["example"]} if JSON in kinds and not {"json", "data"} & set(sent) else {}
    return program.call(method, re.sub(r"\{\w+\}", identity, path.replace("{month}", "2026-10")), **example, **sent)


def token(books: Database, username: str, scope: str) -> str:
    with books.transaction() as session:
        owner = make.user(session, username, role="admin")
        return create_token(session, make.admin(), owner, read(NewToken, {"name": scope, "scope": scope}))[1]


@pytest.fixture
def admin(stranger: Program, books: Database) -> Program:
    """An admin with a personal token, who stays signed in whatever is called."""
    return Program(stranger.client.application, token(books, "salma", "admin"))


@pytest.fixture
def refused(stranger: Program, viewer: Program, books: Database) -> dict[str, Program]:
    """People who may not: a stranger, a viewer, an admin whose token only reads, one who must choose a password."""
    app = stranger.client.application
    reads, must_choose = token(books, "nadia", "read"), token(books, "karim", "admin")
    with books.transaction() as session:
        session.execute(text("UPDATE users SET must_change_password = true WHERE username = 'karim'"))
    return {
        "a stranger": stranger,
        "a viewer": viewer,
        "a token that reads": Program(app, reads),
        "one who must choose": Program(app, must_choose),
    }


def unlike(document: dict[str, Any], operation: dict[str, Any], answer: Answer) -> str:
    """How an answer differs from what the document says of the call; empty when it does not."""
    said = operation["responses"].get(str(answer.status_code))
    if said is None:
        return f"{answer.status_code} is not documented: {answer.text}"
    if answer.status_code < 400:
        return ""
    kind = said["content"].get(PROBLEM)
    if answer.mimetype != PROBLEM or kind is None:
        return f"{answer.status_code} {answer.mimetype}"
    codes = {example["error"] for example in examples(kind)}
    if answer.status_code in ALIKE and answer.json["error"] not in codes:
        return f"{answer.status_code} {answer.json['error']} is not {codes}"
    return "; ".join(faults(document, kind["schema"], answer.json))


@pytest.fixture
def document(stranger: Program) -> dict[str, Any]:
    return stranger.get("/api/openapi.json").json


def in_order(document: dict[str, Any]) -> list[tuple[Call, dict[str, Any]]]:
    return sorted(operations(document).items(), key=lambda each: (each[0][1] in ENDING, each[0]))


def test_whoever_may_not_is_refused_as_the_document_says(document: dict[str, Any], refused: dict[str, Program]) -> None:
    found = {
        f"{' '.join(call)} by {who}": unlike(document, operation, ask(program, call, operation))
        for call, operation in in_order(document)
        for who, program in refused.items()
    }
    assert {what: differs for what, differs in found.items() if differs} == {}


def test_what_is_wrong_is_refused_as_the_document_says(document: dict[str, Any], admin: Program) -> None:
    found = {
        f"{' '.join(call)} with {what}": unlike(document, operation, ask(admin, call, operation, **sent))
        for call, operation in in_order(document)
        for what, sent in [("nothing wrong", {}), *WRONG.items()]
    }
    assert len(found) > 300
    assert {what: differs for what, differs in found.items() if differs} == {}


@pytest.mark.usefixtures("sale")
def test_another_version_is_refused_wherever_the_document_says(document: dict[str, Any], admin: Program) -> None:
    assert admin.post("/api/webhooks", WEBHOOK).status_code == 201
    versioned = {call: each for call, each in operations(document).items() if "412" in each["responses"]}
    assert len(versioned) > 4
    sent = {"headers": {"If-Match": '"99"'}}
    answers = {call: ask(admin, call, operation, "1", **sent) for call, operation in versioned.items()}
    assert {call: answer.status_code for call, answer in answers.items()} == dict.fromkeys(versioned, 412)
    assert [unlike(document, versioned[call], answer) for call, answer in answers.items() if answer] == [""] * len(
        answers
    )
    taken = {parameter["name"] for operation in versioned.values() for parameter in operation["parameters"]}
    assert "If-Match" in taken
