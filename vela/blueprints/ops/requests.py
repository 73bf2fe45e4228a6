"""One line of the log and one count for every request, whatever becomes of it."""

import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.wsgi import ClosingIterator

from vela import events, meters
from vela.tracing import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Who = Callable[[], tuple[str, str]]
"""The face through which the present request came, and the name of its user, empty when it has none."""

SEEN = "vela.seen"


class Watched:
    """The application, with an id for each request and a line about it once it is answered to its last byte."""

    def __init__(self, app: Flask, inner: "WSGIApplication", who: Who) -> None:
        self._inner = inner
        self._who = who
        app.after_request(self._note)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        started = perf_counter()
        request_id.set(_id_of(environ.get("HTTP_X_REQUEST_ID", "")))
        status = [int(HTTPStatus.INTERNAL_SERVER_ERROR)]

        def starting(line: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            status[0] = int(line.partition(" ")[0])
            return start_response(line, headers, *more)

        def ended() -> None:
            _tell(environ, status[0], perf_counter() - started)
            request_id.set("")

        try:
            return ClosingIterator(self._inner(environ, starting), ended)
        except BaseException:
            ended()
            raise

    def _note(self, response: Response) -> Response:
        """What only the application knows, kept for the line; and the id, for whoever asked."""
        face, user = self._who()
        request.environ[SEEN] = {"route": route(), "face": face, "user": user}
        response.headers["X-Request-Id"] = request_id.get()
        return response


def route() -> str:
    """The rule that the address of the present request follows."""
    return request.url_rule.rule if request.url_rule else events.NOWHERE


def _id_of(wanted: str) -> str:
    """The caller's own id when it is a UUID, else a new one."""
    try:
        return str(uuid.UUID(wanted))
    except ValueError:
        return str(uuid.uuid4())


def _tell(environ: "WSGIEnvironment", status: int, seconds: float) -> None:
    seen: dict[str, str] = dict(environ.get(SEEN) or {"route": events.NOWHERE})
    rule, method = seen.pop("route"), str(environ.get("REQUEST_METHOD", ""))
    meters.count_request(rule, method, status, seconds)
    events.answered(rule, method, status, seconds, **seen, address=str(environ.get("REMOTE_ADDR") or ""))
