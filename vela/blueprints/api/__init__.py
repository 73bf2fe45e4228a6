"""The JSON face under /api."""

from flask import Flask, Response
from flask_openapi import OpenAPI
from werkzeug.exceptions import HTTPException

from vela.errors import Refusal


def make_app(name: str) -> OpenAPI:
    return OpenAPI(name, doc_ui=False)


def register(app: Flask) -> None: ...


def refused(error: Refusal) -> Response:
    return Response(error.message, status=400)


def http_error(error: HTTPException) -> Response:
    return Response(str(error), status=error.code)


def crashed(code: str) -> Response:
    return Response(code, status=500)
