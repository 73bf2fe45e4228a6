"""What is answered to a request over HTTP that no tool has seen: a problem, in the words of JSON-RPC, with a status."""

import json
from http import HTTPStatus
from typing import Any

from mcp_types import INVALID_REQUEST
from starlette.responses import Response

from vela.errors import Refusal, Unauthenticated
from vela.mcp import results
from vela.problems import problem, status_of

CHALLENGE = 'Bearer realm="vela"'


def refusal(refused: Refusal) -> Response:
    """The answer to whom is refused; it says which token was not good only in that there was one."""
    status = status_of(refused)
    headers = {"Retry-After": str(refused.data["retry_after"])} if refused.data.get("retry_after") else {}
    if isinstance(refused, Unauthenticated):
        brought = refused.code == "invalid_token"
        headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"' if brought else CHALLENGE
    return _reply(status, refused.message, results.body_of(refused), headers)


def unfit(status: HTTPStatus, code: str, words: str) -> Response:
    """The answer to a request that HTTP itself finds fault with."""
    return _reply(status, words, problem(status, code, words), {"Allow": "POST"} if status == 405 else {})


def crash(code: str) -> Response:
    """The answer after a fault of ours."""
    status, words = HTTPStatus.INTERNAL_SERVER_ERROR, results.crash_words(code)
    return _reply(status, words, problem(status, "internal_error", words, known={"fault": code}), {})


def plain(status: HTTPStatus, said: dict[str, str]) -> Response:
    return Response(json.dumps(said), int(status), media_type="application/json")


def _reply(status: HTTPStatus, words: str, data: dict[str, Any], headers: dict[str, str]) -> Response:
    said = {"jsonrpc": "2.0", "id": None, "error": {"code": INVALID_REQUEST, "message": words, "data": data}}
    return Response(json.dumps(said), int(status), headers, media_type="application/json")
