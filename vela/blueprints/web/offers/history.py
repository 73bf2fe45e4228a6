"""The history of an offer: every revision in words, with the way back to it."""

from flask import Response, request
from sqlalchemy.orm import Session

from vela import clock
from vela.blueprints.web import figures
from vela.blueprints.web.answers import done, may_now, page
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.offers import steps
from vela.blueprints.web.offers.freshness import since
from vela.blueprints.web.offers.looking import everything, saved
from vela.blueprints.web.offers.refusing import refused_in_place
from vela.blueprints.web.once import once
from vela.blueprints.web.routes import pages
from vela.domain.catalog import queries, undoing
from vela.domain.catalog.history import price_points
from vela.domain.catalog.models import Revision
from vela.domain.people.access import Act
from vela.language import gettext as _
from vela.periods import BEGINNING
from vela.wording import differing

SHOWN = 50


@pages.get("/offers/<int:offer_id>/history")
def history(offer_id: int) -> Response:
    """The revisions of an offer, newest first, fifty to a page; `before` is the number to go on from.

    With `only=prices`, those alone in which its cost or its price changed.
    """
    prices = request.args.get("only") == "prices"
    with database().reading() as session:
        offer = queries.service(session, offer_id)
        found = queries.revisions(session, offer_id, most=SHOWN + 1, before=_before(), prices=prices)
        shown = found[:SHOWN]
        earlier = queries.revisions_numbered(session, offer_id, [each.number - 1 for each in shown])
        points = price_points(session, offer_id, BEGINNING)
        return page(
            session,
            "offers/history.html",
            here="offers",
            offer=offer,
            prices=prices,
            entries=[differing.Entry(each, differing.tell(earlier.get(each.number - 1), each)) for each in shown],
            decimals=_decimals(shown),
            totals=offer.totals,
            steps=steps.drawn(points, BEGINNING, clock.now()),
            latest=queries.revisions(session, offer_id, most=1)[0],
            older=found[SHOWN - 1].number if len(found) > SHOWN else None,
            may_change=may_now(session, Act.CHANGE_OFFERS),
        )


def _decimals(shown: list[Revision]) -> dict[str, int]:
    """How many decimals each column of amounts is written with."""
    names = ("cost", "sell", "margin")
    return {name: figures.places(getattr(each.totals, name) for each in shown) for name in names}


def _before() -> int | None:
    text = request.args.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@pages.post("/offers/<int:offer_id>/revisions/<int:number>/undo")
@refused_in_place
def undo(offer_id: int, number: int) -> Response:
    """Take back what one revision changed."""
    with once(Act.CHANGE_OFFERS) as session:
        undoing.undo(session, actor(), offer_id, number)
        return _went_back(session, offer_id, number)


@pages.post("/offers/<int:offer_id>/revisions/<int:number>/restore")
@refused_in_place
def restore(offer_id: int, number: int) -> Response:
    """Make an offer as it stood in one revision."""
    with once(Act.CHANGE_OFFERS) as session:
        undoing.restore(session, actor(), offer_id, number)
        return _went_back(session, offer_id, number)


def _went_back(session: Session, offer_id: int, number: int) -> Response:
    session.expire_all()
    offer = queries.service(session, offer_id)
    context = everything(session, offer)
    before = queries.revisions(session, offer_id, most=2)[1]
    context["since"] = context["since"] or since(before, offer)
    back = f"/offers/{offer_id}/history"
    return done(
        session,
        "offers/put_back.html",
        back,
        words=_("Put back: %(what)s", what=saved(context)),
        number=number,
        **context,
    )
