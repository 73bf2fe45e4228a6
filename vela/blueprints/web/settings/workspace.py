"""The settings of the business: its name, its currency and where its days begin."""

from flask import Response, request

from vela.blueprints.web.answers import done, from_htmx
from vela.blueprints.web.confirming import confirmed_when
from vela.blueprints.web.forms import said, version_seen
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.disputing import disputed
from vela.blueprints.web.settings.looking import put_back, settings_page
from vela.domain.ledger import commands as ledger
from vela.domain.people.access import Act
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import workspace
from vela.errors import Conflict, Invalid, Stale
from vela.intake import read


def moves_books() -> bool:
    """Whether an admin asks for another currency or time zone than the books have, which changes what figures say."""
    if not actor().may(Act.CHANGE_SETTINGS):
        return False
    with database().reading() as session:
        books = workspace(session)
    currency = request.form.get("currency", books.currency).strip().upper()
    return currency != books.currency or request.form.get("time_zone", books.time_zone).strip() != books.time_zone


@pages.get("/settings")
def settings() -> Response:
    """The settings; admins only. Raises Forbidden."""
    with database().reading() as session:
        return settings_page(session)


@pages.post("/settings/workspace")
@confirmed_when(moves_books)
def change_settings() -> Response:
    """Change the name, the currency or the time zone of the books."""
    try:
        with database().transaction() as session:
            words = read(WorkspaceChanges, said("name", "currency", "time_zone"))
            books = ledger.change_settings(session, actor(), words, version=version_seen())
            return done(session, "settings/workspace_changed.html", "/settings", books=books)
    except (Invalid, Conflict) as error:
        if not from_htmx():
            return put_back("workspace", error)
        if not isinstance(error, Stale):
            raise
        with database().reading() as session:
            return disputed(session, error, "workspace")
