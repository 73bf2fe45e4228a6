"""How the JSON face answers: bare resources and arrays, with their version, place and count in headers."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, request
from pydantic import BaseModel
from pydantic_core import to_json

JSON = "application/json"
ENVELOPE = "application/vnd.vela.envelope+json"


def answer(
    shape: BaseModel,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    place: str | None = None,
    version: int | None = None,
) -> Response:
    """One resource; `place` is the address of a new one, `version` becomes its ETag."""
    response = _respond(shape.model_dump_json(by_alias=True), {}, status)
    if place is not None:
        response.headers["Location"] = place
    if version is not None:
        response.set_etag(str(version))
    return response


def listing(shapes: Sequence[BaseModel], total: int | None = None) -> Response:
    """A bare array: whole, or one page of `total`."""
    count = len(shapes) if total is None else total
    text = f"[{','.join(shape.model_dump_json(by_alias=True) for shape in shapes)}]"
    response = _respond(text, {"total": count}, HTTPStatus.OK)
    response.headers["X-Total-Count"] = str(count)
    return response


def nothing() -> Response:
    """Done, and nothing to say."""
    return Response(status=HTTPStatus.NO_CONTENT)


def _respond(text: str, meta: dict[str, Any], status: HTTPStatus) -> Response:
    """The bare text; wrapped only for a client that asks for the envelope by its own media type."""
    wanted = any(media_type == ENVELOPE for media_type, _ in request.accept_mimetypes)
    if wanted:
        text = f'{{"success":true,"data":{text},"meta":{to_json(meta).decode()}}}'
    response = Response(text, status, mimetype=ENVELOPE if wanted else JSON)
    response.vary.add("Accept")
    return response
