"""Making an offer and its list price agree, from either side."""

from sqlalchemy.orm import Session

from vela.domain.catalog.commands import add_component, change_service
from vela.domain.catalog.intake import NewComponent, ServiceChanges
from vela.domain.catalog.models import ADJUSTMENT, Component, Service
from vela.domain.catalog.upkeep import lock_service
from vela.domain.people.access import Act, Actor, require
from vela.errors import Conflict
from vela.intake import read
from vela.language import gettext as _


def list_at_sum(session: Session, actor: Actor, service_id: int) -> Service:
    """Make what the components add up to the list price. Raises Forbidden, NotFound."""
    require(actor, Act.CHANGE_OFFERS)
    service = lock_service(session, service_id)
    return change_service(session, actor, service_id, ServiceChanges(list_sell=service.totals.sell))


def discount_to_list(session: Session, actor: Actor, service_id: int) -> Component:
    """Add an adjustment of the difference, so that the components add up to the list price.

    Raises Forbidden, NotFound; Conflict when there is no list price, or no difference any more.
    """
    require(actor, Act.CHANGE_OFFERS)
    gap = lock_service(session, service_id).list_gap
    if not gap:
        raise Conflict("no_gap", _("The components add up to the list price already."))
    name = _("Discount") if gap < 0 else _("Surcharge")
    line = {"name": name, "kind": ADJUSTMENT, "unit_cost": 0, "unit_sell": gap}
    return add_component(session, actor, service_id, read(NewComponent, line))
