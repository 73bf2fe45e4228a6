"""Personal tokens that an admin makes for somebody else."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.account import fresh_token, shown_once
from vela.blueprints.web.answers import from_htmx, page, partials
from vela.blueprints.web.confirming import admins_recently_confirmed
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.domain.people import queries, signins
from vela.domain.people.access import Act, require
from vela.domain.people.intake import NewToken
from vela.errors import Invalid
from vela.intake import read
from vela.problems import status_of


@pages.get("/settings/users/<int:user_id>/tokens")
def tokens_of_user(user_id: int) -> Response:
    """The live tokens of a user, and a form for another; admins only."""
    with database().reading() as session:
        require(actor(), Act.MANAGE_USERS)
        return _tokens_page(session, user_id)


@pages.post("/settings/users/<int:user_id>/tokens")
@admins_recently_confirmed
def create_token_for(user_id: int) -> Response:
    """A token for a user; this answer is the only one that ever shows its secret."""
    try:
        with once(Act.MANAGE_USERS) as session:
            user = queries.user(session, user_id)
            words = read(NewToken, said("name", "scope", "expires_in_days"))
            token, secret = signins.create_token(session, actor(), user, words)
            shown = fresh_token(secret)
            if from_htmx():
                response = partials(session, "account/token_created.html", token=token, **shown)
            else:
                response = _tokens_page(session, user_id, 201, **shown)
            return keep(session, response, f"/settings/users/{user_id}/tokens", instead=shown_once(token))
    except Invalid as error:
        if from_htmx():
            raise
        with database().reading() as session:
            return _tokens_page(session, user_id, status_of(error), refused=kept("token-new", error))


def _tokens_page(session: Session, user_id: int, status: int = 200, **more: Any) -> Response:
    holder = queries.user(session, user_id)
    tokens = signins.tokens_of(session, user_id)
    return page(session, "settings/tokens.html", status, here="settings", holder=holder, tokens=tokens, **more)
