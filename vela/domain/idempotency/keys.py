"""Doing an act once under a key: the first request claims it, later ones get the same answer again.

The claim, the effect and the answer are one transaction: a request that was refused, or died, leaves none of them, and
may be sent again under the same key. A second request that comes while the first is at work waits for it.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import inserting
from vela.domain.idempotency.models import LONGEST_KEY, KeptAnswer
from vela.errors import Unprocessable, invalid
from vela.language import gettext as _

KEPT_FOR = timedelta(hours=24)
FIELD = "idempotency_key"
NO_ANSWER: dict[str, Any] = {"status": 0, "headers": {}, "body": ""}
SECRETS = frozenset({"password", "current_password", "new_password", "confirm_password", "code"})
"""Fields whose values stand in no fingerprint as they are: a fingerprint would be something to guess them by."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as its face gives it: a status and headers where it has them, and the body."""

    body: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Replayed(Exception):
    """The act was done already, under the same key; `answer` is what was said then."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("done already")
        self.answer = answer


def check_key(key: str) -> str:
    """`key` as it is kept. Raises Invalid unless it is 1 to 200 printable ASCII characters."""
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        words = _("Use 1 to %(most)s printable ASCII characters, such as a UUID.", most=LONGEST_KEY)
        raise invalid(FIELD, FIELD, words)
    return key


def fingerprint(act: str, said: object) -> str:
    """What tells two requests under one key apart: the act, and everything that was said with it."""
    text = json.dumps([act, said], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def veiled(text: str, secret: bytes) -> str:
    """What stands for a secret text in a fingerprint; whoever has the books alone has nothing to guess it by.

    `secret` is that of this Vela, of which a key for this alone is made.
    """
    own = hmac.digest(secret, b"vela: secrets in fingerprints of forms, version 1", "sha256")
    return hmac.digest(own, text.encode("utf-8", "surrogatepass"), "sha256").hex()


@contextmanager
def once(session: Session, user_id: int, key: str, mark: str) -> Generator[Callable[[Answer], None]]:
    """Do what stands in the block once under `key`; it is handed `keep`, and has to give it the answer.

    Raises what `claim` raises, before the block; RuntimeError, so that nothing is stored, when no answer was given.
    """
    claimed = claim(session, user_id, key, mark)
    yield lambda answer: keep(session, claimed, answer)
    if claimed.status == NO_ANSWER["status"]:
        raise RuntimeError("an act under an idempotency key ended without an answer to keep")


def claim(session: Session, user_id: int, key: str, mark: str) -> KeptAnswer:
    """Take `key` for this transaction, waiting for another that has it; `keep` must follow before it ends.

    Raises Replayed when the same request (`mark` is its fingerprint) was answered in the last 24 hours; Invalid for a
    malformed key; Unprocessable when the key was used for something else.
    """
    key = check_key(key)
    mine = (KeptAnswer.user_id == user_id, KeptAnswer.key == key)
    session.execute(delete(KeptAnswer).where(*mine, KeptAnswer.created_at <= now() - KEPT_FOR))
    row: dict[str, Any] = {"user_id": user_id, "key": key, "fingerprint": mark, "created_at": now()}
    taking = inserting(session, KeptAnswer).values(row | NO_ANSWER).on_conflict_do_nothing()
    taken = session.scalar(taking.returning(KeptAnswer.id))
    found = session.scalars(select(KeptAnswer).where(*mine).execution_options(populate_existing=True)).one()
    if taken is not None:
        return found
    if found.fingerprint != mark:
        words = _("This idempotency key was used for another request. Use a new key for each thing you do.")
        raise Unprocessable("idempotency_key_reused", words)
    raise Replayed(Answer(found.body, found.status, found.headers))


def keep(session: Session, claimed: KeptAnswer, answer: Answer) -> None:
    """Remember what is answered, for whoever asks again."""
    claimed.status, claimed.headers, claimed.body = answer.status, dict(answer.headers), answer.body
    session.flush()


def forget_old(session: Session) -> int:
    """Drop the answers that are kept no longer; returns how many."""
    old = delete(KeptAnswer).where(KeptAnswer.created_at <= now() - KEPT_FOR)
    return len(session.scalars(old.returning(KeptAnswer.id)).all())
