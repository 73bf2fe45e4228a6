"""A new secret in place of the old one: what is sealed is sealed anew, and everybody signs in again.

It can be killed at any point. Until the new key is in its place it waits beside the old one, and what is sealed can be
opened with either; doing it again goes on where it stopped.
"""

from vela import locks
from vela.db import Database
from vela.domain.audit import trail
from vela.domain.notifying import sealed
from vela.domain.people import second_factor, signins
from vela.domain.people.access import operator
from vela.errors import Conflict
from vela.language import gettext as _
from vela.sealing import Sealer
from vela.settings import Settings


def rotate_secret(settings: Settings, database: Database) -> int:
    """Put a new key in place; returns how many second factors were sealed anew.

    Raises Conflict while Vela serves, because it would go on with the old key; BadSetting.
    """
    try:
        with locks.held(settings.serving_lock):
            return _rotate(settings, database)
    except locks.Held:
        raise Conflict("serving", _("Stop Vela first: it would go on with the old secret.")) from None


def _rotate(settings: Settings, database: Database) -> int:
    old, new = settings.secret(), settings.begin_next_secret()
    with database.transaction() as session:
        either, fresh = Sealer(new, old), Sealer(new)
        resealed, webhooks = second_factor.reseal(session, either, fresh), sealed.reseal(session, either, fresh)
        signins.end_everybodys(session)
        after = {"second_factors": resealed} | ({"webhooks": webhooks} if webhooks else {})
        trail.record(session, operator(), "rotate secret", "books", None, after=after, even_when_stopped=True)
    settings.put_next_secret_in_place()
    return resealed
