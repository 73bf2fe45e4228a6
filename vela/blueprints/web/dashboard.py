"""The dashboard: how this month is going."""

from flask import Response

from vela.blueprints.web.answers import page
from vela.blueprints.web.guards import database
from vela.blueprints.web.routes import pages


@pages.get("/")
def dashboard() -> Response:
    """This month at a glance."""
    with database().reading() as session:
        return page(session, "dashboard/dashboard.html", here="dashboard")
