"""The second factor: six digits that change every half minute (TOTP, RFC 6238), and codes for when it is lost."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from pyotp import random_base32
from pyotp.totp import TOTP
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.people import signins
from vela.domain.people.access import Act, Actor, require, require_person
from vela.domain.people.models import RecoveryCode, SecondFactor, User
from vela.errors import Conflict, invalid
from vela.language import gettext as _
from vela.sealing import Broken, Sealer

ISSUER = "Vela"
STEP_SECONDS = 30
DRIFT = (-1, 0, 1)  # steps that a clock may be off by
SETTING_UP_STEPS = 60  # half an hour, from the secret to the first code
RECOVERY_CODES = 10
CODE_LETTERS = 16  # of five bits each
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app that makes codes has to be told, as text and as the address that its QR code holds."""

    secret: str
    address: str


def is_on(session: Session, user_id: int) -> bool:
    """Whether a user has to give a code to sign in."""
    found = session.get(SecondFactor, user_id)
    return found is not None and found.confirmed_at is not None


def users_with(session: Session) -> set[int]:
    """The ids of all users who have to give a code to sign in."""
    return set(session.scalars(select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None))))


def enrol(session: Session, actor: Actor, sealer: Sealer) -> Enrolment:
    """Begin: a fresh secret, which counts for nothing until `confirm`.

    Raises Forbidden for a personal token; Conflict when there is a factor.
    """
    require_person(actor)
    user_id = actor.user_id or 0
    factor = hold(session, SecondFactor, user_id)
    if factor and factor.confirmed_at:
        raise Conflict("second_factor_on", _("Your second factor is set up already. Turn it off to set up another."))
    secret = random_base32()
    sealed = sealer.seal(secret, _place(user_id))
    session.merge(SecondFactor(user_id=user_id, sealed=sealed, confirmed_at=None, last_step=_step() + DRIFT[0] - 1))
    session.flush()
    return _enrolment(secret, actor.username)


def under_way(session: Session, actor: Actor, sealer: Sealer) -> Enrolment | None:
    """What was begun in the last half hour and not confirmed yet."""
    factor = session.get(SecondFactor, actor.user_id or 0)
    if factor is None or not _is_under_way(factor):
        return None
    try:
        return _enrolment(sealer.open(factor.sealed, _place(factor.user_id)), actor.username)
    except Broken:
        return None


def _is_under_way(factor: SecondFactor) -> bool:
    return factor.confirmed_at is None and factor.last_step >= _step() - SETTING_UP_STEPS


def _step() -> int:
    return int(now().timestamp()) // STEP_SECONDS


def _enrolment(secret: str, username: str) -> Enrolment:
    return Enrolment(secret, TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER))


def confirm(session: Session, actor: Actor, sealer: Sealer, code: str, key: str = "") -> list[str]:
    """From now on a code is needed to sign in; returns the recovery codes, never to be seen again.

    Ends the sign-ins that were opened without a code, but for the one with this `key`. Raises Forbidden for a personal
    token; Invalid under `code` for a wrong one; Conflict when nothing was begun in the last half hour, or it is on
    already.
    """
    require_person(actor)
    factor = hold(session, SecondFactor, actor.user_id or 0)
    if factor is None or not _is_under_way(factor):
        raise Conflict("second_factor_not_begun", _("Begin setting up your second factor first."))
    if not _is_fresh(factor, sealer, code):
        words = _("That is not the code your app shows now. Check that the clock of your phone is right.")
        raise invalid("code", "code", words)
    factor.confirmed_at = now()
    signins.end_others(session, actor, key)
    trail.record(session, actor, "turn on second factor", "user", factor.user_id)
    return _fresh_recovery_codes(session, factor.user_id)


def new_recovery_codes(session: Session, actor: Actor) -> list[str]:
    """Ten new recovery codes in place of those before.

    Raises Forbidden for a personal token; Conflict without a second factor.
    """
    require_person(actor)
    factor = _held(session, actor.user_id or 0)
    trail.record(session, actor, "make recovery codes", "user", factor.user_id)
    return _fresh_recovery_codes(session, factor.user_id)


def _held(session: Session, user_id: int) -> SecondFactor:
    factor = hold(session, SecondFactor, user_id)
    if factor is None or not factor.confirmed_at:
        raise Conflict("second_factor_off", _("There is no second factor."))
    return factor


def _fresh_recovery_codes(session: Session, user_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["".join(secrets.choice(ALPHABET) for _letter in range(CODE_LETTERS)) for _code in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(code)) for code in codes)
    session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, CODE_LETTERS, 4)) for code in codes]


def recovery_codes_left(session: Session, user_id: int) -> int:
    mine = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*mine)) or 0


def accepts(session: Session, actor: Actor, sealer: Sealer, code: str) -> bool:
    """Whether `code`, as intake reads codes, opens for `actor` now. It does so once, also for many at the same time."""
    factor = _held(session, actor.user_id or 0)
    return _is_fresh(factor, sealer, code) or _is_recovery(session, actor, code)


def _is_fresh(factor: SecondFactor, sealer: Sealer, code: str) -> bool:
    """Whether it is the code of this half minute or the one before or after, and none that was used already.

    The row is held, so whoever sends the same code at the same time finds the step used.
    """
    try:
        codes = TOTP(sealer.open(factor.sealed, _place(factor.user_id)))
    except Broken:
        return False
    present = _step()
    for step in (present + drift for drift in DRIFT):
        if step > factor.last_step and hmac.compare_digest(codes.generate_otp(step), code):
            factor.last_step = step
            return True
    return False


def _is_recovery(session: Session, actor: Actor, code: str) -> bool:
    unused = (RecoveryCode.user_id == actor.user_id, RecoveryCode.used_at.is_(None))
    using = update(RecoveryCode).where(*unused, RecoveryCode.code_hash == _hash(code)).values(used_at=now())
    if session.scalar(using.returning(RecoveryCode.id)) is None:
        return False
    left = recovery_codes_left(session, actor.user_id or 0)
    trail.record(
        session, actor, "use recovery code", "user", actor.user_id, after={"left": left}, even_when_stopped=True
    )
    return True


def turn_off(session: Session, actor: Actor) -> None:
    """No code is needed any more; whoever asks has just proven both factors.

    Raises Forbidden for a personal token; Conflict without a second factor.
    """
    require_person(actor)
    _remove(session, _held(session, actor.user_id or 0))
    trail.record(session, actor, "turn off second factor", "user", actor.user_id)


def reset(session: Session, actor: Actor, user: User) -> None:
    """Take away the second factor of somebody else who lost it, and end their sign-ins.

    Raises Forbidden; Conflict without one, and for the actor's own, which asks for a code.
    """
    require(actor, Act.MANAGE_USERS)
    if user.id == actor.user_id:
        words = _("Turn off your own second factor under Your account, where you are asked for a code.")
        raise Conflict("own_second_factor", words)
    _remove(session, _held(session, user.id))
    signins.end_all(session, user.id, tokens=False)
    who = {"username": user.username}
    trail.record(session, actor, "reset second factor", "user", user.id, after=who, even_when_stopped=True)


def _remove(session: Session, factor: SecondFactor) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == factor.user_id))
    session.delete(factor)
    session.flush()


def reseal(session: Session, old: Sealer, new: Sealer) -> int:
    """Seal every secret anew; returns how many. One that cannot be opened stays as it is, and its codes stay wrong."""
    count = 0
    for factor in session.scalars(select(SecondFactor).order_by(SecondFactor.user_id).with_for_update()).all():
        try:
            factor.sealed = new.seal(old.open(factor.sealed, _place(factor.user_id)), _place(factor.user_id))
        except Broken:
            continue
        count += 1
    session.flush()
    return count


def _place(user_id: int) -> str:
    return f"second factor of user {user_id}"


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
