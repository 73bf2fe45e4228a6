"""Signing in and out: a password for a revocable sign-in, and the two 24-hour tokens that carry it."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

import jwt

from vela.db import Database, hold
from vela.domain.people import passwords, queries, signins
from vela.domain.people.access import Actor, Face
from vela.domain.people.intake import Credentials
from vela.domain.people.models import SignIn, User
from vela.errors import Unauthenticated
from vela.language import gettext as _
from vela.language import ngettext

ALGORITHM = "HS256"
ISSUER = "vela"
PAGES = "vela-page"
API = "vela-api"
COOKIE = "token"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in: the user, the token for the cookie of pages, and the other one for the JSON API."""

    user: User
    page_token: str
    api_token: str


def sign_in(database: Database, secret: bytes, words: Credentials, *, address: str, agent: str) -> SignedIn:
    """Check a password and open a sign-in.

    Raises Unauthenticated with code `wrong_credentials` (data: `tries_left`), or `too_many_tries` (data:
    `retry_after` seconds). Known and unknown names are answered alike.
    """
    username = words.username.lower()
    with database.transaction() as session:
        left = signins.tries_left(session, username, address)
        if not left:
            raise _paused()
        # Counted before the password is looked at, so that guesses sent side by side count one by one.
        signins.note_failure(session, username, address)
        user = queries.user_named(session, username)
    known = user.password_hash if user and user.active else None
    if not passwords.matches(known, words.password) or user is None:
        raise _wrong(left - 1)
    with database.transaction() as session:
        signins.forget_failures(session, username, address)
        held = hold(session, User, user.id)
        if held is None or not held.active or held.password_hash != known:
            raise _wrong(left - 1)
        row, key = signins.open_sign_in(session, held, agent)
        return SignedIn(held, _token(row, key, PAGES, secret), _token(row, key, API, secret))


def _paused() -> Unauthenticated:
    minutes = signins.PAUSE.seconds // 60
    words = _(
        "Too many wrong passwords. Wait %(minutes)d minutes, then try again.",
        minutes=minutes,
    )
    return Unauthenticated("too_many_tries", words, retry_after=signins.PAUSE.seconds)


def _wrong(left: int) -> Unauthenticated:
    words = _("Username or password is not right.")
    tries = ngettext(
        "%(count)d try left before a %(minutes)d minute pause.",
        "%(count)d tries left before a %(minutes)d minute pause.",
        left,
        minutes=signins.PAUSE.seconds // 60,
    )
    return Unauthenticated("wrong_credentials", f"{words} {tries}", tries_left=left)


def _token(row: SignIn, key: str, audience: str, secret: bytes) -> str:
    claims = {
        "sub": str(row.user_id),
        "sid": key,
        "aud": audience,
        "iss": ISSUER,
        "iat": row.created_at.astimezone(UTC),
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
            options={"require": ["exp", "iat", "sub", "sid", "aud", "iss"]},
        )
    except jwt.InvalidTokenError:
        return None


def actor_of_page(database: Database, token: str, secret: bytes) -> tuple[Actor, str] | None:
    """Who a page cookie belongs to, and the key of their sign-in; None when it is not, or no longer, good."""
    claims = claims_of(token, PAGES, secret)
    if claims is None:
        return None
    with database.reading() as session:
        found = signins.find_sign_in(session, str(claims["sid"]))
        return (signins.actor_for(found.user, Face.BROWSER), str(claims["sid"])) if found else None


def actor_of_sign_in(database: Database, key: str, face: Face) -> Actor | None:
    """Who a live sign-in belongs to, by its key."""
    with database.reading() as session:
        found = signins.find_sign_in(session, key)
        return signins.actor_for(found.user, face) if found else None


def actor_of_personal_token(database: Database, secret: str, face: Face) -> Actor | None:
    """Who a personal token belongs to; notes its use now and then. None when it is not, or no longer, good."""
    with database.reading() as session:
        found = signins.find_token(session, secret)
        if found is None:
            return None
        actor = signins.actor_for(found.user, face, found.name)
        due, token_id = signins.use_is_due(found), found.id
    if due:
        with database.transaction() as session:
            signins.note_use(session, token_id)
    return actor


def sign_out(database: Database, key: str) -> None:
    """End a sign-in: its cookie and its API token stop working at once."""
    with database.transaction() as session:
        signins.end_sign_in(session, key)


def cookie(token: str, *, secure: bool) -> dict[str, Any]:
    """How the page cookie is set: out of reach of scripts and other sites, for 24 hours."""
    return {
        "key": COOKIE,
        "value": token,
        "max_age": int(signins.LASTS.total_seconds()),
        "path": "/",
        "httponly": True,
        "samesite": "Lax",
        "secure": secure,
    }
