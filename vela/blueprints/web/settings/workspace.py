"""The settings of the business: its name, its currency and where its days begin."""

from flask import Response

from vela.blueprints.web.answers import done, from_htmx
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import put_back, settings_page
from vela.domain.ledger import commands as ledger
from vela.domain.workspace.intake import WorkspaceChanges
from vela.errors import Conflict, Invalid
from vela.intake import read


@pages.get("/settings")
def settings() -> Response:
    """The settings; admins only. Raises Forbidden."""
    with database().reading() as session:
        return settings_page(session)


@pages.post("/settings/workspace")
def change_settings() -> Response:
    """Change the name, the currency or the time zone of the books."""
    try:
        with database().transaction() as session:
            words = read(WorkspaceChanges, said("name", "currency", "time_zone"))
            books = ledger.change_settings(session, actor(), words)
            return done(session, "settings/workspace_changed.html", "/settings", books=books)
    except (Invalid, Conflict) as error:
        if from_htmx():
            raise
        return put_back("workspace", error)
