"""Where pages fetch our own scripts, those that they need as one file."""

from flask import Response, abort, request

from vela.blueprints.web import bundles
from vela.blueprints.web.answers import fingerprint_of
from vela.blueprints.web.routes import pages

MOST = 12
FOR_GOOD = "public, max-age=31536000, immutable"


@pages.get("/scripts/<names>.js")
def together(names: str) -> Response:
    """The scripts whose names stand between commas, one after the other; 404 when there is no such script."""
    wanted = tuple(names.split(","))
    if len(wanted) > MOST or len(set(wanted)) < len(wanted) or not bundles.known().issuperset(wanted):
        abort(404)
    contents = bundles.contents(wanted)
    response = Response(contents, mimetype="text/javascript")
    # While a new version starts, a page of the one may ask the other: its scripts are not kept under a false mark.
    known = request.args.get("v") == fingerprint_of(contents)
    response.headers["Cache-Control"] = FOR_GOOD if known else "no-cache"
    return response
