"""Requests that may be sent again: the header Idempotency-Key, and the answer that is kept under it."""

import re
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.api.guards import actor, database
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

Keep = Callable[[Response], Response]


@contextmanager
def creating(words: Words | None = None) -> Generator[tuple[Session, Keep]]:
    """A transaction that makes something, and what has to be given its answer before it ends.

    With an Idempotency-Key the same request, which says `words`, is done once and answered alike every time.
    Raises Unreadable for a malformed key; Unprocessable for one that was used for another request; Replayed when this
    one was answered already; RuntimeError, with nothing stored, when no answer was given to be kept.
    """
    key, kept = _key(), list[Response]()
    with database().transaction() as session, ExitStack() as until_kept:
        mark = _mark(words)
        once = keys.once(session, actor().user_id or 0, key, mark) if key is not None else None
        keep_answer = until_kept.enter_context(once) if once is not None else None

        def keep(response: Response) -> Response:
            kept.append(response)
            if keep_answer is not None:
                headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
                keep_answer(Answer(response.get_data(as_text=True), response.status_code, headers))
            return response

        yield session, keep
        if not kept:
            raise RuntimeError("a call that makes something ended without keeping its answer")


def _mark(words: Words | None) -> str:
    """What tells this request from others: its address and what it says, not how that is written."""
    said = words.model_dump(exclude_unset=True) if words is not None else {}
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
