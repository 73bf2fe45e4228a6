"""The OpenAPI document as a whole: every call with its examples, its refusals, its headers, and all schemas."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from flask_openapi.models.security_scheme import SecurityScheme
from flask_openapi.models.validation_error import ValidationErrorModel
from flask_openapi.openapi import OpenAPI
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from typing_extensions import override

from vela import __version__
from vela.blueprints.api.describing import JSON, REPLAYED, RIGHTS, models, named
from vela.blueprints.api.envelopes import ENVELOPE, schema_of
from vela.blueprints.api.following import with_links
from vela.blueprints.api.problems import MEDIA_TYPE
from vela.blueprints.api.refusals import ENDED, GUESSED, REUSED, refusal_of, written
from vela.blueprints.api.tags import TAGS
from vela.blueprints.api.telling import webhooks

OPENAPI = "3.1.0"
CSV = "text/csv"
OPEN_TO_ALL: list[Any] = []
RECORDED = Path(__file__).with_name("examples")
INFO = {
    "title": "Vela",
    "version": __version__,
    "contact": {"name": "The admins of this Vela"},
    "license": {"name": "All rights reserved", "identifier": "LicenseRef-All-Rights-Reserved"},
    "description": (
        "What every thing you sell earns, and why. Sign in at /api/auth/login, then send the token as "
        "`Authorization: Bearer TOKEN` with every call; a personal token from the settings works the same way.\n\n"
        "Money is exact: amounts are JSON numbers with at most two decimals, unit prices with at most five; on the "
        "way in the same as text is understood too. Months are written YYYY-MM. What a PUT leaves out keeps its "
        "value. Figures that Vela computes may be sent back and are ignored.\n\n"
        "Every answer to a GET but a file has an ETag: with it in If-None-Match a GET answers 304 without a body while "
        'nothing changed. That of a resource with a version begins with it, such as `"3-9f86…"`. A PUT or DELETE with '
        'it in If-Match, or with the bare version (`"3"`), answers 412 when the resource is no longer at that '
        "version; with `version` in the body it answers 409 only when the same field was changed.\n\n"
        "A token, or an address without one, gets as many calls in a minute as the header RateLimit-Policy says; "
        "RateLimit says how many are left. Beyond that the answer is 429, and Retry-After says when to go on.\n\n"
        "Every refusal is a problem body (RFC 9457). A client that wants its successes wrapped in "
        "`{success, data, meta}` asks with `Accept: application/vnd.vela.envelope+json`; `meta` says of a list how "
        "many there are (`total`) and where the next page is (`next`)."
    ),
}
SERVERS = [{"url": "/", "description": "This Vela"}]
SECURITY: dict[str, SecurityScheme | dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of a sign-in, or a personal one."}
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
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": (
        "The ETag you read, or the version in quotes: the call is refused with 412 when the resource is at another "
        "version."
    ),
    "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,16}(-[0-9a-f]{32})?")$'},
    "example": '"3"',
}


LIMITS: dict[str, Any] = {
    "RateLimit-Policy": {
        "description": "How many calls (`q`) a caller gets in so many seconds (`w`). Not sent where there is no limit.",
        "schema": {"type": "string"},
        "example": '"default";q=1200;w=60',
    },
    "RateLimit": {
        "description": "How many calls may follow (`r`), and in how many seconds (`t`) there are all of them again.",
        "schema": {"type": "string"},
        "example": '"default";r=1187;t=42',
    },
}
MARK: dict[str, Any] = {
    "description": "A mark of these very words: sent in If-None-Match, the answer is 304 while they are the same.",
    "required": True,
    "schema": {"type": "string"},
    "example": 'W/"3f0c8d1e9b7a4652a1c0de5f98b7643c"',
}
GUESSING = ("log_in", "change_password")


class _Schemas(GenerateJsonSchema):
    """Names each schema as people call the thing."""

    @override
    def normalize_name(self, name: str) -> str:
        return named(super().normalize_name(name))

    @override
    def get_title_from_name(self, name: str) -> str:
        return named(super().get_title_from_name(name))


def document(app: OpenAPI) -> dict[str, Any]:
    """The whole OpenAPI document."""
    made = cast("dict[str, Any]", app.api_doc)
    paths = with_links(
        {
            path: {
                method: _completed(operation if method != "get" else _kept(operation, path), path)
                for method, operation in item.items()
            }
            for path, item in made["paths"].items()
        }
    )
    told = webhooks()
    components = made["components"] | {"schemas": _schemas(json.dumps([paths, told])), "headers": LIMITS}
    whole = {"openapi": OPENAPI, "servers": SERVERS, "tags": _tags(paths), "paths": paths, "webhooks": told}
    return made | whole | {"components": components, "security": [{"bearer": []}]}


def recorded(operation_id: str) -> Any:
    """The answer that a call was seen to give; None when none was recorded yet."""
    file = RECORDED / f"{operation_id}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def _tags(paths: dict[str, Any]) -> list[dict[str, str]]:
    """The tags that calls have, in the order of their descriptions."""
    used = {tag for item in paths.values() for operation in item.values() for tag in operation["tags"]}
    order = [*TAGS, *sorted(used - set(TAGS))]
    return [{"name": tag, "description": TAGS.get(tag, "")} for tag in order if tag in used]


def _completed(operation: dict[str, Any], path: str) -> dict[str, Any]:
    """A call with what follows from what was said of it: headers that it takes, and an example of each answer."""
    said = _without_strangers(operation["responses"])
    responses = {status: _exemplified(int(status), response, operation, path) for status, response in said.items()}
    taken: list[Any] = [
        *operation.get("parameters", []),
        *([KEY] if _is_replayed(said) else []),
        *([IF_MATCH] if "412" in said else []),
    ]
    told: dict[str, Any] = {name: value for name, value in operation.items() if name != RIGHTS}
    told.setdefault("security", OPEN_TO_ALL)
    return told | {"responses": responses} | ({"parameters": taken} if taken else {})


def _kept(operation: dict[str, Any], path: str) -> dict[str, Any]:
    """A call that reads, with the mark of what it answers, and the answer to whoever names that mark."""
    responses = operation["responses"]
    success = responses["200"]
    if not path.startswith("/api/") or JSON not in success.get("content", {}):
        return operation
    marked = success | {"headers": {"ETag": MARK} | success.get("headers", {})}
    again = {"description": "Not Modified", "headers": {"ETag": marked["headers"]["ETag"]}}
    return operation | {"responses": responses | {"200": marked, "304": again}}


def _without_strangers(responses: dict[str, Any]) -> dict[str, Any]:
    """The library adds a validation error of its own to calls that have none; no call of ours answers that."""
    stranger = f"/{ValidationErrorModel.__name__}"
    return {status: response for status, response in responses.items() if stranger not in str(response)}


def _is_replayed(responses: dict[str, Any]) -> bool:
    return any(REPLAYED in response.get("headers", {}) for response in responses.values())


def _exemplified(status: int, response: dict[str, Any], operation: dict[str, Any], path: str) -> dict[str, Any]:
    """An answer with an example: of a refusal, or of a success as it was recorded."""
    kinds = dict(response.get("content", {}))
    if MEDIA_TYPE in kinds:
        kinds[MEDIA_TYPE] = kinds[MEDIA_TYPE] | _refusals(status, operation, path)
    if CSV in kinds and (beginning := RECORDED / f"{operation['operationId']}.csv").exists():
        kinds[CSV] = kinds[CSV] | {"example": beginning.read_text(encoding="utf-8")}
    seen = recorded(operation["operationId"]) if JSON in kinds and "example" not in kinds[JSON] else None
    if seen is not None:
        kinds[JSON] = kinds[JSON] | {"example": seen}
    if JSON in kinds and status < HTTPStatus.BAD_REQUEST:
        kinds[ENVELOPE] = {"schema": schema_of(kinds[JSON]["schema"])}
    return response | _limits(response, path) | ({"content": kinds} if kinds else {})


def _limits(response: dict[str, Any], path: str) -> dict[str, Any]:
    """The headers of an answer with those that say how many calls are left, which only calls under /api have."""
    said = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS} if path.startswith("/api/") else {}
    return {"headers": response.get("headers", {}) | said}


def _refusals(status: int, operation: dict[str, Any], path: str) -> dict[str, Any]:
    usual = refusal_of(status, operation, path)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and _is_replayed(operation["responses"]):
        return {"examples": {"a wrong field": {"value": usual}, "the key of another request": {"value": REUSED}}}
    if status == HTTPStatus.UNAUTHORIZED and operation.get("security"):
        return {"examples": {"no token": {"value": usual}, "a token that ended": {"value": written(ENDED, status)}}}
    if status == HTTPStatus.TOO_MANY_REQUESTS and operation["operationId"] in GUESSING:
        return {"examples": {"calls": {"value": usual}, "wrong guesses": {"value": written(GUESSED, status)}}}
    return {"example": usual}


def _schemas(said: str) -> dict[str, Any]:
    """The schemas of all models, by name, without those that nothing refers to."""
    _, made = models_json_schema(
        list(models.items()), ref_template="#/components/schemas/{model}", schema_generator=_Schemas
    )
    schemas: dict[str, dict[str, Any]] = made["$defs"]
    referring = said + json.dumps(schemas)
    return {
        name: (_without_defaults(schema) if name.endswith("Update") else schema) | {"title": name}
        for name, schema in sorted(schemas.items())
        if f'/{name}"' in referring
    }


def _without_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """What is left out of a change keeps its value, so nothing in it has a default."""
    fields = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in schema["properties"].items()
    }
    return schema | {"properties": fields}
