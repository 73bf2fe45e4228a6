"""How the JSON face answers: bare resources and arrays, with their version, place and count in headers."""

from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus

from flask import Response, request
from pydantic import BaseModel

from vela.blueprints.api import envelopes, versions
from vela.blueprints.api.envelopes import ENVELOPE, JSON, ListMetaShape, NoMetaShape
from vela.exports.making import Made


def answer(
    shape: BaseModel,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    place: str | None = None,
    version: int | None = None,
) -> Response:
    """One resource; `place` is the address of a new one, `version` is what its ETag begins with."""
    response = _respond(shape.model_dump_json(by_alias=True), NoMetaShape(), status)
    if place is not None:
        response.headers["Location"] = place
    if version is not None:
        response.set_etag(versions.tag(version, _digest(response)))
    return response


def listing(shapes: Sequence[BaseModel], total: int | None = None, following: str = "") -> Response:
    """A bare array: whole, or one page of `total`; `following` is the address of the next one."""
    count = len(shapes) if total is None else total
    text = f"[{','.join(shape.model_dump_json(by_alias=True) for shape in shapes)}]"
    response = _respond(text, ListMetaShape(total=count, next=following or None), HTTPStatus.OK)
    response.headers["X-Total-Count"] = str(count)
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def nothing() -> Response:
    """Done, and nothing to say."""
    return Response(status=HTTPStatus.NO_CONTENT)


def kept_as_file(file: Made) -> Response:
    """A file to be kept, which is closed when it has been sent."""
    response = Response(file.content(), content_type=file.media_type)
    response.call_on_close(file.file.close)
    response.content_length = file.size
    response.headers["Content-Disposition"] = file.disposition
    response.vary.update(("Authorization", "Accept-Language"))
    return response


def unless_known(response: Response) -> Response:
    """Runs after every call: what was read gets a mark of its words, and who names that mark hears that it still holds.

    Of a resource with a version that mark is a part of its ETag, because it also says what is not its own.
    """
    if request.method not in ("GET", "HEAD") or response.status_code != HTTPStatus.OK:
        return response
    if response.mimetype not in (JSON, ENVELOPE):
        return response
    response.vary.update(("Authorization", "Accept-Language"))
    if "ETag" not in response.headers:
        response.set_etag(_digest(response), weak=True)
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = HTTPStatus.NOT_MODIFIED
    return response


def _digest(response: Response) -> str:
    return sha256(response.get_data()).hexdigest()[:32]


def _respond(text: str, meta: BaseModel, status: HTTPStatus) -> Response:
    """The bare text; wrapped only for a client that asks for the envelope, and only when all is well."""
    wrapped = envelopes.is_wanted() and status < HTTPStatus.BAD_REQUEST
    response = Response(envelopes.wrapped(text, meta) if wrapped else text, status)
    response.mimetype = ENVELOPE if wrapped else JSON
    response.vary.add("Accept")
    return response
