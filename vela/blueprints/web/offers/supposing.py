"""What if: the figures of an offer at supposed costs and prices, with nothing saved."""

from flask import Response

from vela.blueprints.web.answers import from_htmx, partials
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import database
from vela.blueprints.web.offers.looking import offer_page
from vela.blueprints.web.offers.scenario import FIELDS, scenario_of
from vela.blueprints.web.routes import pages
from vela.domain.catalog import queries
from vela.domain.catalog.intake import Supposition
from vela.intake import read


@pages.post("/offers/<int:offer_id>/what-if")
def what_if(offer_id: int) -> Response:
    """The figures of an offer at supposed prices; without script, its page with them."""
    supposition = read(Supposition, said(*FIELDS))
    with database().reading() as session:
        if not from_htmx():
            return offer_page(session, offer_id, supposition=supposition)
        shown = queries.service(session, offer_id)
        return partials(session, "offers/supposed.html", offer=shown, **scenario_of(shown, supposition))
