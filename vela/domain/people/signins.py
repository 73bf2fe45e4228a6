"""Sign-ins and personal tokens: opening, recognising and ending them."""

import hashlib
import re
import secrets
import string
import zlib
from datetime import timedelta

from sqlalchemy import ColumnElement, Update, delete, func, select, update
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.people.access import Act, Actor, Face, Preferences, Role, Scope, require, require_full_reach
from vela.domain.people.intake import NewToken
from vela.domain.people.models import PersonalToken, SignIn, User
from vela.errors import Conflict, NotFound, invalid
from vela.language import gettext as _
from vela.language import ngettext

LASTS = timedelta(hours=24)
IDLE = timedelta(hours=8)
CONFIRMED_FOR = timedelta(minutes=15)
SEEN_NOTED_EVERY = timedelta(minutes=5)
TOKEN_PREFIX = "vela_pat_"  # noqa: S105 what secrets begin with, and none itself
TOKEN_SIGNS = string.digits + string.ascii_letters
TOKEN_LENGTH = 43
CHECKSUM_LENGTH = 6
REMEMBERED = timedelta(days=30)
USE_NOTED_EVERY = timedelta(minutes=5)


def actor_for(user: User, face: Face, token: PersonalToken | None = None) -> Actor:
    """The user as an actor, reaching as far as the `token` they came with; role and rights are those of this moment."""
    return Actor(
        user.id,
        user.username,
        user.display_name,
        Role(user.role),
        user.may_record_sales,
        face,
        token.name if token else "",
        user.must_change_password,
        Preferences(user.language, user.single_keys),
        Scope(token.scope) if token else Scope.ADMIN,
        token.id if token else None,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# ---------- sign-ins


def open_sign_in(session: Session, user: User, agent: str, address: str = "") -> tuple[SignIn, str]:
    """Sign `user` in for 24 hours; returns the row and the key its tokens carry."""
    key = secrets.token_urlsafe(24)
    sign_in = SignIn(
        key_hash=_digest(key),
        user_id=user.id,
        created_at=now(),
        expires_at=now() + LASTS,
        agent="".join(filter(str.isprintable, agent))[:200],
        address=address[:80],
        last_seen_at=now(),
        confirmed_at=now(),
    )
    session.add(sign_in)
    session.flush()
    return sign_in, key


def find_sign_in(session: Session, key: str, idle: timedelta = IDLE) -> SignIn | None:
    """The live sign-in of an active user with this key, if there is one; unused for as long as `idle` it is dead."""
    live = select(SignIn).where(SignIn.key_hash == _digest(key), *_is_live(idle))
    found = session.scalar(live)
    return found if found and found.user.active else None


def _is_live(idle: timedelta) -> tuple[ColumnElement[bool], ...]:
    return SignIn.ended_at.is_(None), SignIn.expires_at > now(), SignIn.last_seen_at > now() - idle


def sight_is_due(sign_in: SignIn) -> bool:
    """Whether the last use on record is old enough to be worth writing again."""
    return sign_in.last_seen_at < now() - SEEN_NOTED_EVERY


def note_sight(session: Session, sign_in_id: int) -> None:
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=now()))


def note_confirmation(session: Session, key: str) -> None:
    """The password was given again just now."""
    session.execute(update(SignIn).where(SignIn.key_hash == _digest(key)).values(confirmed_at=now()))


def is_confirmed(sign_in: SignIn) -> bool:
    """Whether the password was given so lately that what hurts may be done without asking for it again."""
    return sign_in.confirmed_at > now() - CONFIRMED_FOR


def sign_ins_of(session: Session, user_id: int, idle: timedelta = IDLE) -> list[SignIn]:
    """The live sign-ins of a user, last seen first."""
    mine = select(SignIn).where(SignIn.user_id == user_id, *_is_live(idle))
    return list(session.scalars(mine.order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())))


def newest_sign_ins(
    session: Session, user_id: int, idle: timedelta = IDLE, *, before: int | None = None, most: int | None = None
) -> list[SignIn]:
    """The live sign-ins of a user, latest opened first; with `before`, only those with a lower id."""
    mine = select(SignIn).where(SignIn.user_id == user_id, *_is_live(idle)).order_by(SignIn.id.desc()).limit(most)
    return list(session.scalars(mine if before is None else mine.where(SignIn.id < before)))


def how_many_sign_ins(session: Session, user_id: int, idle: timedelta = IDLE) -> int:
    mine = select(func.count(SignIn.id)).where(SignIn.user_id == user_id, *_is_live(idle))
    return session.scalar(mine) or 0


def end_sign_in(session: Session, key: str) -> None:
    """Sign out: both tokens of this sign-in stop working."""
    session.execute(
        update(SignIn).where(SignIn.key_hash == _digest(key), SignIn.ended_at.is_(None)).values(ended_at=now())
    )


def end_one(session: Session, actor: Actor, sign_in_id: int) -> SignIn:
    """End one of the actor's own sign-ins, such as that of a lost phone.

    Raises Forbidden for a narrow token; NotFound.
    """
    require_full_reach(actor)
    found = hold(session, SignIn, sign_in_id)
    if found is None or found.ended_at or found.user_id != actor.user_id:
        raise NotFound("sign-in", sign_in_id)
    found.ended_at = now()
    _note_ended(session, actor, found.user_id, 1)
    session.flush()
    return found


def end_others(session: Session, actor: Actor, key: str) -> int:
    """End all of the actor's sign-ins but the one with this key; returns how many.

    Raises Forbidden for a narrow token.
    """
    require_full_reach(actor)
    mine = SignIn.user_id == (actor.user_id or 0)
    others = update(SignIn).where(mine, SignIn.ended_at.is_(None), SignIn.key_hash != _digest(key))
    ended = len(session.scalars(others.values(ended_at=now()).returning(SignIn.id)).all())
    _note_ended(session, actor, actor.user_id or 0, ended)
    return ended


def sign_out_everywhere(session: Session, actor: Actor, user: User) -> None:
    """End every sign-in of somebody else; their personal tokens stay. Raises Forbidden unless an admin asks."""
    require(actor, Act.MANAGE_USERS)
    ended = end_all(session, user.id, tokens=False)
    _note_ended(session, actor, user.id, ended)


def _note_ended(session: Session, actor: Actor, user_id: int, count: int) -> None:
    """Doors can be closed in books that are read-only, too."""
    after = {"sign_ins": count}
    trail.record(session, actor, "end sign-ins", "user", user_id, after=after, even_when_stopped=True)


def end_all(session: Session, user_id: int, *, tokens: bool) -> int:
    """End every sign-in of a user, and their personal tokens when `tokens` is set; returns how many sign-ins."""
    counts = [
        len(session.scalars(_ending(table).where(table.user_id == user_id).returning(table.id)).all())
        for table in ((SignIn, PersonalToken) if tokens else (SignIn,))
    ]
    return counts[0]


def _ending(table: type[SignIn] | type[PersonalToken]) -> Update:
    return update(table).where(table.ended_at.is_(None)).values(ended_at=now())


def end_everybodys(session: Session) -> None:
    """End every sign-in there is; personal tokens stay."""
    session.execute(_ending(SignIn))


def forget_old(session: Session) -> None:
    """Drop what is known of sign-ins that ended or expired long ago."""
    session.execute(delete(SignIn).where(SignIn.expires_at <= now() - REMEMBERED))


# ---------- personal tokens


def create_token(session: Session, actor: Actor, user: User, words: NewToken) -> tuple[PersonalToken, str]:
    """A personal token for `user`; returns the row and the secret, which is never to be seen again.

    Raises Forbidden unless it is the actor's own, or the actor may manage users; and for whoever came with a token that
    does not reach everything itself. Raises Invalid when it would last longer than the token the actor came with.
    """
    require_full_reach(actor)
    _refuse_outliving(session, actor, words.expires_in_days)
    if user.id != actor.user_id:
        require(actor, Act.MANAGE_USERS)
    secret, at = fresh_secret(), now()
    days = words.expires_in_days
    token = PersonalToken(
        user_id=user.id,
        name=words.name,
        secret_hash=_digest(secret),
        hint=secret[: len(TOKEN_PREFIX) + 4],
        scope=words.scope.value,
        created_at=at,
        expires_at=at + timedelta(days=days) if days is not None else None,
    )
    session.add(token)
    session.flush()
    after = {"name": words.name, "user": user.username, "scope": token.scope, "expires_at": token.expires_at}
    trail.record(session, actor, "create", "token", token.id, after=after)
    return token, secret


def _refuse_outliving(session: Session, actor: Actor, days: int | None) -> None:
    maker = session.get(PersonalToken, actor.token_id) if actor.token_id is not None else None
    if maker is None or maker.expires_at is None:
        return
    most = (maker.expires_at - now()) // timedelta(days=1)
    if not most:
        raise Conflict("ends_soon", _("This token ends in less than a day, and a token makes none that outlasts it."))
    if days is None or days > most:
        words = ngettext(
            "A token makes none that outlasts it: this one ends in %(count)d day. Say at most so many.",
            "A token makes none that outlasts it: this one ends in %(count)d days. Say at most so many.",
            most,
        )
        raise invalid("expires_in_days", "outlasts", words)


def fresh_secret() -> str:
    """256 random bits and their checksum, so that scanners for leaked secrets, and we, know a token from other text."""
    lot = "".join(secrets.choice(TOKEN_SIGNS) for _sign in range(TOKEN_LENGTH))
    return TOKEN_PREFIX + lot + checksum(lot)


def checksum(lot: str) -> str:
    """The CRC-32 of the random part, as six signs of base 62."""
    rest, signs = zlib.crc32(lot.encode()), ""
    for _place in range(CHECKSUM_LENGTH):
        rest, sign = divmod(rest, len(TOKEN_SIGNS))
        signs = TOKEN_SIGNS[sign] + signs
    return signs


def _can_be_a_secret(text: str) -> bool:
    said = text.removeprefix(TOKEN_PREFIX)
    if len(said) == TOKEN_LENGTH + CHECKSUM_LENGTH and said.isalnum() and said.isascii():
        return checksum(said[:TOKEN_LENGTH]) == said[TOKEN_LENGTH:]
    return re.fullmatch("[A-Za-z0-9_-]{43}", said) is not None  # as they were made before they had a checksum


def find_token(session: Session, secret: str) -> PersonalToken | None:
    """The live token of an active user with this secret, if there is one."""
    if not (secret.startswith(TOKEN_PREFIX) and _can_be_a_secret(secret)):
        return None
    found = session.scalar(select(PersonalToken).where(PersonalToken.secret_hash == _digest(secret)))
    if found is None or found.ended_at or found.has_expired or not found.user.active:
        return None
    return found


def use_is_due(token: PersonalToken) -> bool:
    """Whether the last use on record is old enough to be worth writing again."""
    return token.last_used_at is None or token.last_used_at < now() - USE_NOTED_EVERY


def note_use(session: Session, token_id: int) -> None:
    session.execute(update(PersonalToken).where(PersonalToken.id == token_id).values(last_used_at=now()))


def tokens_of(
    session: Session, user_id: int, *, before: int | None = None, most: int | None = None
) -> list[PersonalToken]:
    """The tokens of a user that were not revoked, newest first; those that have expired are among them.

    With `before`, only those with a lower id.
    """
    mine = select(PersonalToken).where(*_unrevoked(user_id)).order_by(PersonalToken.id.desc()).limit(most)
    return list(session.scalars(mine if before is None else mine.where(PersonalToken.id < before)))


def how_many_tokens(session: Session, user_id: int) -> int:
    return session.scalar(select(func.count(PersonalToken.id)).where(*_unrevoked(user_id))) or 0


def _unrevoked(user_id: int) -> tuple[ColumnElement[bool], ...]:
    return PersonalToken.user_id == user_id, PersonalToken.ended_at.is_(None)


def end_token(session: Session, actor: Actor, token_id: int) -> PersonalToken:
    """Revoke one of the actor's own tokens, or anyone's for an admin, in read-only books, too.

    A token of any scope may end itself, and only one of full reach may end another. Raises NotFound; Forbidden.
    """
    if token_id != actor.token_id:
        require_full_reach(actor)
    token = hold(session, PersonalToken, token_id)
    if token is None or token.ended_at or (token.user_id != actor.user_id and actor.role is not Role.ADMIN):
        raise NotFound("token", token_id)
    token.ended_at = now()
    trail.record(session, actor, "revoke", "token", token.id, before={"name": token.name}, even_when_stopped=True)
    session.flush()
    return token
