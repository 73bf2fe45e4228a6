"""The OpenAPI document: what each call takes and answers, generated from the models that read and answer it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from flask_openapi.models.security_scheme import SecurityScheme
from flask_openapi.models.validation_error import ValidationErrorModel
from flask_openapi.openapi import OpenAPI
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from typing_extensions import override

from vela import __version__
from vela.blueprints.api.problems import EXAMPLE, MEDIA_TYPE, Problem
from vela.intake import decimals_said
from vela.money import PERCENT_PLACES, QUANTITY_PLACES, UNIT_PRICE_PLACES

OPENAPI = "3.1.0"
JSON = "application/json"
TEXT = {"type": "string"}
INFO = {
    "title": "Vela",
    "version": __version__,
    "description": (
        "What every thing you sell earns, and why. Sign in at /api/auth/login, then send the token as "
        "`Authorization: Bearer TOKEN` with every call; a personal token from the settings works the same way.\n\n"
        "Money is exact: amounts are JSON numbers with at most two decimals, unit prices with at most five; on the "
        "way in the same as text is understood too. Months are written YYYY-MM. What a PUT leaves out keeps its "
        "value. Figures that Vela computes may be sent back and are ignored.\n\n"
        "An ETag is the version of a resource. A PUT or DELETE with If-Match answers 412 when the resource is no "
        "longer at that version; with `version` in the body it answers 409 only when the same field was changed.\n\n"
        "Every refusal is a problem body (RFC 9457). A client that wants its successes wrapped in "
        "`{success, data, meta}` asks with `Accept: application/vnd.vela.envelope+json`."
    ),
}
SERVERS = [{"url": "/", "description": "This Vela"}]
SECURITY: dict[str, SecurityScheme | dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of a sign-in, or a personal one."}
}
HEADERS = {
    "Location": "Where the new resource is.",
    "ETag": "The version of the resource.",
    "X-Total-Count": "How many there are.",
    "X-Request-Id": "The id of this request.",
    "WWW-Authenticate": "How to sign in.",
    "Retry-After": "Seconds to wait.",
    "Set-Cookie": "The cookie `token` for the pages.",
}
REPLAYED = "Idempotent-Replayed"
KEPT = {
    "description": "Sent, as true, when this is the answer of an earlier request with the same Idempotency-Key.",
    "schema": {"type": "string", "const": "true"},
}
KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A key of your own, such as a UUID, new for each thing you do. The same request sent again with it within 24 "
        "hours is not done again: it gets the same answer. A request that was refused leaves its key free. Quoted "
        "(RFC 8941) and bare keys are the same; a key belongs to its user."
    ),
    "schema": {
        "type": "string",
        "pattern": r'^([A-Za-z0-9._~:/+=@-]{1,200}|"([ !#-\[\]-~]|\\["\\]){1,200}")$',
    },
    "example": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
}
REUSED = EXAMPLE | {
    "detail": "This idempotency key was used for another request. Use a new key for each thing you do.",
    "error": "IDEMPOTENCY_KEY_REUSED",
    "errors": [],
}
MULTIPLES = {decimals_said(places): 1 / 10**places for places in (PERCENT_PLACES, QUANTITY_PLACES, UNIT_PRICE_PLACES)}
REFUSAL_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
ALWAYS = (422, 500, 503)
WITH_TOKEN = (401,)
WITH_BODY = (400, 413, 415)
NEEDS_RIGHTS = (403,)

_models: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers when all is well: one `model`, many of them, or nothing."""

    status: HTTPStatus = HTTPStatus.OK
    model: type[BaseModel] | None = None
    many: bool = False
    headers: tuple[str, ...] = ()
    words: str = ""


def described(
    tag: str,
    answer: Answer,
    *,
    said: type[BaseModel] | None = None,
    example: object = None,
    refuses: Iterable[int] = (),
    is_open: bool = False,
    takes_key: bool = False,
) -> dict[str, Any]:
    """The documentation of one call, as flask-openapi takes it beside its route."""
    refusals = {*ALWAYS, *refuses, *(WITH_BODY if said else ()), *(() if is_open else WITH_TOKEN)}
    if takes_key:
        refusals.add(HTTPStatus.BAD_REQUEST)
    documented: dict[str, Any] = {
        "tags": [{"name": tag}],
        "responses": {int(answer.status): _success(answer)} | {status: _refusal(status) for status in sorted(refusals)},
    }
    if takes_key:
        documented["responses"][int(answer.status)]["headers"][REPLAYED] = KEPT
    if not is_open:
        documented["security"] = [{"bearer": []}]
    if said:
        documented["request_body"] = {"required": True, "content": {JSON: content(said, "validation", example)}}
    return documented


def _success(answer: Answer) -> dict[str, Any]:
    words = answer.words or answer.status.phrase
    success: dict[str, Any] = {"description": words, "headers": _headers(*answer.headers)}
    if answer.model:
        one = content(answer.model, "serialization")
        success["content"] = {JSON: {"schema": {"type": "array", "items": one["schema"]}} if answer.many else one}
    return success


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(*REFUSAL_HEADERS.get(status, ())),
        "content": {MEDIA_TYPE: content(Problem, "serialization")},
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"description": HEADERS[name], "required": True, "schema": TEXT} for name in (*names, "X-Request-Id")}


def content(model: type[BaseModel], mode: JsonSchemaMode, example: object = None) -> dict[str, Any]:
    _models[model] = mode
    schema: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{_name(model.__name__)}"}}
    return schema if example is None else schema | {"example": example}


def _name(name: str) -> str:
    return name.removesuffix("Shape")


class _Schemas(GenerateJsonSchema):
    """Names each schema as people call the thing."""

    @override
    def normalize_name(self, name: str) -> str:
        return _name(super().normalize_name(name))

    @override
    def get_title_from_name(self, name: str) -> str:
        return _name(super().get_title_from_name(name))


def document(app: OpenAPI) -> dict[str, Any]:
    """The whole OpenAPI document."""
    made = cast("dict[str, Any]", app.api_doc)
    paths = {path: _without_strangers(item) for path, item in made["paths"].items()}
    components = made["components"] | {"schemas": _schemas(json.dumps(paths))}
    return made | {"openapi": OPENAPI, "servers": SERVERS, "paths": paths, "components": components}


def _schemas(paths: str) -> dict[str, Any]:
    """The schemas of all models, by name, without those that nothing refers to."""
    _, made = models_json_schema(
        list(_models.items()), ref_template="#/components/schemas/{model}", schema_generator=_Schemas
    )
    schemas: dict[str, dict[str, Any]] = made["$defs"]
    referring = paths + json.dumps(schemas)
    return {
        name: _with_multiples(_without_defaults(schema) if name.endswith("Update") else schema)
        for name, schema in sorted(schemas.items())
        if f'/{name}"' in referring
    }


def _with_multiples(schema: Any) -> Any:
    """Say decimals as multipleOf too: readers of this document compute it exactly, and make valid numbers from it."""
    if isinstance(schema, list):
        return [_with_multiples(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    said = {name: _with_multiples(value) for name, value in cast("dict[str, Any]", schema).items()}
    step = MULTIPLES.get(str(said.get("description")))
    if step and "anyOf" in said:
        said["anyOf"] = [kind | ({"multipleOf": step} if kind["type"] == "number" else {}) for kind in said["anyOf"]]
    return said


def _without_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """What is left out of a change keeps its value, so nothing in it has a default."""
    fields = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in schema["properties"].items()
    }
    return schema | {"properties": fields}


def _with_key(operation: dict[str, Any]) -> dict[str, Any]:
    """A call whose answers may be replayed takes the header that asks for it, and refuses a key of another request."""
    if not any(REPLAYED in said.get("headers", {}) for said in operation["responses"].values()):
        return operation
    refusal = operation["responses"]["422"]
    kind = refusal["content"][MEDIA_TYPE]
    examples = {"a wrong field": {"value": EXAMPLE}, "the key of another request": {"value": REUSED}}
    responses = operation["responses"] | {"422": refusal | {"content": {MEDIA_TYPE: kind | {"examples": examples}}}}
    return operation | {"parameters": [*operation.get("parameters", []), KEY], "responses": responses}


def _without_strangers(item: dict[str, Any]) -> dict[str, Any]:
    """The library adds a validation error of its own to calls that have none; no call of ours answers that."""
    stranger = f"/{ValidationErrorModel.__name__}"
    return {
        method: _with_key(
            operation
            | {"responses": {code: said for code, said in operation["responses"].items() if stranger not in str(said)}}
        )
        for method, operation in item.items()
    }
