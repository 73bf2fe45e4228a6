"""One offer: its page, and everything on it that follows from its components."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela import clock, money
from vela.blueprints.web import drawings, figures
from vela.blueprints.web.answers import looks, may_now, page
from vela.blueprints.web.guards import database
from vela.blueprints.web.offers import steps
from vela.blueprints.web.offers.freshness import missed
from vela.blueprints.web.offers.scenario import scenario_of, supposed_by_header
from vela.blueprints.web.routes import pages
from vela.domain.catalog import pricing, queries
from vela.domain.catalog.history import price_points
from vela.domain.catalog.intake import Supposition
from vela.domain.catalog.models import Revision, Service
from vela.domain.catalog.pricing import Totals
from vela.domain.insight.beginning import beginning
from vela.domain.people.access import Act
from vela.language import gettext as _
from vela.wording import differing

RECENT = 8
HISTORY = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed into a form that was refused, and the complaint about each of its fields."""

    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@pages.get("/offers/<int:offer_id>")
def offer(offer_id: int) -> Response:
    """The page of one offer."""
    with database().reading() as session:
        return offer_page(session, offer_id)


def offer_page(
    session: Session,
    offer_id: int,
    status: int = 200,
    *,
    refused: Refused | None = None,
    supposition: Supposition | None = None,
) -> Response:
    """The whole page of an offer; with `refused`, one of its forms as it was sent."""
    shown = queries.service(session, offer_id)
    context = everything(session, shown, supposition or Supposition())
    context["first"] = beginning(session) if may_now(session, Act.CHANGE_OFFERS) else None
    adding = "add" in request.args or (refused is not None and refused.form == "component-new")
    return page(
        session, "offers/offer.html", status, here="offers", refused=refused or Refused(), adding=adding, **context
    )


def everything(
    session: Session, shown: Service, supposition: Supposition | None = None, *, made: bool = True
) -> dict[str, Any]:
    """What the page of an offer shows, and what an answer to any change of it has to refresh.

    `made` tells that the latest revision came of this very request, so that it is no news to the page.
    """
    recent = queries.revisions(session, shown.id, most=RECENT)
    before = recent[1] if len(recent) > 1 else None
    return {
        "offer": shown,
        "totals": shown.totals,
        "at_list": None if shown.list_sell is None else Totals(shown.totals.cost, shown.list_sell),
        "below_target": _below(shown.totals.margin_pct, shown.target_margin_pct),
        "margin_places": _places(shown),
        "may_change": may_now(session, Act.CHANGE_OFFERS),
        "revision": recent[0] if recent else None,
        "bumped": _bumped(before, shown.totals),
        "told": differing.tell(before, recent[0]) if before else [],
        "repaint": before is not None and _places(before) != _places(shown),
        "looks": looks(session),
        "groups": sorted({component.group for component in shown.components if component.group}),
        **missed(session, shown, made=made),
        **_split(shown),
        **scenario_of(shown, supposition or supposed_by_header()),
        **_past(session, shown, recent),
    }


def saved(context: Mapping[str, Any]) -> str:
    """What the page says first that comes after a plain form was taken."""
    return context["told"][0].sentence if context["told"] else _("Saved.")


def _places(shown: Service | Revision) -> int:
    """The decimals of the margins of all lines: one answer may have to repaint the whole column."""
    lines = shown.components if isinstance(shown, Service) else shown.lines
    return figures.places(line.totals.margin for line in lines)


def _below(margin_pct: Decimal | None, target: Decimal | None) -> bool:
    return margin_pct is not None and target is not None and margin_pct < target


def _bumped(before: Revision | None, totals: Totals) -> set[str]:
    """Which figures are not what they were before the latest change."""
    if before is None:
        return set()
    names = ("cost", "sell", "margin", "margin_pct")
    return {name for name in names if getattr(before.totals, name) != getattr(totals, name)}


def _split(shown: Service) -> dict[str, Any]:
    shares = pricing.split([component.line for component in shown.components], other=_("other"))
    costs, margins = [share.cost for share in shares], [share.margin for share in shares]
    return {
        "shares": shares,
        "cost_bar": drawings.split(costs, positive(costs)),
        "margin_bar": drawings.split(margins, positive(margins)),
    }


def positive(parts: list[Decimal]) -> Decimal:
    """What the parts above zero add up to: a bar cannot show the others."""
    return money.total(part for part in parts if part > 0)


def _past(session: Session, shown: Service, recent: list[Revision]) -> dict[str, Any]:
    end = clock.now()
    points = price_points(session, shown.id, end - HISTORY)
    told = [(entry, told) for entry in differing.entries(recent) if entry.revision.number > 1 for told in entry.told]
    return {"steps": steps.drawn(points, end - HISTORY, end), "recent": told[:4]}
