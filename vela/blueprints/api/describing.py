"""What each call takes and answers, said beside its route in the words of an OpenAPI operation."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from vela.blueprints.api.problems import MEDIA_TYPE, Problem

JSON = "application/json"
TEXT = {"type": "string"}
BINARY = {"type": "string", "format": "binary"}
HEADERS = {
    "Location": "Where the new resource is.",
    "ETag": "The version of the resource, a dash, and a mark of these very words.",
    "X-Total-Count": "How many there are, on all pages.",
    "Link": 'Where the next page is (`rel="next"`); not sent with the last one.',
    "X-Request-Id": "The id of this request.",
    "WWW-Authenticate": "How to sign in.",
    "Retry-After": "Seconds to wait.",
    "Content-Disposition": "That it is to be kept, and under which name.",
    "Content-Language": "The language of its words, which Accept-Language asked for.",
    "Set-Cookie": "The cookie `token` for the pages.",
}
PAGED = ("X-Total-Count", "Link")
REPLAYED = "Idempotent-Replayed"
KEPT = {
    "description": "Sent, as true, when this is the answer of an earlier request with the same Idempotency-Key.",
    "schema": {"type": "string", "const": "true"},
}
REFUSAL_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
ALWAYS = (400, 422, 429, 500, 503)
WITH_TOKEN = (401, 403)
WITH_BODY = (413, 415)
NEEDS_RIGHTS = (403,)
RIGHTS = "x-needs-rights"

models: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers when all is well: one `model`, many of them, a file of one of `files`, or nothing."""

    status: HTTPStatus = HTTPStatus.OK
    model: type[BaseModel] | None = None
    many: bool = False
    headers: tuple[str, ...] = ()
    words: str = ""
    files: tuple[str, ...] = ()


def described(
    tag: str,
    answer: Answer,
    *,
    said: type[BaseModel] | None = None,
    takes: Mapping[str, Any] | None = None,
    example: object = None,
    refuses: Iterable[int] = (),
    is_open: bool = False,
    takes_key: bool = False,
) -> dict[str, Any]:
    """The documentation of one call, as flask-openapi takes it beside its route."""
    own = set(refuses)
    refusals = {*ALWAYS, *own, *(WITH_BODY if said or takes else ()), *(() if is_open else WITH_TOKEN)}
    documented: dict[str, Any] = {
        "tags": [{"name": tag}],
        "responses": {int(answer.status): _success(answer)} | {status: refusal(status) for status in sorted(refusals)},
    }
    if takes_key:
        documented["responses"][int(answer.status)]["headers"][REPLAYED] = KEPT
    if not is_open:
        documented["security"] = [{"bearer": []}]
        documented["openapi_extensions"] = {RIGHTS: 403 in own}
    if said:
        documented["request_body"] = {"required": True, "content": {JSON: content(said, "validation", example)}}
    if takes:
        documented["request_body"] = {"required": True, "content": dict(takes)}
    return documented


def worded(view: Callable[..., Any], documented: dict[str, Any]) -> dict[str, str]:
    """The summary of a call, which is the first sentence of its view, and its description, all the others."""
    summary, _gap, more = (inspect.getdoc(view) or "").partition("\n\n")
    paragraphs = [" ".join(paragraph.split()) for paragraph in more.split("\n\n") if paragraph]
    return {
        "summary": " ".join(summary.split()),
        "description": "\n\n".join([*paragraphs, " ".join(_terms(documented))]),
    }


def _terms(documented: dict[str, Any]) -> list[str]:
    responses = documented["responses"]
    if "security" not in documented:
        return ["Open to everybody."]
    needs_rights = documented["openapi_extensions"][RIGHTS]
    return [
        "Needs the right to do this, and a token that reaches it." if needs_rights else "For everybody with a token.",
        *(["With If-Match only at the version it names."] if 412 in responses else []),
        *(["Safe to send again with an Idempotency-Key."] if REPLAYED in str(responses) else []),
    ]


def _success(answer: Answer) -> dict[str, Any]:
    words = answer.words or answer.status.phrase
    named = ("Content-Disposition", "Content-Language") if answer.files else ()
    success: dict[str, Any] = {"description": words, "headers": _headers(*answer.headers, *named)}
    if answer.files:
        success["content"] = {kind.partition(";")[0]: {"schema": BINARY} for kind in answer.files}
    if answer.model:
        one = content(answer.model, "serialization")
        success["content"] = {JSON: {"schema": {"type": "array", "items": one["schema"]}} if answer.many else one}
    return success


def refusal(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(*REFUSAL_HEADERS.get(status, ())),
        "content": {MEDIA_TYPE: content(Problem, "serialization")},
    }


def _headers(*names: str) -> dict[str, Any]:
    return {
        name: {"description": HEADERS[name], "required": name != "Link", "schema": TEXT}
        for name in (*names, "X-Request-Id")
    }


def content(model: type[BaseModel], mode: JsonSchemaMode, example: object = None) -> dict[str, Any]:
    """A JSON body of this model, which is in the document from then on."""
    models[model] = mode
    schema: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{named(model.__name__)}"}}
    return schema if example is None else schema | {"example": example}


def named(name: str) -> str:
    """The name of a model in the document: what people call the thing."""
    return name.removesuffix("Shape")
