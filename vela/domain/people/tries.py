"""Wrong guesses: counted before a guess is looked at, for a name at an address, for an address, and for everybody.

The counts are rows of the database, so they hold for all processes alike and side by side. A name is never shut out as
such: whoever guesses at it elsewhere costs its owner nothing at their own address, and an address from which somebody
signed in lately is not held up by what strangers do. Of IPv6 the first half of an address counts, which is one network.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import take_turns
from vela.domain.people.models import FailedTry, SignIn, User
from vela.errors import Unauthenticated
from vela.language import ngettext

TURN = 0x7412E5
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many wrong guesses within so long, then a pause until the oldest of them no longer counts."""

    failures: int
    within: timedelta


NAME_AT_ADDRESS = Limit(5, timedelta(minutes=15))
ADDRESS = (Limit(30, timedelta(minutes=15)), Limit(90, timedelta(hours=6)))  # who goes on pays more
EVERYBODY = Limit(100, timedelta(minutes=10))
CODES_OF_NAME = Limit(20, timedelta(hours=1))
REMEMBERED = max(limit.within for limit in (NAME_AT_ADDRESS, *ADDRESS, EVERYBODY, CODES_OF_NAME))


@dataclass(frozen=True, slots=True)
class Try:
    """A guess that is under way: counted as wrong until it proves right. `left` is how many may follow it."""

    id: int
    username: str
    address: str
    left: int


def begin(session: Session, username: str, address: str, *, signed_in: bool = False, of_code: bool = False) -> Try:
    """Count a guess. `signed_in`: a person with a live sign-in guesses at their own password, or code if `of_code`.

    Raises Unauthenticated with code `too_many_tries` (data: `retry_after`, in seconds).
    """
    take_turns(session, TURN)
    require_no_pause(session, username, address, signed_in=signed_in)
    if of_code:
        require_no_pause_of_codes(session, username, address)
    username, address = username[:80], network_of(address)
    row = FailedTry(username=username, address=address, of_code=of_code, at=now())
    session.add(row)
    session.execute(delete(FailedTry).where(FailedTry.at <= now() - REMEMBERED))
    session.flush()
    here = _count(session, NAME_AT_ADDRESS, _name_at(username, address))
    return Try(row.id, username, address, max(0, NAME_AT_ADDRESS.failures - here))


def require_no_pause(session: Session, username: str, address: str, *, signed_in: bool = False) -> None:
    """Raises Unauthenticated with code `too_many_tries` while a guess at this name from this address has to wait."""
    username, address = username[:80], network_of(address)
    waits = [_wait(session, NAME_AT_ADDRESS, _name_at(username, address))]
    waits += [_wait(session, limit, FailedTry.address == address) for limit in ADDRESS]
    if not signed_in and not _is_known(session, username, address):
        waits.append(_wait(session, EVERYBODY, true()))
    _pause(max(waits))


def require_no_pause_of_codes(session: Session, username: str, address: str) -> None:
    """Raises the same after too many wrong codes for this name from anywhere, except where it signed in before."""
    of_name = (FailedTry.username == username[:80]) & FailedTry.of_code
    if not _is_known(session, username, address):
        _pause(_wait(session, CODES_OF_NAME, of_name))


def was_of_code(session: Session, one: Try) -> None:
    """The password was right and the code was not; it counts, whatever became of the guess meanwhile."""
    withdraw(session, one)
    session.add(FailedTry(username=one.username, address=one.address, of_code=True, at=now()))
    session.flush()


def withdraw(session: Session, one: Try) -> None:
    """This guess was right, as far as it went."""
    session.execute(delete(FailedTry).where(FailedTry.id == one.id))


def forget(session: Session, one: Try, *, codes: bool) -> None:
    """The password was right, so wrong ones of that name from there count no more; wrong codes only if `codes`."""
    which = _name_at(one.username, one.address)
    session.execute(delete(FailedTry).where(which if codes else which & ~FailedTry.of_code))


def forget_old(session: Session) -> None:
    """Drop what counts against nobody any more."""
    session.execute(delete(FailedTry).where(FailedTry.at <= now() - REMEMBERED))


def _name_at(username: str, address: str) -> ColumnElement[bool]:
    return (FailedTry.username == username) & (FailedTry.address == address)


def _count(session: Session, limit: Limit, which: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(FailedTry).where(which, FailedTry.at > now() - limit.within)
    return session.scalar(counted) or 0


def _wait(session: Session, limit: Limit, which: ColumnElement[bool]) -> timedelta:
    """How long until fewer than the limit count: until the one that filled it is old enough."""
    recent = select(FailedTry.at).where(which, FailedTry.at > now() - limit.within)
    filled_it = session.scalar(recent.order_by(FailedTry.at.desc()).offset(limit.failures - 1).limit(1))
    return filled_it + limit.within - now() if filled_it else timedelta()


def _is_known(session: Session, username: str, address: str) -> bool:
    """Whether this user signed in from this network lately."""
    since = SignIn.created_at > now() - KNOWN_FOR
    addresses = select(SignIn.address).join(User, User.id == SignIn.user_id).where(User.username == username, since)
    here = network_of(address)
    return bool(address) and here in map(network_of, session.scalars(addresses.distinct()))


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, the /64 network of an IPv6 address, any other text as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:80]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), 64), strict=False))


def _pause(wait: timedelta) -> None:
    seconds = math.ceil(wait.total_seconds())
    if seconds <= 0:
        return
    minutes = math.ceil(seconds / 60)
    words = ngettext(
        "Too many wrong guesses. Wait %(count)d minute, then try again.",
        "Too many wrong guesses. Wait %(count)d minutes, then try again.",
        minutes,
    )
    raise Unauthenticated("too_many_tries", words, retry_after=seconds)
