"""The statement of profit and loss."""

from flask import Response

from vela.blueprints.web.answers import page
from vela.blueprints.web.guards import database
from vela.blueprints.web.routes import pages


@pages.get("/profit")
def profit() -> Response:
    """The statement of twelve months."""
    with database().reading() as session:
        return page(session, "profit/profit.html", here="profit")
