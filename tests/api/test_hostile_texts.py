"""Texts that no database keeps, in every parameter, path and field of every call: refused or ignored, never a fault."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Program
from vela.domain.catalog.models import Service

HOSTILE = {"a NUL": "a\0b", "half a character": "\ud800", "10,000 letters": "x" * 10_000}


def operations(program: Program) -> list[tuple[str, str, dict[str, Any]]]:
    paths = program.get("/api/openapi.json").json["paths"]
    found = [(method.upper(), path, call) for path, item in paths.items() for method, call in item.items()]
    return [each for each in found if not each[1].startswith("/api/auth/log")]


def named(call: dict[str, Any], place: str) -> list[str]:
    return [each["name"] for each in call.get("parameters", []) if each["in"] == place]


def filled(path: str) -> str:
    return path.replace("{month}", "2026-10").replace("{", "").replace("}", "").replace("service_id", "1")


def in_address(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_in_an_address_is_never_a_fault(admin: Program, atlas: Service, kind: str) -> None:
    text, tried = in_address(HOSTILE[kind]), dict[str, int]()
    for method, path, call in operations(admin):
        for name in named(call, "path"):
            address = filled(path.replace(f"{{{name}}}", text))
            tried[f"{method} {path} {name}"] = admin.call(method, address, json={}).status_code
        for name in named(call, "query"):
            tried[f"{method} {path}?{name}"] = admin.call(method, f"{filled(path)}?{name}={text}").status_code
    assert "GET /api/audit?subject" in tried
    assert {
        each: status for each, status in tried.items() if not 400 <= status < 500 and kind != "half a character"
    } == {}
    assert {each: status for each, status in tried.items() if status >= 500} == {}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_in_a_body_is_refused_at_its_field(admin: Program, atlas: Service, kind: str) -> None:
    schemas, tried = admin.get("/api/openapi.json").json["components"]["schemas"], dict[str, int]()
    for method, path, call in operations(admin):
        said = call.get("requestBody", {}).get("content", {}).get("application/json")
        if not said:
            continue
        for field in schemas[said["schema"]["$ref"].rpartition("/")[2]]["properties"]:
            body = said.get("example", {}) | {field: HOSTILE[kind]}
            tried[f"{method} {path} {field}"] = admin.call(method, filled(path), json=body).status_code
    assert len(tried) > 20
    assert {each: status for each, status in tried.items() if not 400 <= status < 500} == {}
