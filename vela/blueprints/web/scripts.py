"""Where pages fetch our own scripts, those that they need as one file."""

from flask import Response, abort

from vela.blueprints.web import bundles
from vela.blueprints.web.routes import pages

MOST = 12
FOR_GOOD = "public, max-age=31536000, immutable"


@pages.get("/scripts/<names>.js")
def together(names: str) -> Response:
    """The scripts whose names stand between commas, one after the other; 404 when there is no such script."""
    wanted = tuple(names.split(","))
    if len(wanted) > MOST or len(set(wanted)) < len(wanted) or not bundles.known().issuperset(wanted):
        abort(404)
    response = Response(bundles.contents(wanted), mimetype="text/javascript")
    response.headers["Cache-Control"] = FOR_GOOD
    return response
