"""The browser's face: pages, fragments and forms."""

from flask import Flask

from vela.blueprints.web import figures, guards, naming, routes
from vela.blueprints.web.answers import replayed
from vela.blueprints.web.guards import asker
from vela.blueprints.web.refusals import crashed, http_error, refused
from vela.blueprints.web.speaking import begin as begin_speaking

__all__ = ["asker", "begin_speaking", "crashed", "http_error", "refused", "register", "replayed"]


def register(app: Flask) -> None:
    """Add the pages, their guards and their template filters to the application."""
    guards.protect(app)
    figures.teach(app)
    naming.teach(app)
    app.context_processor(lambda: {"open_http": guards.vela().settings.is_open_http})
    app.register_blueprint(routes.pages)
