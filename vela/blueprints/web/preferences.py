"""What everybody chooses for themselves: their language, and whether single keys act."""

from flask import Response

from vela.blueprints.web import speaking
from vela.blueprints.web.answers import told
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.domain.people import commands
from vela.domain.people.intake import PreferencesChosen
from vela.intake import read
from vela.language import gettext as _


@pages.post("/account/preferences")
def choose_preferences() -> Response:
    """Speak this language from now on, also on the sign-in page of this browser; let single keys act, or not."""
    words = read(PreferencesChosen, said("language", ticks=("single_keys",)))
    with database().transaction() as session:
        commands.change_preferences(session, actor(), words)
    speaking.speak_as_asked(words.language)
    return speaking.remember(told(_("Saved."), "/account"), words.language)
