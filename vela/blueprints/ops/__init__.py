"""The operator's face: a line of the log for every request, and what is counted, for Prometheus."""

from flask import Flask

from vela.blueprints.ops import metrics
from vela.blueprints.ops.bringing import brought
from vela.blueprints.ops.requests import Watched, Who, route

__all__ = ["brought", "register", "route"]


def register(app: Flask, who: Who) -> None:
    """Watch every request of the application; `who` says on which face it came, and whose it is."""
    app.register_blueprint(metrics.pages)
    app.wsgi_app = Watched(app, app.wsgi_app, who)
