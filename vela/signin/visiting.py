"""Who comes with a cookie, a token or a name; their use is noted now and then."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from vela.db import Database
from vela.domain.people import queries, signins
from vela.domain.people.access import Actor, Face
from vela.errors import Unavailable
from vela.signin import tickets


class Visit(NamedTuple):
    """Whoever comes with a live sign-in, its key and number, and whether they gave their password just now."""

    actor: Actor
    key: str
    sign_in_id: int
    is_confirmed: bool


def actor_of_page(database: Database, token: str, secret: bytes, idle: timedelta = signins.IDLE) -> Visit | None:
    """Who a page cookie belongs to; None when it is not, or no longer, good."""
    claims = tickets.claims_of(token, tickets.PAGES, secret)
    return visit_of_sign_in(database, str(claims["sid"]), Face.BROWSER, idle) if claims else None


def visit_of_sign_in(database: Database, key: str, face: Face, idle: timedelta = signins.IDLE) -> Visit | None:
    """Who a live sign-in belongs to, by its key; None when it is not, or no longer, good."""
    with database.reading() as session:
        found = signins.find_sign_in(session, key, idle)
        if found is None:
            return None
        visit = Visit(signins.actor_for(found.user, face), key, found.id, signins.is_confirmed(found))
        due = signins.sight_is_due(found)
    if due:
        _note(database, lambda session: signins.note_sight(session, visit.sign_in_id))
    return visit


def _note(database: Database, what: Callable[[Session], None]) -> None:
    """Write down a use: whoever comes to look is let in while nothing can be written."""
    with suppress(Unavailable), database.transaction() as session:
        what(session)


def actor_of_personal_token(database: Database, secret: str, face: Face) -> Actor | None:
    """Who a personal token belongs to; notes its use now and then. None when it is not, or no longer, good."""
    with database.reading() as session:
        found = signins.find_token(session, secret)
        if found is None:
            return None
        actor = signins.actor_for(found.user, face, found)
        due, token_id = signins.use_is_due(found), found.id
    if due:
        _note(database, lambda session: signins.note_use(session, token_id))
    return actor


def actor_of_name(database: Database, username: str, face: Face) -> Actor | None:
    """The active user of that name, for whoever may read the database file anyway; None without one."""
    with database.reading() as session:
        user = queries.user_named(session, username)
        return signins.actor_for(user, face) if user is not None and user.active else None
