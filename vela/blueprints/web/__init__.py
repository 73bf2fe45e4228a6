"""The browser's face: pages, fragments and forms."""

from flask import Flask

from vela.blueprints.web import figures, guards, routes
from vela.blueprints.web.refusals import crashed, http_error, refused

__all__ = ["crashed", "http_error", "refused", "register"]


def register(app: Flask) -> None:
    """Add the pages, their guards and their template filters to the application."""
    guards.protect(app)
    figures.teach(app)
    app.register_blueprint(routes.pages)
