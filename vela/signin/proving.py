"""Whoever is signed in proves again who they are, before what hurts."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.orm import Session

from vela import events
from vela.db import Database
from vela.domain.people import commands, passwords, queries, second_factor, signins, tries
from vela.domain.people.access import Actor, require_full_reach
from vela.domain.people.intake import GivenCode, NewPassword
from vela.domain.people.tries import Try
from vela.errors import Unauthenticated, invalid
from vela.language import gettext as _
from vela.sealing import Sealer
from vela.signin import wording


def prove_password(database: Database, actor: Actor, password: str, address: str) -> str:
    """Check the password of whoever is signed in, outside of any transaction; returns the hash it was compared with.

    Raises Invalid under `current_password`; Unauthenticated with code `too_many_tries`.
    """
    one = _begin_again(database, actor, address)
    with database.reading() as session:
        kept = queries.user(session, actor.user_id or 0).password_hash
    if not passwords.matches(kept, password):
        events.sign_in_refused("wrong_confirmation", actor.username, address)
        raise invalid("current_password", "password", wording.wrong_password(one.left))
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

    Raises Forbidden for a narrow token, before any guess; Invalid under the field at fault; Unauthenticated with code
    `too_many_tries`; Conflict.
    """
    require_full_reach(actor)
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
                raise invalid("code", "code", wording.wrong_code(one.left))
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
