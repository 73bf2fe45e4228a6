"""The history of all changes as a file, for admins: all that the list can be turned to, not one page of it."""

from flask import Response

from vela.blueprints.web.files import files, sent
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.settings.history import chosen_history
from vela.domain.people.access import Act, require
from vela.exports.trail import trail


@files("/settings/trail")
def history_of_all_file(ending: str) -> Response:
    """Every change of the chosen kind and person, newest first; admins only. Raises Forbidden."""
    require(actor(), Act.CHANGE_SETTINGS)
    choice = chosen_history()
    with database().reading() as session:
        return sent(session, ending, trail(session, subject=choice.subject, username=choice.user))
