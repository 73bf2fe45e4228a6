"""Sign-ins and personal tokens: opening, recognising and ending them."""

import hashlib
import re
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.people.access import Act, Actor, Face, Role, require
from vela.domain.people.intake import NewToken
from vela.domain.people.models import FailedTry, PersonalToken, SignIn, User
from vela.errors import NotFound

LASTS = timedelta(hours=24)
PAUSE = timedelta(minutes=15)
TRIES = 5
TOKEN_PREFIX = "vela_pat_"  # noqa: S105 what secrets begin with, and none itself
USE_NOTED_EVERY = timedelta(minutes=5)


def actor_for(user: User, face: Face, token_name: str = "") -> Actor:
    """The user as an actor; role and rights are those of this moment."""
    return Actor(
        user.id,
        user.username,
        user.display_name,
        Role(user.role),
        user.may_record_sales,
        face,
        token_name,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# ---------- sign-ins


def open_sign_in(session: Session, user: User, agent: str) -> tuple[SignIn, str]:
    """Sign `user` in for 24 hours; returns the row and the key its tokens carry."""
    key = secrets.token_urlsafe(24)
    sign_in = SignIn(
        key_hash=_digest(key),
        user_id=user.id,
        created_at=now(),
        expires_at=now() + LASTS,
        agent="".join(filter(str.isprintable, agent))[:200],
    )
    session.add(sign_in)
    session.flush()
    return sign_in, key


def find_sign_in(session: Session, key: str) -> SignIn | None:
    """The live sign-in of an active user with this key, if there is one."""
    found = session.scalar(select(SignIn).where(SignIn.key_hash == _digest(key)))
    if found is None or found.ended_at or found.expires_at <= now() or not found.user.active:
        return None
    return found


def end_sign_in(session: Session, key: str) -> None:
    """Sign out: both tokens of this sign-in stop working."""
    session.execute(
        update(SignIn).where(SignIn.key_hash == _digest(key), SignIn.ended_at.is_(None)).values(ended_at=now())
    )


def end_all(session: Session, user_id: int, *, tokens: bool) -> None:
    """End every sign-in of a user, and their personal tokens when `tokens` is set."""
    for table in (SignIn, PersonalToken) if tokens else (SignIn,):
        session.execute(update(table).where(table.user_id == user_id, table.ended_at.is_(None)).values(ended_at=now()))


# ---------- wrong passwords


def tries_left(session: Session, username: str, address: str) -> int:
    """How many more wrong passwords this name may see from this address before it has to pause."""
    since = now() - PAUSE
    failed = session.scalar(
        select(func.count())
        .select_from(FailedTry)
        .where(
            FailedTry.username == username,
            FailedTry.address == address,
            FailedTry.at > since,
        )
    )
    return max(0, TRIES - (failed or 0))


def note_failure(session: Session, username: str, address: str) -> None:
    session.add(FailedTry(username=username[:80], address=address[:80], at=now()))
    session.execute(delete(FailedTry).where(FailedTry.at <= now() - PAUSE))
    session.flush()


def forget_failures(session: Session, username: str, address: str) -> None:
    session.execute(delete(FailedTry).where(FailedTry.username == username, FailedTry.address == address))


# ---------- personal tokens


def create_token(session: Session, actor: Actor, user: User, words: NewToken) -> tuple[PersonalToken, str]:
    """A personal token for `user`; returns the row and the secret, which is never to be seen again.

    Raises Forbidden unless it is the actor's own, or the actor may manage users.
    """
    if user.id != actor.user_id:
        require(actor, Act.MANAGE_USERS)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = PersonalToken(
        user_id=user.id,
        name=words.name,
        secret_hash=_digest(secret),
        hint=secret[: len(TOKEN_PREFIX) + 4],
        created_at=now(),
    )
    session.add(token)
    session.flush()
    trail.record(
        session,
        actor,
        "create",
        "token",
        token.id,
        after={"name": words.name, "user": user.username},
    )
    return token, secret


def find_token(session: Session, secret: str) -> PersonalToken | None:
    """The live token of an active user with this secret, if there is one."""
    if not re.fullmatch(TOKEN_PREFIX + "[A-Za-z0-9_-]{20,80}", secret):
        return None
    found = session.scalar(select(PersonalToken).where(PersonalToken.secret_hash == _digest(secret)))
    if found is None or found.ended_at or not found.user.active or (found.expires_at and found.expires_at <= now()):
        return None
    return found


def use_is_due(token: PersonalToken) -> bool:
    """Whether the last use on record is old enough to be worth writing again."""
    return token.last_used_at is None or token.last_used_at < now() - USE_NOTED_EVERY


def note_use(session: Session, token_id: int) -> None:
    session.execute(update(PersonalToken).where(PersonalToken.id == token_id).values(last_used_at=now()))


def tokens_of(session: Session, user_id: int) -> list[PersonalToken]:
    """The live tokens of a user, newest first."""
    mine = PersonalToken.user_id == user_id
    return list(
        session.scalars(
            select(PersonalToken).where(mine, PersonalToken.ended_at.is_(None)).order_by(PersonalToken.id.desc())
        )
    )


def end_token(session: Session, actor: Actor, token_id: int) -> PersonalToken:
    """Revoke one of the actor's own tokens, or anyone's for an admin. Raises NotFound."""
    token = hold(session, PersonalToken, token_id)
    if token is None or token.ended_at or (token.user_id != actor.user_id and actor.role is not Role.ADMIN):
        raise NotFound("token", token_id)
    token.ended_at = now()
    trail.record(session, actor, "revoke", "token", token.id, before={"name": token.name})
    session.flush()
    return token
