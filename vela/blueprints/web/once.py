"""What a page may send twice and does once: the key in its form, and the answer that is kept under it."""

import base64
import uuid
import zlib
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager

from flask import Response, after_this_request, render_template, request
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from vela.blueprints.web.guards import actor, database, from_htmx, vela
from vela.domain.idempotency import keys
from vela.domain.idempotency.keys import FIELD, SECRETS, Answer
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Invalid, Refusal, Unprocessable
from vela.language import gettext as _

ASIDE = {"csrf_token", FIELD, "back"}
TOKEN_HERE = "\x00the token of forms\x00"  # noqa: S105 where one stood
_KEEP = "keeps the answer to what a page sent"


def fresh_key() -> str:
    """A key for a form that is being rendered."""
    return str(uuid.uuid4())


@contextmanager
def once(act: Act | None = None) -> Generator[Session]:
    """A transaction that does what a form says once, however often it is sent; `keep` its answer before it ends.

    Raises Forbidden unless whoever is signed in may do `act`; Refusal for a form without a key; Conflict when its key
    was used for something else; Replayed when that very thing was done already.
    """
    if act is not None:
        require(actor(), act)
    with database().transaction() as session, ExitStack() as until_kept:
        session.info[_KEEP] = _claim(session, until_kept)
        yield session


def _claim(session: Session, until_kept: ExitStack) -> Callable[[Answer], None]:
    key, user_id = request.form.get(FIELD, ""), actor().user_id or 0
    try:
        return until_kept.enter_context(keys.once(session, user_id, key, _mark()))
    except Invalid:
        words = _("This page is too old to save from, so nothing was saved. Reload it and try again.")
        raise Refusal("page_too_old", words) from None
    except Unprocessable:
        after_this_request(_with_fresh_key)
        words = _(
            "What this page sent before was saved after all. Look at it; if you still want what stands here, send it "
            "again."
        )
        raise Conflict("sent_before", words) from None


def _mark() -> str:
    """What tells this request from others: its address and all that was typed, but of secrets nothing to guess by."""
    said = {name: values for name, values in request.form.lists() if name not in ASIDE}
    for name in SECRETS & said.keys():
        said[name] = [keys.veiled(each, vela().secret) for each in said[name]]
    return keys.fingerprint(f"{request.method} {request.full_path}", said)


def keep(session: Session, response: Response, back_to: str, *, instead: str = "") -> Response:
    """Keep `response` for a page that sends the same again; a form without script is led to `back_to` again.

    An answer that holds a secret is not kept: whoever asks again is told `instead`, on that page. Does nothing in a
    transaction that is not one of `once`.
    """
    keep_answer: Callable[[Answer], None] | None = session.info.get(_KEEP)
    if keep_answer is not None:
        body = _packed(_with_fresh_key(response)) if from_htmx() and not instead else ""
        keep_answer(Answer(body, response.status_code, {"Location": back_to, "words": instead}))
    return response


def kept_partials(answer: Answer) -> str:
    """The partials that were kept, with the forms' token of now; empty for a form without script."""
    if not answer.body:
        return ""
    return zlib.decompress(base64.b64decode(answer.body)).decode().replace(TOKEN_HERE, generate_csrf())


def _packed(response: Response) -> str:
    """An answer holds whole lists, which are long and full of repetitions; the forms' token in it is not kept."""
    text = response.get_data(as_text=True).replace(generate_csrf(), TOKEN_HERE)
    return base64.b64encode(zlib.compress(text.encode())).decode()


def _with_fresh_key(response: Response) -> Response:
    """Give the form that asked another key, for what is typed in it next."""
    tag, _sign, form = request.headers.get("HX-Source", "").partition("#")
    if from_htmx() and tag == "form" and form:
        response.set_data(response.get_data(as_text=True) + render_template("ui/fresh_key.html", form=form))
    return response
