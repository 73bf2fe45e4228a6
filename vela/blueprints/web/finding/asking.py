"""Answering the palette while somebody types, and the same as a page of its own."""

from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web import figures
from vela.blueprints.web.answers import from_htmx, page, partials, settle
from vela.blueprints.web.finding.months import month_options
from vela.blueprints.web.finding.options import Group, Option, filled
from vela.blueprints.web.finding.places import acts, files, places, selling
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.ids import dom_id
from vela.blueprints.web.routes import pages
from vela.domain.catalog.models import Service
from vela.domain.insight import finding
from vela.domain.insight.finding import FoundComponent, FoundSale
from vela.domain.people.access import Act
from vela.domain.workspace.settings import current_month
from vela.language import gettext as _

MOST, MOST_ON_A_PAGE, LONGEST = 5, 50, 100


@pages.get("/find")
def find() -> Response:
    """What holds the words of `q`; without words, what is done most: as the palette's list, or as a page."""
    text = " ".join(request.args.get("q", "").replace("\0", "").split())[:LONGEST]
    with database().reading() as session:
        settle(session)
        if not from_htmx():
            groups, _more = _meant(session, text, MOST_ON_A_PAGE)
            return page(session, "finding/find.html", here="find", q=text, groups=groups)
        groups, more = _meant(session, text, MOST)
        return partials(session, "finding/found.html", q=text, groups=groups, more=more)


def _meant(session: Session, text: str, most: int) -> tuple[list[Group], bool]:
    """The options for `text` under their headings, and whether a longer list would hold more."""
    if not text:
        return _first(session, most), False
    found = finding.find(session, text, most=most)
    month = current_month(session)
    doing = [each for each in acts() + files(month) if each.is_meant_by(text)]
    groups = [
        Group(_("Months"), month_options(text, month)),
        Group(_("Offers"), [_offer(each) for each in found.offers]),
        Group(_("Components"), [_component(each) for each in found.components]),
        Group(_("Sales"), [_sale(each) for each in found.sales]),
        Group(_("Actions"), selling(list(found.offers)) + doing),
        Group(_("Pages"), [each for each in places() if each.is_meant_by(text)]),
    ]
    return filled(groups), found.more


def _first(session: Session, most: int) -> list[Group]:
    """What stands there before anything is typed."""
    latest = finding.latest_offers(session, most=most)
    return filled(
        [
            Group(_("Actions"), acts()),
            Group(_("Pages"), places()),
            Group(_("Changed lately"), [_offer(each) for each in latest]),
        ]
    )


def _offer(found: Service) -> Option:
    about = found.description if found.active else _("archived")
    cost, sell = figures.amount(found.totals.cost), figures.amount(found.totals.sell)
    spoken = _("costs %(cost)s, sells for %(price)s", cost=cost, price=sell)
    return Option("boxes", found.name, f"/offers/{found.id}", about, f"{cost} → {sell}", spoken)


def _component(found: FoundComponent) -> Option:
    part = found.component
    place = dom_id(part, "name") if actor().may(Act.CHANGE_OFFERS) else dom_id(part)
    about = _("%(offer)s, archived", offer=found.offer) if found.archived else found.offer
    cost, sell = figures.price(part.unit_cost), figures.price(part.unit_sell)
    spoken = _("costs %(cost)s, sells for %(price)s", cost=cost, price=sell)
    return Option("sliders", part.name, f"/offers/{part.service_id}#{place}", about, f"{cost} → {sell}", spoken)


def _sale(found: FoundSale) -> Option:
    sale = found.sale
    said = {"offer": found.offer, "month": figures.month_long(sale.month)}
    about = _("%(offer)s, %(month)s, voided", **said) if sale.voided_at else _("%(offer)s, %(month)s", **said)
    which = {"month": sale.month, "offer": sale.service_id, "q": sale.notes} | ({"voided": 1} if sale.voided_at else {})
    path = f"/transactions?{urlencode(which)}#{dom_id(sale)}"
    revenue = figures.amount(sale.revenue)
    return Option("arrow-left-right", sale.notes, path, about, revenue, _("brought %(revenue)s", revenue=revenue))
