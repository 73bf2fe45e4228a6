"""The application, put together in reading order: settings, database, faces, headers, what happens when things go wrong."""

from flask import Flask
from flask_openapi import Info, OpenAPI
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from vela import __version__
from vela.blueprints import api, web
from vela.errors import Refusal
from vela.settings import Settings
from vela.wiring import wire

MOST_BYTES = 1024 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(settings: Settings | None = None) -> Flask:
    """A Vela ready to serve requests. Raises BadSetting when a setting makes no sense."""
    vela = wire(settings or Settings.from_environment())
    app = OpenAPI(
        __name__,
        info=Info(title="Vela", version=__version__),
        security_schemes=api.SECURITY,
        doc_ui=False,
    )
    app.secret_key = vela.secret
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.extensions["vela"] = vela
    if vela.settings.trusted_hops:
        hops = vela.settings.trusted_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    web.register(app)
    api.register(app)
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_crash)
    app.after_request(_protect)
    return app
