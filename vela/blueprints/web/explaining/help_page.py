"""The page that explains everything."""

from flask import Response

from vela.blueprints.web.answers import page, settle
from vela.blueprints.web.explaining import of_months, of_offers, of_rules
from vela.blueprints.web.guards import database
from vela.blueprints.web.routes import pages


@pages.get("/help")
def explained() -> Response:
    """Each figure with its formula and an example, the ways in and out, and the keys."""
    with database().reading() as session:
        settle(session)
        figures = (of_offers.section(), of_months.section())
        rules = (of_rules.what_stays(), of_rules.how_written())
        return page(session, "help/help.html", here="help", figures=figures, rules=rules)
