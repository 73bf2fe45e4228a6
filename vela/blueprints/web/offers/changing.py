"""The offer itself: its fields, archiving it, and making its list price agree with its components."""

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import done
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.offers.looking import everything, saved
from vela.blueprints.web.offers.refusing import refused_in_place
from vela.blueprints.web.offers.typed import OFFER_NUMBERS, typed, version_seen
from vela.blueprints.web.once import once
from vela.blueprints.web.routes import pages
from vela.domain.catalog import commands, list_price, queries
from vela.domain.catalog.intake import ServiceChanges
from vela.domain.catalog.models import Service
from vela.domain.people.access import Act, require
from vela.intake import read


@pages.patch("/offers/<int:offer_id>")
@pages.post("/offers/<int:offer_id>")
@refused_in_place
def change_offer(offer_id: int) -> Response:
    """Change what the form holds of an offer: one field, or without script all of them."""
    with database().transaction() as session:
        require(actor(), Act.CHANGE_OFFERS)
        was = queries.service(session, offer_id).version
        words = read(ServiceChanges, typed(OFFER_NUMBERS))
        offer = commands.change_service(session, actor(), offer_id, words, version=version_seen())
        return _changed(session, offer, said=sorted(words.model_fields_set), changed=offer.version != was)


@pages.post("/offers/<int:offer_id>/list-at-sum")
@refused_in_place
def list_at_sum(offer_id: int) -> Response:
    """Make what the components add up to the list price."""
    with database().transaction() as session:
        require(actor(), Act.CHANGE_OFFERS)
        offer = list_price.list_at_sum(session, actor(), offer_id)
        return _changed(session, offer, said=["list_sell"], changed=True)


@pages.post("/offers/<int:offer_id>/discount")
@refused_in_place
def add_discount(offer_id: int) -> Response:
    """Add an adjustment of the difference, so that the components add up to the list price."""
    with once(Act.CHANGE_OFFERS) as session:
        component = list_price.discount_to_list(session, actor(), offer_id)
        context = everything(session, component.service)
        return done(
            session,
            "offers/component_added.html",
            f"/offers/{offer_id}",
            words=saved(context),
            component=component,
            elsewhere=True,
            **context,
        )


@pages.post("/offers/<int:offer_id>/archive")
@refused_in_place
def archive(offer_id: int) -> Response:
    """Stop selling an offer; its history stays."""
    with database().transaction() as session:
        return _changed(session, commands.deactivate(session, actor(), offer_id), said=[], changed=True)


@pages.post("/offers/<int:offer_id>/activate")
@refused_in_place
def activate(offer_id: int) -> Response:
    """Sell an offer again."""
    with database().transaction() as session:
        return _changed(session, commands.activate(session, actor(), offer_id), said=[], changed=True)


def _changed(session: Session, offer: Service, *, said: list[str], changed: bool) -> Response:
    context = everything(session, offer, made=changed)
    return done(
        session,
        "offers/offer_changed.html",
        f"/offers/{offer.id}",
        words=saved(context),
        said=said,
        changed=changed,
        **context,
    )
