"""The browser's face: pages, fragments and forms."""

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from vela.errors import Refusal


def register(app: Flask) -> None: ...


def refused(error: Refusal) -> Response:
    return Response(error.message, status=400)


def http_error(error: HTTPException) -> Response:
    return Response(str(error), status=error.code)


def crashed(code: str) -> Response:
    return Response(code, status=500)
