"""The envelope around a success, for clients that ask for it by its own media type."""

from typing import Any

from flask import request
from pydantic import BaseModel

from vela.blueprints.api.describing import content
from vela.shapes.base import Shape

JSON = "application/json"
ENVELOPE = "application/vnd.vela.envelope+json"


class NoMetaShape(Shape):
    """Nothing is to be said beside a single resource."""


class ListMetaShape(Shape):
    """Of a list: how many there are on all pages, and where the next page is, null after the last one."""

    total: int
    next: str | None


def is_wanted() -> bool:
    """Whether the header Accept names the envelope, and bare JSON no more than that."""
    accepted = request.accept_mimetypes
    named = max((quality for kind, quality in accepted if kind == ENVELOPE), default=0)
    return named > 0 and named >= accepted[JSON]


def wrapped(text: str, meta: BaseModel) -> str:
    """The text of a resource, or of a list, in its envelope."""
    return f'{{"success":true,"data":{text},"meta":{meta.model_dump_json()}}}'


def schema_of(data: dict[str, Any]) -> dict[str, Any]:
    """The schema of what the envelope around something with the schema `data` is."""
    meta = ListMetaShape if data.get("type") == "array" else NoMetaShape
    fields = {"success": {"const": True}, "data": data, "meta": content(meta, "serialization")["schema"]}
    return {"type": "object", "properties": fields, "required": [*fields]}
