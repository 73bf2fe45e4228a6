"""The JSON face under /api."""

from flask_openapi.openapi import OpenAPI

from vela.blueprints.api import documenting, guards, health, routes
from vela.blueprints.api.guards import asker, furnish
from vela.blueprints.api.problems import Unreadable, crashed, http_error, refused, unreadable
from vela.blueprints.api.reading import refuse_invalid
from vela.blueprints.api.retries import replayed

__all__ = ["asker", "crashed", "furnish", "http_error", "make_app", "refused", "register", "replayed"]


def make_app(name: str) -> OpenAPI:
    """The application itself, which collects the documentation of its calls."""
    app = OpenAPI(
        name,
        doc_ui=False,
        info=documenting.INFO,
        security_schemes=documenting.SECURITY,
        validation_error_callback=refuse_invalid,
    )
    # An address with doubled slashes is answered 404 by whichever face it belongs to, not with an HTML redirect.
    app.url_map.merge_slashes = False
    return app


def register(app: OpenAPI) -> None:
    """Add the calls and their guards to the application."""
    guards.protect(app)
    app.register_error_handler(Unreadable, unreadable)
    app.register_api(routes.calls)
    app.register_api(health.calls)
