"""The OpenAPI document: valid, complete, and open to read."""

import hashlib
import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.conftest import Program
from tests.api.fitting import JSON, PROBLEM, examples, faults, operations
from tests.api.recording import wanting, without_file, written
from vela.blueprints.api.guards import OPEN
from vela.domain.notifying import signing

HEALTH = {("GET", "/health"), ("GET", "/health/live"), ("GET", "/health/ready")}


@pytest.fixture
def document(stranger: Program) -> dict[str, Any]:
    return stranger.get("/api/openapi.json").json


def test_it_is_openapi_3_1_and_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_call_is_in_it_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    routed = {
        (method, re.sub(r"<(?:int:)?([^>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api") or rule.rule.startswith("/health")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    # The document and the page that shows it are not calls.
    assert set(operations(document)) == routed - {("GET", "/api/openapi.json"), ("GET", "/api/docs")}


def test_what_is_guarded_says_so(app: Flask, document: dict[str, Any]) -> None:
    is_open = {call for call, operation in operations(document).items() if operation["security"] == []}
    assert is_open == {("POST", "/api/auth/login"), *HEALTH}
    assert "api.log_in" in OPEN
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_refusal_is_a_problem_with_an_example(document: dict[str, Any]) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for call, operation in operations(document).items():
        assert any(400 <= int(status) < 500 for status in operation["responses"]), call
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and (call not in HEALTH or status != "503"):
                kind = answer["content"][PROBLEM]
                assert kind["schema"] == problem, (call, status)
                assert examples(kind), (call, status)
                assert [str(each["status"]) for each in examples(kind)] == [status] * len(examples(kind)), call
                assert [faults(document, problem, each) for each in examples(kind)] == [[]] * len(examples(kind)), call


def test_every_success_and_every_body_has_an_example_that_fits(document: dict[str, Any]) -> None:
    """Recorded by `make examples` from the curl lines of docs/api.md; of bodies, said beside the route."""
    assert wanting(document) == without_file(document) == {}
    bodies = {
        call: operation["requestBody"]["content"][JSON]
        for call, operation in operations(document).items()
        if JSON in operation.get("requestBody", {}).get("content", {})
    }
    assert [call for call, kind in bodies.items() if not examples(kind)] == []
    wrong = {call: [faults(document, kind["schema"], each) for each in examples(kind)] for call, kind in bodies.items()}
    assert {call: found for call, found in wrong.items() if any(found)} == {}


def test_an_example_that_no_longer_fits_is_named(document: dict[str, Any]) -> None:
    kind = document["paths"]["/api/services/{service_id}"]["get"]["responses"]["200"]["content"][JSON]
    call = {("GET", "/api/services/{service_id}"): "get_service"}
    kind["example"]["margin"] = "a lot"
    assert wanting(document) == call
    kind["example"] |= {"margin": 1, "colour": "blue"}
    assert wanting(document) == call
    del kind["example"]
    assert wanting(document) == call


def test_every_tag_is_described(document: dict[str, Any]) -> None:
    used = {tag for operation in operations(document).values() for tag in operation["tags"]}
    assert {tag["name"] for tag in document["tags"] if tag["description"]} == used


def test_every_call_has_a_name_a_tag_and_words(document: dict[str, Any]) -> None:
    described = operations(document).values()
    for name in ("operationId", "tags", "summary", "description"):
        assert all(operation[name] for operation in described), name
    names = [operation["operationId"] for operation in described]
    assert len(names) == len(set(names))


def test_every_body_has_an_example_that_is_understood(admin: Program, document: dict[str, Any]) -> None:
    admin.post("/api/services", {"name": "Rif", "components": [{"name": "SSD", "unit_cost": 300, "unit_sell": 600}]})
    for _each in range(2):
        admin.post("/api/transactions", {"service_id": 1, "month": "2026-11"})
    for (method, path), operation in operations(document).items():
        # A proposal is approved by the mark it has, which no example can know.
        apart = path in ("/api/auth/login", "/api/auth/password", "/api/proposals/{proposal_id}/approve")
        apart = apart or path.startswith("/api/auth/second-factor/")  # nor by a code that changes
        if "requestBody" in operation and not apart and not path.startswith("/api/imports/"):
            example = operation["requestBody"]["content"]["application/json"]["example"]
            address = re.sub(r"\{\w+\}", "1", path.replace("{month}", "2026-10").replace("{user_id}", "2"))
            answer = admin.call(method, address, json=example)
            assert answer.status_code in (200, 201, 204), (path, answer.text)


def test_money_is_described_as_a_number(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Service"]["properties"]["sell_price"]["type"] == "number"
    kinds = schemas["NewComponent"]["properties"]["unit_cost"]["anyOf"]
    assert [kind["type"] for kind in kinds] == ["number", "string"]
    # Readers that compute in binary fractions, as most do, would refuse 600 for a multiple of 0.00001.
    assert "multipleOf" not in str(document)
    assert "default" not in schemas["ComponentUpdate"]["properties"]["unit_cost"]


def test_the_page_that_shows_it_is_ours_alone(stranger: Program) -> None:
    page = stranger.get("/api/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "://" not in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        with stranger.get(asset) as answer:
            assert answer.status_code == 200, asset


def test_a_recording_holds_no_secret_and_nothing_by_chance() -> None:
    def told() -> str:
        event, secret = f"msg_{uuid4().hex}", signing.fresh_secret()
        hashes = {name: hashlib.sha256(uuid4().bytes).hexdigest() for name in ("prev_hash", "hash")}
        return written([{"event": event, "secret": secret, "request_id": str(uuid4())} | hashes])

    assert {told() for _each in range(50)} == {told()}
    assert '"secret": "whsec_…"' in told()
