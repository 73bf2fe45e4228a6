"""A new offer: its form, and making it."""

from http import HTTPStatus

from flask import Response, request

from vela.blueprints.web import forms
from vela.blueprints.web.answers import away, page
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.offers.typed import BOOKKEEPING, OFFER_NUMBERS, typed
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.domain.catalog.commands import create_service
from vela.domain.catalog.intake import NewService
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Invalid
from vela.intake import read


@pages.get("/offers/new")
def new_offer() -> Response:
    """The form of a new offer."""
    require(actor(), Act.CHANGE_OFFERS)
    return _form({})


@pages.post("/offers")
def create_offer() -> Response:
    """Make an offer, then go to its page; a refusal shows the form again with what was typed."""
    try:
        with once(Act.CHANGE_OFFERS) as session:
            offer = create_service(session, actor(), read(NewService, typed(OFFER_NUMBERS)))
            page_of_it = f"/offers/{offer.id}?add=1"
            return keep(session, away(page_of_it), page_of_it)
    except Invalid as error:
        return _form(forms.complaints(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as error:
        return _form({error.data.get("field") or "": error.message}, HTTPStatus.CONFLICT)


def _form(errors: dict[str, str], status: int = 200) -> Response:
    entered = {name: value for name, value in request.form.items() if name not in BOOKKEEPING}
    with database().reading() as session:
        return page(session, "offers/new.html", status, here="offers", entered=entered, errors=errors)
