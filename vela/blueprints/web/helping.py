"""Help: the list of keys, as a sheet over any page or as a page of its own."""

from flask import Response

from vela.blueprints.web.answers import from_htmx, page, partials
from vela.blueprints.web.guards import database
from vela.blueprints.web.routes import pages


@pages.get("/help/keys")
def keys() -> Response:
    """Every key and what it does."""
    with database().reading() as session:
        if from_htmx():
            return partials(session, "help/keys_shown.html")
        return page(session, "help/keys.html", here="help")
