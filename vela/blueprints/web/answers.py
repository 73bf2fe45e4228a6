"""Answering: whole pages, partials for htmx, and redirects for those without script. Only this module knows htmx."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from vela.blueprints.web.guards import actor, from_htmx
from vela.blueprints.web.once import keep, kept_partials
from vela.domain.audit import chain
from vela.domain.catalog.queries import services
from vela.domain.idempotency.keys import Replayed
from vela.domain.insight.dashboard import price_concerns
from vela.domain.notifying.queries import ailing
from vela.domain.people.access import Act
from vela.domain.proposals.queries import count_waiting
from vela.domain.workspace.settings import workspace
from vela.language import gettext as _
from vela.seeding import demo_users

ALWAYS_OPEN = {Act.MANAGE_USERS, Act.CHANGE_SETTINGS}


def source_id() -> str:
    """The id of the element that asked; htmx names it as tag#id."""
    return request.headers.get("HX-Source", "").partition("#")[2]


def settle(session: Session) -> None:
    """Remember the books' settings for this request: formats need the currency and the time zone."""
    g.books = workspace(session)


def page(session: Session, template: str, status: int = 200, **context: Any) -> Response:
    """A whole page, with what its frame shows: the workspace, offers that need a look, and proposals that wait."""
    settle(session)
    warned = actor().may(Act.MANAGE_USERS) and bool(demo_users(session))
    frame = {
        "stopped": why_stopped(session),
        "me": actor(),
        "can": rights(session),
        "looks": looks(session),
        "proposed": count_waiting(session, actor()),
        "ailing": ailing(session) if actor().may(Act.CHANGE_SETTINGS) else 0,
        "demo_accounts": warned,
    }
    return make_response(render_template(template, **(frame | context)), status)


def why_stopped(session: Session) -> str:
    """What is wrong with the books while they are read-only; empty while they are not."""
    tip = chain.head(session)
    return tip.stopped_because if tip.stopped_at else ""


def looks(session: Session) -> int:
    """How many offers need a look, for the side bar."""
    return len({concern.service.id for concern in price_concerns(services(session)) if concern.service})


def rights(session: Session) -> dict[str, bool]:
    """What whoever is signed in may do now, as templates ask for it: `can.record_sales`."""
    return {act.name.lower(): may_now(session, act) for act in Act}


def may_now(session: Session, act: Act) -> bool:
    """Whether they may, and the books can be changed: while these are read-only only doors and settings are open."""
    return actor().may(act) and (act in ALWAYS_OPEN or not why_stopped(session))


def partials(session: Session, template: str, status: int = 200, **context: Any) -> Response:
    """An answer that holds nothing but `<hx-partial>` elements."""
    settle(session)
    return make_response(render_template(template, me=actor(), can=rights(session), **context), status)


def done(
    session: Session, template: str, back_to: str, status: int = 200, *, words: str = "", **context: Any
) -> Response:
    """What happened: as partials for htmx; for a form, a redirect (303) to `back_to`, which begins with `words`.

    It is kept for whoever sends the same again, where that is asked for (`once`).
    """
    if from_htmx():
        return keep(session, partials(session, template, status, **context), back_to)
    if words:
        flash(words)
    return keep(session, away(back_to), back_to)


def replayed(error: Replayed) -> Response:
    """What was done already, under the same key: the answer of then, or the page it led to with a word about it."""
    then = error.answer
    partials_of_then = kept_partials(then) if from_htmx() else ""
    if partials_of_then:
        response = make_response(partials_of_then, then.status)
    else:
        response = told(then.headers["words"] or _("That was done already, once."), then.headers["Location"])
    response.headers["Idempotent-Replayed"] = "true"
    return response


def told(words: str, path: str, tone: str = "ok") -> Response:
    """To another page, which begins with `words`; they are a complaint when `tone` is bad."""
    flash(words, tone)
    return away(path)


def away(path: str) -> Response:
    """To another page, with GET."""
    if from_htmx():
        response = Response(status=200)
        response.headers["HX-Redirect"] = path
        return response
    return redirect(path, 303)  # pyright: ignore[reportReturnType]


def fingerprint_of(content: bytes) -> str:
    """Twelve letters that change with `content`."""
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def _fingerprint(path: str) -> str:
    return fingerprint_of(Path(path).read_bytes())


def asset(name: str) -> str:
    """The address of a static file, which changes when the file does, so that browsers may keep it for good."""
    path = f"{current_app.static_folder}/{name}"
    return f"/static/{name}?v={_fingerprint(path)}"
