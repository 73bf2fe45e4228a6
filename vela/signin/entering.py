"""Signing in and out: a password, and a code of whoever has one, for a revocable sign-in and the tokens of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import jwt
from sqlalchemy.orm import Session

from vela import events
from vela.clock import now
from vela.db import Database, find, hold
from vela.domain.people import passwords, queries, second_factor, signins, tries
from vela.domain.people.access import Face
from vela.domain.people.intake import Credentials, GivenCode
from vela.domain.people.models import User
from vela.domain.people.tries import Try
from vela.errors import Unauthenticated
from vela.language import gettext as _
from vela.sealing import Sealer
from vela.signin import tickets, wording

HALFWAY_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in: the user, the token for the cookie of pages, and the other one for the JSON API."""

    user: User
    page_token: str
    api_token: str


class SecondFactorNeeded(Unauthenticated):
    """The password was right, and a code is needed too; `halfway` is what `finish_sign_in` takes together with it."""

    def __init__(self, halfway: str) -> None:
        words = _("Enter the six digits that your app shows, or a recovery code.")
        super().__init__("second_factor_needed", words)
        self.halfway = halfway


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody signs in: what tokens are signed and secrets sealed with, and where the request came from."""

    database: Database
    secret: bytes
    sealer: Sealer
    face: Face
    address: str
    agent: str


def sign_in(
    database: Database,
    secret: bytes,
    words: Credentials,
    *,
    address: str,
    agent: str,
    face: Face = Face.BROWSER,
    sealer: Sealer | None = None,
) -> SignedIn:
    """Check a password, and the code of whoever has a second factor, and open a sign-in; the log is told either way.

    `sealer` opens the secrets of second factors; without one, that of `secret` does. Raises SecondFactorNeeded when the
    password was right and no code was said; Unauthenticated with code `wrong_credentials` or `wrong_code` (data:
    `tries_left`), or `too_many_tries` (data: `retry_after` seconds). Known and unknown names are answered alike.
    """
    door = Door(database, secret, sealer or Sealer(secret), face, address, agent)
    return _told(door, words.username.lower(), lambda: _sign_in(door, words))


def finish_sign_in(door: Door, halfway: str, words: GivenCode) -> SignedIn:
    """Check the code after the password. Raises Unauthenticated, with code `sign_in_needed` to begin anew."""
    claims = tickets.claims_of(halfway, tickets.SECOND_STEP, door.secret)
    with door.database.reading() as session:
        user = find(session, User, int(claims["sub"])) if claims else None
    if claims is None or user is None or claims["sid"] != _mark(user.password_hash):
        raise Unauthenticated("sign_in_needed", _("That took too long. Enter your password again."))
    return _told(door, user.username, lambda: _open(door, user, _begin(door, user.username), words.code))


def _told(door: Door, username: str, attempt: Callable[[], SignedIn]) -> SignedIn:
    try:
        opened = attempt()
    except SecondFactorNeeded:
        raise
    except Unauthenticated as refusal:
        events.sign_in_refused(refusal.code, _known(door.database, username), door.address)
        raise
    events.signed_in(opened.user.username, door.address)
    return opened


def _known(database: Database, username: str) -> str:
    """The name, if it is somebody's."""
    with database.reading() as session:
        return username if queries.user_named(session, username) else ""


def _sign_in(door: Door, words: Credentials) -> SignedIn:
    one = _begin(door, words.username.lower())
    with door.database.reading() as session:
        user = queries.user_named(session, words.username)
    known = user.password_hash if user and user.active else None
    if not passwords.matches(known, words.password) or user is None:
        raise _wrong(one.left)
    return _open(door, user, one, words.totp)


def _begin(door: Door, username: str) -> Try:
    """Count the guess before it is looked at, so that those sent side by side count one by one."""
    with door.database.reading() as session:  # whoever has to wait keeps no writer waiting
        tries.require_no_pause(session, username, door.address)
    with door.database.transaction() as session:
        return tries.begin(session, username, door.address)


def _open(door: Door, user: User, one: Try, code: str | None) -> SignedIn:
    """A sign-in for a user whose password was right, if it still is theirs and the code is right, too."""
    with door.database.transaction() as session:
        held = hold(session, User, user.id)
        if held is None or not held.active or held.password_hash != user.password_hash:
            raise _wrong(one.left)
        has_code = second_factor.is_on(session, held.id)
        refusal = _refusal_of_code(session, door, held, one, code) if has_code else None
        if refusal is None:
            tries.forget(session, one, codes=has_code)
            row, key = signins.open_sign_in(session, held, door.agent, door.address)
            return SignedIn(
                held,
                tickets.token_of(row, key, tickets.PAGES, door.secret),
                tickets.token_of(row, key, tickets.API, door.secret),
            )
    raise refusal  # outside, so that what was counted stays counted


def _refusal_of_code(session: Session, door: Door, user: User, one: Try, code: str | None) -> Unauthenticated | None:
    if code is None:
        tries.withdraw(session, one)
        return SecondFactorNeeded(_halfway(user, door.secret))
    tries.require_no_pause_of_codes(session, one.username, one.address)
    if second_factor.accepts(session, signins.actor_for(user, door.face), door.sealer, code):
        return None
    tries.was_of_code(session, one)
    return Unauthenticated("wrong_code", wording.wrong_code(one.left), tries_left=one.left)


def _halfway(user: User, secret: bytes) -> str:
    """What proves for a few minutes that the password was right, and is still the same."""
    until = now() + HALFWAY_LASTS
    said = {"sub": str(user.id), "sid": _mark(user.password_hash), "aud": tickets.SECOND_STEP, "iss": tickets.ISSUER}
    return jwt.encode(said | {"exp": until}, secret, algorithm=tickets.ALGORITHM)


def _mark(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:32]


def _wrong(left: int) -> Unauthenticated:
    words = _("Username or password is not right.")
    return Unauthenticated("wrong_credentials", f"{words} {wording.tries_left(left)}", tries_left=left)


def sign_out(database: Database, key: str) -> None:
    """End a sign-in: its cookie and its API token stop working at once."""
    with database.transaction() as session:
        signins.end_sign_in(session, key)
