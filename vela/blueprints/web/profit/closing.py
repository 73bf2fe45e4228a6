"""Closing a month and reopening it, each after a page that shows the figures in question."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import page, settle, told
from vela.blueprints.web.confirming import admins_recently_confirmed
from vela.blueprints.web.figures import month_long
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.domain.ledger import closing
from vela.domain.ledger.intake import MonthClosing
from vela.domain.people.access import Act, require
from vela.domain.workspace.settings import current_month
from vela.errors import Conflict, Invalid, NotFound, Stale
from vela.intake import MonthOf, Words, read
from vela.language import gettext as _
from vela.periods import Month
from vela.problems import status_of

Refused = dict[str, Any] | None
Show = Callable[[Session, Month, int, Refused], Response]


class MonthOfPath(Words):
    """The month that an address names."""

    month: MonthOf


@pages.get("/profit/months/<month>/close")
def ask_to_close_month(month: str) -> Response:
    """What closing a month would write down, and the form that does it."""
    with database().reading() as session:
        return _closing_page(session, _named(month))


@pages.post("/profit/months/<month>/close")
@admins_recently_confirmed
def close_month(month: str) -> Response:
    """Let nothing change the figures of a month any more."""
    named = _named(month)
    try:
        with once(Act.CLOSE_MONTHS) as session:
            closing.close_month(session, actor(), _words(named), seen=request.form.get("seen"))
            return _done(session, _("%(month)s is closed.", month=month_long(named)), named)
    except (Invalid, Conflict) as error:
        return _again(_closing_page, named, error)


@pages.get("/profit/months/<month>/reopen")
def ask_to_reopen_month(month: str) -> Response:
    """What a month was closed with, and the form that reopens it. Raises Conflict when it is not closed."""
    with database().reading() as session:
        return _reopening_page(session, _named(month))


@pages.post("/profit/months/<month>/reopen")
@admins_recently_confirmed
def reopen_month(month: str) -> Response:
    """Let a closed month be changed again."""
    named = _named(month)
    try:
        with once(Act.CLOSE_MONTHS) as session:
            closing.reopen_month(session, actor(), _words(named), seen=request.form.get("seen"))
            return _done(session, _("%(month)s can be changed again.", month=month_long(named)), named)
    except (Invalid, Stale) as error:
        return _again(_reopening_page, named, error)


def _words(month: Month) -> MonthClosing:
    return read(MonthClosing, said("reason") | {"month": str(month)})


def _done(session: Session, words: str, month: Month) -> Response:
    settle(session)
    back_to = f"/profit?month={month}"
    return keep(session, told(words, back_to), back_to)


def _named(month: str) -> Month:
    """The month of an address. Raises NotFound for what is none."""
    try:
        return read(MonthOfPath, {"month": month}).month
    except Invalid:
        raise NotFound("month", month[:40]) from None


def _again(show: Show, month: Month, error: Invalid | Conflict) -> Response:
    """The page again with what was typed; the month is in the address, so what is said of it stands above the form."""
    refused = kept("closing", error)
    if "month" in refused["errors"]:
        refused["errors"][""] = refused["errors"].pop("month")
    with database().reading() as session:
        return show(session, month, status_of(error), refused)


def _closing_page(session: Session, month: Month, status: int = 200, refused: Refused = None) -> Response:
    require(actor(), Act.CLOSE_MONTHS)
    figures, in_progress = closing.as_it_stands(session, month), month == current_month(session)
    more = {"figures": figures, "seen": figures.mark, "in_progress": in_progress}
    return _page(session, status, month, refused, reopening=False, **more)


def _reopening_page(session: Session, month: Month, status: int = 200, refused: Refused = None) -> Response:
    require(actor(), Act.CLOSE_MONTHS)
    closed = closing.closed_month(session, month)
    if closed is None:
        raise Conflict("month_open", _("%(month)s is not closed.", month=month))
    return _page(session, status, month, refused, figures=closed, seen=closing.mark_of(closed), reopening=True)


def _page(session: Session, status: int, month: Month, refused: Refused, **more: Any) -> Response:
    return page(session, "profit/closing.html", status, here="profit", month=month, refused=refused, **more)
