"""Setting up a second factor, and turning it off: each asks for the password and for a code."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import segno
from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.account import account_page
from vela.blueprints.web.answers import from_htmx, page, told
from vela.blueprints.web.confirming import recently_confirmed
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, address, database, sign_in_key, vela
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.domain.people import second_factor
from vela.domain.people.intake import GivenCode
from vela.errors import Invalid
from vela.intake import read
from vela.language import gettext as _
from vela.problems import status_of
from vela.signin import proving

SETTING_UP = "/account/second-factor"
BACK = "/account#second-factor"


@pages.post("/account/second-factor")
@recently_confirmed
def begin_second_factor() -> Response:
    """Make a secret, which counts for nothing until a code was right."""
    with database().transaction() as session:
        second_factor.enrol(session, actor(), vela().sealer)
    return told(_("Now let your app know the secret, and enter the code it shows."), SETTING_UP)


@pages.get("/account/second-factor")
@recently_confirmed
def second_factor_page() -> Response:
    """The secret, as a picture and as text, for as long as it counts for nothing."""
    with database().reading() as session:
        return _setting_up(session)


@pages.post("/account/second-factor/confirm")
@recently_confirmed
def confirm_second_factor() -> Response:
    """From now on a code is asked for; this answer is the only one that ever shows the recovery codes."""
    try:
        words = read(GivenCode, said("code"))
        with once() as session:
            codes = second_factor.confirm(session, actor(), vela().sealer, words.code, sign_in_key())
            return _shown_once(session, codes, _("Your second factor is on."), fresh=True)
    except Invalid as error:
        if from_htmx():
            raise
        with database().reading() as session:
            return _setting_up(session, status_of(error), refused=kept("second-factor", error))


@pages.post("/account/second-factor/codes")
@recently_confirmed
def make_recovery_codes() -> Response:
    """Ten new recovery codes in place of those before, for a code."""
    return _with_code("second-factor-codes", once(), _new_codes)


@pages.post("/account/second-factor/off")
@recently_confirmed
def turn_off_second_factor() -> Response:
    """No code is asked for any more, for a last code."""
    return _with_code("second-factor-off", database().transaction(), _off)


def _with_code(form: str, transaction: AbstractContextManager[Session], act: Callable[[Session], Response]) -> Response:
    """Do `act` in the transaction in which a code is proven, so that a form that is sent twice uses one code."""
    try:
        words = read(GivenCode, said("code"))
        with proving.proving_code(database(), actor(), vela().sealer, words, address(), transaction) as session:
            return act(session)
    except Invalid as error:
        if from_htmx():
            raise
        with database().reading() as session:
            return account_page(session, status_of(error), refused=kept(form, error))


def _new_codes(session: Session) -> Response:
    codes = second_factor.new_recovery_codes(session, actor())
    return _shown_once(session, codes, _("New recovery codes were made."), fresh=False)


def _shown_once(session: Session, codes: list[str], done: str, *, fresh: bool) -> Response:
    """The page with the codes; whoever sends the form again is told what was `done`, and how to get others."""
    shown = page(session, "account/recovery_codes.html", here="account", codes=codes, fresh=fresh)
    lost = _("The recovery codes were shown then. If you have not kept them, make new ones here.")
    return keep(session, shown, BACK, instead=f"{done} {lost}")


def _off(session: Session) -> Response:
    second_factor.turn_off(session, actor())
    return told(_("Your second factor is off. Only your password is asked for now."), BACK)


def _setting_up(session: Session, status: int = 200, refused: dict[str, Any] | None = None) -> Response:
    enrolment = second_factor.under_way(session, actor(), vela().sealer)
    if enrolment is None:
        return told(_("Begin setting up your second factor here."), BACK, "bad")
    drawn = {"secret": enrolment.secret, "qr": drawing(enrolment.address), "refused": refused}
    return page(session, "account/set_up.html", status, here="account", **drawn)


def drawing(text: str) -> dict[str, object]:
    """A QR code as the path of an SVG, its quiet zone included, and the length of its sides."""
    code = segno.make(text, error="m")
    rows = [[bool(dot) for dot in row] for row in code.matrix_iter(border=4)]
    dots = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dot in enumerate(row) if dot)
    return {"path": "".join(dots), "side": len(rows)}
