"""The state of the books, for admins: what the last check found, the end of the trail, and the closed months."""

from flask import Response

from vela import checking
from vela.blueprints.web.answers import away, page, told
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.domain.audit import chain
from vela.domain.ledger import closing
from vela.domain.people.access import Act, require
from vela.language import gettext as _


@pages.get("/settings/books")
def state_of_books() -> Response:
    """What the last check found, the newest hash of the trail, and the closed months; admins only."""
    require(actor(), Act.CHANGE_SETTINGS)
    with database().reading() as session:
        return page(
            session,
            "settings/books.html",
            here="settings",
            last=checking.last_result(session),
            tip=chain.head(session),
            months=closing.closed_months(session),
        )


@pages.post("/settings/books/check")
def check_books() -> Response:
    """Make every stored figure again from its parts, now; what fails makes Vela read-only."""
    require(actor(), Act.CHANGE_SETTINGS)
    found = checking.check(database())
    if not found:
        return told(_("Everything adds up."), "/settings/books")
    return away("/settings/books")
