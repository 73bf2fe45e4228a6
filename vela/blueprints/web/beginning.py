"""The first steps in new books, as the dashboard and the first offer show them."""

from flask import Response, request

from vela.blueprints.web.answers import away, told
from vela.blueprints.web.confirming import confirmed_when
from vela.blueprints.web.dashboard import dashboard_page
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.blueprints.web.settings.workspace import moves_books
from vela.domain.insight import beginning
from vela.domain.ledger import commands as ledger
from vela.domain.people.access import Act
from vela.domain.workspace.intake import WorkspaceChanges
from vela.errors import Conflict, Invalid
from vela.intake import read
from vela.language import gettext as _
from vela.problems import status_of

NEXT = "/transactions#new-sale"


@pages.post("/first-steps/books")
@confirmed_when(moves_books)
def settle_books() -> Response:
    """Give the books their name and their currency; a refusal shows the dashboard with what was typed."""
    try:
        with database().transaction() as session:
            ledger.change_settings(session, actor(), read(WorkspaceChanges, said("name", "currency")))
    except (Invalid, Conflict) as error:
        with database().reading() as session:
            return dashboard_page(session, status_of(error), refused=kept("first-books", error))
    return told(_("Saved."), "/")


@pages.post("/first-steps/offer")
def begin_with_example() -> Response:
    """Make one of the example offers, and go to its prices."""
    with once(Act.CHANGE_OFFERS) as session:
        offer = beginning.begin_with(session, actor(), request.form.get("example", ""))
        path = f"/offers/{offer.id}"
        return keep(session, away(path), path)


@pages.post("/first-steps/prices")
def confirm_prices() -> Response:
    """The prices are right: on to the first sale."""
    with database().transaction() as session:
        beginning.confirm_prices(session, actor())
    return away(NEXT)


@pages.post("/first-steps/end")
def end_first_steps() -> Response:
    """Show the first steps no more."""
    with database().transaction() as session:
        beginning.end(session, actor())
    return told(_("The first steps are put away. Help has them still."), "/")
