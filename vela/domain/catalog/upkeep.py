"""What every change of an offer goes through: the lock, the checks of names and sums, positions, the next revision."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vela import money
from vela.db import hold
from vela.domain.catalog import queries, revisions
from vela.domain.catalog.intake import MOST_COMPONENTS
from vela.domain.catalog.models import ADJUSTMENT, Component, Revision, Service
from vela.domain.people.access import Actor
from vela.errors import Conflict, Invalid, Issue, NotFound
from vela.language import gettext as _
from vela.language import grouped


def lock_service(session: Session, service_id: int) -> Service:
    """The offer, held until the transaction ends so that its revisions are numbered one by one. Raises NotFound."""
    found = hold(session, Service, service_id)
    if found is None:
        raise NotFound("service", service_id)
    return found


def lock_component(session: Session, component_id: int) -> Component:
    """A component, its offer held as by `lock_service`. Raises NotFound, also when it was removed meanwhile."""
    lock_service(session, queries.component(session, component_id).service_id)
    session.refresh(queries.component(session, component_id))
    return queries.component(session, component_id)


def finish(
    session: Session,
    actor: Actor,
    service: Service,
    action: str,
    *,
    undoes: Revision | None = None,
) -> Revision:
    """Every act on an offer ends here: its sums are checked and it is written down as its next revision."""
    session.flush()
    session.expire(service, ["components"])
    _check_size(service)
    return revisions.write_down(session, actor, service, action, undoes=undoes)


def take_name(session: Session, service: Service, name: str) -> None:
    """Give `service` the name. Raises Conflict when another offer has it, in whatever case."""
    key = name.casefold()
    with session.no_autoflush:
        other = session.scalar(select(Service).where(Service.name_key == key, Service.id != (service.id or 0)))
    if other is not None:
        raise _taken(name, archived=not other.active)
    service.name, service.name_key = name, key
    session.add(service)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else took the name at the same moment
        if "name_key" not in str(error.orig):
            raise
        raise _taken(name, archived=False) from error


def _taken(name: str, *, archived: bool) -> Conflict:
    if archived:
        words = _("%(name)s is taken by an archived offer. Pick another name.", name=name)
    else:
        words = _("%(name)s is taken. Pick another name.", name=name)
    return Conflict("taken", words, field="name")


def check_prices(kind: str, unit_cost: Decimal, unit_sell: Decimal, prefix: str = "") -> None:
    """Raises Invalid when a price is below 0 and the component is not an adjustment."""
    wrong = [field for field, price in (("unit_cost", unit_cost), ("unit_sell", unit_sell)) if price < 0]
    if wrong and kind != ADJUSTMENT:
        words = _("Enter a number of 0 or more, such as 400. Only an adjustment may go below 0.")
        raise Invalid(*(Issue(prefix + field, "number", words) for field in wrong))


def too_many() -> Conflict:
    """The refusal of more components than an offer holds."""
    return Conflict("too_many", _("An offer holds at most %(count)d components.", count=MOST_COMPONENTS))


def _check_size(service: Service) -> None:
    """Raises Conflict when there are too many components, a sum is too large to be exact everywhere or below 0."""
    if len(service.components) > MOST_COMPONENTS:
        raise too_many()
    sums = [service.totals, *(component.totals for component in service.components)]
    if any(abs(amount) > money.MOST_AMOUNT for each in sums for amount in (each.cost, each.sell)):
        words = _("The sum would be too large. Vela counts up to %(most)s.", most=grouped(money.MOST_AMOUNT))
        raise Conflict("too_large", words)
    if service.totals.cost < 0 or service.totals.sell < 0:
        words = _("The components of %(name)s would add up to less than 0.", name=service.name)
        raise Conflict("below_zero", words)


def place(session: Session, service: Service, component: Component, position: int) -> None:
    """Put `component` at `position` (1 is first, beyond the end is last) and number the others around it."""
    session.flush()
    session.expire(service, ["components"])
    order = [other for other in service.components if other.id != component.id]
    order.insert(position - 1, component)
    renumber(order)


def renumber(order: Sequence[Component]) -> None:
    for number, component in enumerate(order, start=1):
        component.position = number
