"""What would be: every offer on sale at supposed costs and prices, with nothing stored."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vela.domain.catalog import pricing, queries
from vela.domain.catalog.models import Component, Service
from vela.domain.catalog.pricing import Line, Scenario
from vela.errors import invalid
from vela.language import gettext as _


@dataclass(frozen=True, slots=True)
class Moved:
    """A component that the supposed cost change reaches, and its supposed unit cost."""

    component: Component
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class OfferScenario:
    """One offer now and at the supposed prices, and which of its components the supposed cost change reaches."""

    service: Service
    scenario: Scenario
    moved: list[Moved]


def suppose(session: Session, *, cost_change: Decimal, sell_change: Decimal, only: str) -> list[OfferScenario]:
    """Every active offer if unit costs moved by `cost_change` percent and all unit prices by `sell_change` percent.

    Costs move only in components whose name contains `only`, or whose group is `only`, in any case of letters; all
    of them when it is empty. Raises Invalid when `only` means no component at all.
    """
    sold = [_supposed(service, cost_change, sell_change, only) for service in queries.services(session)]
    if only and not any(each.moved for each in sold):
        words = _("No component of an active offer has a name or a group like that. Leave it out to move every cost.")
        raise invalid("only", "no_match", words)
    return sold


def _supposed(service: Service, cost_change: Decimal, sell_change: Decimal, only: str) -> OfferScenario:
    scenario = pricing.what_if(
        service.lines,
        cost_change=cost_change,
        sell_change=sell_change,
        applies=lambda line: means(only, line),
    )
    reached = [component for component in service.components if means(only, component.line)]
    return OfferScenario(
        service,
        scenario,
        [Moved(component, pricing.moved_price(component.unit_cost, cost_change)) for component in reached],
    )


def means(only: str, line: Line) -> bool:
    """Whether `only` means this line: part of its name, or its whole group; empty means every line."""
    wanted = only.casefold()
    return wanted in line.name.casefold() or wanted == line.group.casefold()
