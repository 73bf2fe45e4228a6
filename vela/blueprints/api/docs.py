"""The documentation of this face: the OpenAPI document, and a page to read and try it."""

from typing import cast

from flask import Response, current_app, jsonify, render_template
from flask_openapi.openapi import OpenAPI

from vela.blueprints.api.documenting import document
from vela.blueprints.api.routes import undocumented

KEPT = "vela_openapi"


@undocumented("/openapi.json")
def description() -> Response:
    """The OpenAPI document, made once."""
    app = cast("OpenAPI", current_app)
    if KEPT not in app.extensions:
        app.extensions[KEPT] = document(app)
    return jsonify(app.extensions[KEPT])


@undocumented("/docs")
def documentation() -> str:
    """The page that shows it."""
    return render_template("api/docs.html")
