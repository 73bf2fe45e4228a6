"""Requests that may be sent again: the header Idempotency-Key, and the answer that is kept under it."""

import re
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Protocol

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.api.guards import actor, database, vela
from vela.blueprints.api.problems import Unreadable
from vela.domain.idempotency import keys
from vela.domain.idempotency.keys import Answer, Replayed
from vela.domain.idempotency.models import LONGEST_KEY
from vela.intake import Words
from vela.language import gettext as _

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"')
BARE = re.compile(r"[A-Za-z0-9._~:/+=@-]+")
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Vary")


class Keep(Protocol):
    """Keeps the answer of a call; where it holds a secret, what is kept and answered instead of it `again`."""

    def __call__(self, response: Response, *, again: Response | None = None) -> Response: ...


@contextmanager
def creating(words: Words | None = None, *, sent: str = "") -> Generator[tuple[Session, Keep]]:
    """A transaction that makes something, and what has to be given its answer before it ends.

    With an Idempotency-Key the same request, which says `words` or comes with a file whose digest is `sent`, is done
    once and answered alike every time.
    Raises Unreadable for a malformed key; Unprocessable for one that was used for another request; Replayed when this
    one was answered already; RuntimeError, with nothing stored, when no answer was given to be kept.
    """
    key, kept = _key(), list[Response]()
    with database().transaction() as session, ExitStack() as until_kept:
        mark = _mark(words, sent)
        once = keys.once(session, actor().user_id or 0, key, mark) if key is not None else None
        keep_answer = until_kept.enter_context(once) if once is not None else None

        def keep(response: Response, *, again: Response | None = None) -> Response:
            same = again or response
            kept.append(same)
            if keep_answer is not None:
                headers = {name: same.headers[name] for name in KEPT_HEADERS if name in same.headers}
                keep_answer(Answer(same.get_data(as_text=True), same.status_code, headers))
            return response

        yield session, keep
        if not kept:
            raise RuntimeError("a call that makes something ended without keeping its answer")


def _mark(words: Words | None, sent: str) -> str:
    """What tells this request from others: its address and what it says, not how that is written.

    Of secrets it holds nothing to guess them by.
    """
    said = words.model_dump(exclude_unset=True) if words is not None else {"file": sent} if sent else {}
    said |= {name: keys.veiled(str(said[name]), vela().secret) for name in keys.SECRETS & said.keys()}
    return keys.fingerprint(f"{request.method} {request.path}", said)


def _key() -> str | None:
    """The key of this request, quoted as the standard writes it or bare as most clients do; None without one."""
    said = request.headers.get(HEADER)
    if said is None:
        return None
    quoted, bare = QUOTED.fullmatch(said.strip()), BARE.fullmatch(said.strip())
    key = re.sub(r'\\(["\\])', r"\1", quoted[1]) if quoted else bare[0] if bare else ""
    if not 0 < len(key) <= LONGEST_KEY:
        words = _(
            "This Idempotency-Key cannot be read, so nothing was done. Send a UUID, or up to %(most)s printable ASCII "
            "characters in double quotes.",
            most=LONGEST_KEY,
        )
        raise Unreadable(HTTPStatus.BAD_REQUEST, "bad_idempotency_key", words)
    return key


def replayed(error: Replayed) -> Response:
    """The answer of the first request with this key, marked as such."""
    response = Response(error.answer.body, error.answer.status, dict(error.answer.headers))
    response.headers[REPLAYED] = "true"
    return response
