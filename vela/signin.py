"""Signing in and out: a password, and a code of whoever has one, for a revocable sign-in and the tokens of it."""

import hashlib
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, NamedTuple

import jwt
from sqlalchemy.orm import Session

from vela import events
from vela.clock import now
from vela.db import Database, find, hold
from vela.domain.people import commands, passwords, queries, second_factor, signins, tries
from vela.domain.people.access import Actor, Face
from vela.domain.people.intake import Credentials, GivenCode, NewPassword
from vela.domain.people.models import SignIn, User
from vela.domain.people.tries import Try
from vela.errors import Unauthenticated, Unavailable, invalid
from vela.language import gettext as _
from vela.language import ngettext
from vela.sealing import Sealer

ALGORITHM = "HS256"
ISSUER = "vela"
PAGES = "vela-page"
API = "vela-api"
SECOND_STEP = "vela-second-step"
HALFWAY_LASTS = timedelta(minutes=10)
COOKIE = "token"


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
    claims = claims_of(halfway, SECOND_STEP, door.secret)
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
            return SignedIn(held, _token(row, key, PAGES, door.secret), _token(row, key, API, door.secret))
    raise refusal  # outside, so that what was counted stays counted


def _refusal_of_code(session: Session, door: Door, user: User, one: Try, code: str | None) -> Unauthenticated | None:
    if code is None:
        tries.withdraw(session, one)
        return SecondFactorNeeded(_halfway(user, door.secret))
    tries.require_no_pause_of_codes(session, one.username, one.address)
    if second_factor.accepts(session, signins.actor_for(user, door.face), door.sealer, code):
        return None
    tries.was_of_code(session, one)
    return Unauthenticated("wrong_code", _wrong_code(one.left), tries_left=one.left)


def _halfway(user: User, secret: bytes) -> str:
    """What proves for a few minutes that the password was right, and is still the same."""
    until = now() + HALFWAY_LASTS
    said = {"sub": str(user.id), "sid": _mark(user.password_hash), "aud": SECOND_STEP, "iss": ISSUER}
    return jwt.encode(said | {"exp": until}, secret, algorithm=ALGORITHM)


def _mark(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:32]


def _wrong(left: int) -> Unauthenticated:
    words = _("Username or password is not right.")
    return Unauthenticated("wrong_credentials", f"{words} {_left(left)}", tries_left=left)


def _wrong_code(left: int) -> str:
    return " ".join((_("That code is not right."), _left(left)))


def _wrong_password(left: int) -> str:
    return " ".join((_("That is not your current password."), _left(left)))


def _left(left: int) -> str:
    return ngettext(
        "%(count)d try left before a %(minutes)d minute pause.",
        "%(count)d tries left before a %(minutes)d minute pause.",
        left,
        minutes=tries.NAME_AT_ADDRESS.within.seconds // 60,
    )


# ---------- whoever is signed in proves again who they are


def prove_password(database: Database, actor: Actor, password: str, address: str) -> str:
    """Check the password of whoever is signed in, outside of any transaction; returns the hash it was compared with.

    Raises Invalid under `current_password`; Unauthenticated with code `too_many_tries`.
    """
    one = _begin_again(database, actor, address)
    with database.reading() as session:
        kept = queries.user(session, actor.user_id or 0).password_hash
    if not passwords.matches(kept, password):
        events.sign_in_refused("wrong_confirmation", actor.username, address)
        raise invalid("current_password", "password", _wrong_password(one.left))
    with database.transaction() as session:
        tries.forget(session, one, codes=False)
    return kept


def _begin_again(database: Database, actor: Actor, address: str, *, of_code: bool = False) -> Try:
    """Count a guess of whoever is signed in, before it is looked at; the log is told when it has to wait."""
    try:
        with database.transaction() as session:
            return tries.begin(session, actor.username, address, signed_in=True, of_code=of_code)
    except Unauthenticated as refusal:
        events.sign_in_refused(refusal.code, actor.username, address)
        raise


def confirm(database: Database, actor: Actor, key: str, password: str, address: str) -> None:
    """Let whoever is signed in do what hurts, for a while. Raises what `prove_password` raises."""
    prove_password(database, actor, password, address)
    with database.transaction() as session:
        signins.note_confirmation(session, key)


def change_password(database: Database, actor: Actor, words: NewPassword, address: str) -> None:
    """A new password for whoever is signed in, which ends all their sign-ins and tokens.

    Raises Invalid under the field at fault; Unauthenticated with code `too_many_tries`; Conflict.
    """
    proven = prove_password(database, actor, words.current_password, address)
    if words.new_password == words.current_password:
        raise invalid("new_password", "password", _("That is the password you have. Choose another one."))
    kept = passwords.accepted(words.new_password, actor.username, "new_password")
    with database.transaction() as session:
        commands.change_own_password(session, actor, proven, kept)


@contextmanager
def proving_code(
    database: Database,
    actor: Actor,
    sealer: Sealer,
    words: GivenCode,
    address: str,
    transaction: AbstractContextManager[Session],
) -> Generator[Session]:
    """`transaction`, begun with a right code of the second factor of whoever is signed in, for what needs one.

    Raises Invalid under `code`; Conflict without a second factor; Unauthenticated with code `too_many_tries`; and what
    beginning `transaction` raises, which is no wrong guess.
    """
    one = _begin_again(database, actor, address, of_code=True)
    is_wrong = False
    try:
        with transaction as session:
            is_wrong = not second_factor.accepts(session, actor, sealer, words.code)
            if is_wrong:
                raise invalid("code", "code", _wrong_code(one.left))
            tries.forget(session, one, codes=True)
            yield session
    except Exception:
        _took_back_or_told(database, actor, one, is_wrong=is_wrong)
        raise


def _took_back_or_told(database: Database, actor: Actor, one: Try, *, is_wrong: bool) -> None:
    if is_wrong:
        events.sign_in_refused("wrong_confirmation", actor.username, one.address)
        return
    with database.transaction() as session:
        tries.withdraw(session, one)


# ---------- tokens


def _token(row: SignIn, key: str, audience: str, secret: bytes) -> str:
    claims = {
        "sub": str(row.user_id),
        "sid": key,
        "aud": audience,
        "iss": ISSUER,
        "exp": row.expires_at.astimezone(UTC),
        "jti": f"{audience}-{row.id}",
        "type": "access",
        "fresh": False,
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def claims_of(token: str, audience: str, secret: bytes) -> dict[str, Any] | None:
    """The claims of a genuine, unexpired token for `audience`; None for any other text."""
    try:
        return jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=ISSUER,
            options={"require": ["exp", "sub", "sid", "aud", "iss"]},
        )
    except jwt.InvalidTokenError:
        return None


class Visit(NamedTuple):
    """Whoever comes with a live sign-in, its key and number, and whether they gave their password just now."""

    actor: Actor
    key: str
    sign_in_id: int
    is_confirmed: bool


def actor_of_page(database: Database, token: str, secret: bytes, idle: timedelta = signins.IDLE) -> Visit | None:
    """Who a page cookie belongs to; None when it is not, or no longer, good."""
    claims = claims_of(token, PAGES, secret)
    return _visit(database, str(claims["sid"]), Face.BROWSER, idle) if claims else None


def actor_of_sign_in(database: Database, key: str, face: Face, idle: timedelta = signins.IDLE) -> Actor | None:
    """Who a live sign-in belongs to, by its key."""
    visit = _visit(database, key, face, idle)
    return visit.actor if visit else None


def _visit(database: Database, key: str, face: Face, idle: timedelta) -> Visit | None:
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
        actor = signins.actor_for(found.user, face, found.name)
        due, token_id = signins.use_is_due(found), found.id
    if due:
        _note(database, lambda session: signins.note_use(session, token_id))
    return actor


def sign_out(database: Database, key: str) -> None:
    """End a sign-in: its cookie and its API token stop working at once."""
    with database.transaction() as session:
        signins.end_sign_in(session, key)


def cookie(token: str, *, secure: bool) -> dict[str, Any]:
    """How the page cookie is set: out of reach of scripts and other sites, for 24 hours."""
    return no_cookie(secure=secure) | {"value": token, "max_age": int(signins.LASTS.total_seconds())}


def no_cookie(*, secure: bool) -> dict[str, Any]:
    """How the page cookie is taken back: by what it was set with."""
    return {"key": COOKIE, "path": "/", "httponly": True, "samesite": "Lax", "secure": secure}
