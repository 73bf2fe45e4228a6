"""The envelope: around every success for whoever asks for it, as the document says, and around nothing else."""

from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Program, signed_in
from tests.api.fitting import JSON, PROBLEM, Call, faults, operations, success
from tests.api.recording import of_document
from tests.api.test_curl_lines import Caller, curl_lines
from vela.blueprints.api.envelopes import ENVELOPE
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.seeding import seed_offers

WRAPPED = {"headers": {"Accept": ENVELOPE}}
# What no line of the documentation calls: it stands before them all, or ends what follows.
NOT_IN_LINES = {
    ("POST", "/api/auth/login"),
    *(("POST", f"/api/auth/second-factor{act}") for act in ("", "/confirm", "/codes")),
}


@pytest.fixture
def document(stranger: Program) -> dict[str, Any]:
    return stranger.get("/api/openapi.json").json


def enveloped(document: dict[str, Any]) -> dict[Call, dict[str, Any]]:
    """The schema of the envelope of each call that has one."""
    said = {call: success(operation)[1].get("content", {}) for call, operation in operations(document).items()}
    return {call: kinds[ENVELOPE]["schema"] for call, kinds in said.items() if ENVELOPE in kinds}


def test_every_success_that_is_json_has_an_envelope_in_the_document(document: dict[str, Any]) -> None:
    for call, operation in operations(document).items():
        for status, said in operation["responses"].items():
            kinds = said.get("content", {})
            is_success = int(status) < 400 and JSON in kinds
            assert (ENVELOPE in kinds) is is_success, (call, status)
            assert not is_success or next(iter(kinds)) == JSON, call
            assert not is_success or kinds[ENVELOPE]["schema"]["properties"]["data"] == kinds[JSON]["schema"], call


def test_whatever_is_answered_in_an_envelope_fits_the_document(
    app: Flask, books: Database, document: dict[str, Any]
) -> None:
    with books.transaction() as session:
        seed_offers(session)
        make.user(session, "salma", role="admin")
    schemas, seen = enveloped(document), set[Call]()
    caller = Caller(signed_in(app, "salma"))
    for line in curl_lines():
        method, path, sent = caller.understood(line)
        answer = caller.program.call(method, path, sent.pop("headers", {}) | {"Accept": ENVELOPE}, **sent)
        call = of_document(document, method, path)
        assert answer.status_code < 300, (call, answer.text)
        if call in schemas:
            seen.add(call)
            assert answer.mimetype == ENVELOPE, call
            assert faults(document, schemas[call], answer.json) == [], call
            if line.kept:
                caller.kept[line.kept] = str(answer.json["data"][line.field])
    assert schemas.keys() - seen == NOT_IN_LINES


def test_signing_in_comes_in_an_envelope_too(admin: Program, stranger: Program, document: dict[str, Any]) -> None:
    credentials = {"username": "salma", "password": make.PASSWORD}
    answer = stranger.post("/api/auth/login", credentials, **WRAPPED)
    assert faults(document, enveloped(document)["POST", "/api/auth/login"], answer.json) == []


def test_it_holds_what_would_be_said_without_it(admin: Program, atlas: Service) -> None:
    one, many = admin.get("/api/services/1"), admin.get("/api/services")
    assert admin.get("/api/services/1", **WRAPPED).json == {"success": True, "data": one.json, "meta": {}}
    meta = {"total": 1, "next": None}
    assert admin.get("/api/services", **WRAPPED).json == {"success": True, "data": many.json, "meta": meta}


def test_a_refusal_and_a_failing_health_come_bare(app: Flask, admin: Program) -> None:
    for path in ("/api/services/77", "/api/nothing"):
        refused = admin.get(path, **WRAPPED)
        assert (refused.status_code, refused.mimetype, refused.json["success"]) == (404, PROBLEM, False)
    assert admin.get("/health", **WRAPPED).json["data"]["status"] == "ok"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (ENVELOPE, ENVELOPE),
        (f"{ENVELOPE}, {JSON};q=0.9", ENVELOPE),
        (f"{JSON}, {ENVELOPE}", ENVELOPE),
        (f"{ENVELOPE}, */*", ENVELOPE),
        (f"{JSON}, {ENVELOPE};q=0.5", JSON),
        (f"{ENVELOPE};q=0", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html", JSON),
        ("", JSON),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_whoever_prefers_it_gets_it(admin: Program, accept: str, kind: str) -> None:
    answer = admin.get("/api/services", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert "Accept" in answer.vary
