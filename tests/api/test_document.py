"""The OpenAPI document: valid, complete, and open to read."""

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.conftest import Program
from vela.blueprints.api.guards import OPEN

HEALTH = {("GET", "/health"), ("GET", "/health/live"), ("GET", "/health/ready")}


@pytest.fixture
def document(stranger: Program) -> dict[str, Any]:
    return stranger.get("/api/openapi.json").json


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_it_is_openapi_3_1_and_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_call_is_in_it_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    routed = {
        (method, re.sub(r"<([^>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api") or rule.rule.startswith("/health")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    # The document and the page that shows it are not calls.
    assert set(operations(document)) == routed - {("GET", "/api/openapi.json"), ("GET", "/api/docs")}


def test_what_is_guarded_says_so(app: Flask, document: dict[str, Any]) -> None:
    is_open = {call for call, operation in operations(document).items() if "security" not in operation}
    assert is_open == {("POST", "/api/auth/login"), *HEALTH}
    assert "api.log_in" in OPEN
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for call, operation in operations(document).items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and call not in HEALTH:
                schema = answer["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (call, status)


def test_every_call_has_a_name_a_tag_and_words(document: dict[str, Any]) -> None:
    described = operations(document).values()
    assert all(operation["operationId"] and operation["tags"] and operation["summary"] for operation in described)
    names = [operation["operationId"] for operation in described]
    assert len(names) == len(set(names))


def test_every_body_has_an_example_that_is_understood(admin: Program, document: dict[str, Any]) -> None:
    admin.post("/api/services", {"name": "Rif", "components": [{"name": "SSD", "unit_cost": 300, "unit_sell": 600}]})
    for (method, path), operation in operations(document).items():
        if "requestBody" in operation and path != "/api/auth/login":
            example = operation["requestBody"]["content"]["application/json"]["example"]
            address = re.sub(r"\{\w+\}", "1", path.replace("{month}", "2026-10"))
            answer = admin.call(method, address, json=example)
            assert answer.status_code in (200, 201), (path, answer.text)


def test_money_is_described_as_a_number(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Service"]["properties"]["sell_price"]["type"] == "number"
    kinds = schemas["NewComponent"]["properties"]["unit_cost"]["anyOf"]
    assert [kind["type"] for kind in kinds] == ["number", "string"]
    assert kinds[0]["multipleOf"] == 0.00001
    assert "default" not in schemas["ComponentUpdate"]["properties"]["unit_cost"]


def test_the_page_that_shows_it_is_ours_alone(stranger: Program) -> None:
    page = stranger.get("/api/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "://" not in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        with stranger.get(asset) as answer:
            assert answer.status_code == 200, asset
