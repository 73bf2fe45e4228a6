"""What only agents are answered: lists under a name, a changed component with its offer's new totals, a what-if."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from vela.domain.catalog.models import Component, Service
from vela.domain.catalog.pricing import Totals
from vela.domain.insight.what_if import Moved, OfferScenario
from vela.mcp.arguments import Supposed
from vela.shapes import ComponentShape, MaybeNumber, Number, ServiceShape, Shape


class ServicesShape(Shape):
    """Offers in the order they were made."""

    services: list[ServiceShape]

    @classmethod
    def of(cls, services: Iterable[Service], currency: str) -> Self:
        return cls(services=[ServiceShape.of(service, currency) for service in services])


class ServiceTotalsShape(Shape):
    """What one unit of an offer costs, sells for and earns after a change, without its components."""

    id: int
    name: str
    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber
    list_sell: MaybeNumber
    list_gap: MaybeNumber
    version: int
    currency: str

    @classmethod
    def of(cls, service: Service, currency: str) -> Self:
        priced = service.totals
        return cls(
            id=service.id,
            name=service.name,
            cost_price=priced.cost,
            sell_price=priced.sell,
            margin=priced.margin,
            margin_pct=priced.margin_pct,
            list_sell=service.list_sell,
            list_gap=service.list_gap,
            version=service.version,
            currency=currency,
        )


class ChangedComponentShape(Shape):
    """A component that was added, updated or deleted, and what its offer comes to now."""

    component: ComponentShape
    service: ServiceTotalsShape

    @classmethod
    def of(cls, component: Component, currency: str) -> Self:
        return cls(component=ComponentShape.of(component), service=ServiceTotalsShape.of(component.service, currency))


class PricedShape(Shape):
    """Cost, price and margin of one unit of an offer."""

    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber

    @classmethod
    def of(cls, priced: Totals) -> Self:
        return cls(cost_price=priced.cost, sell_price=priced.sell, margin=priced.margin, margin_pct=priced.margin_pct)


class MovedComponentShape(Shape):
    """A component whose cost the supposed change reaches, with its unit cost now and then."""

    id: int
    name: str
    group: str
    unit_cost_now: Number
    unit_cost_then: Number

    @classmethod
    def of(cls, moved: Moved) -> Self:
        component = moved.component
        return cls(
            id=component.id,
            name=component.name,
            group=component.group,
            unit_cost_now=component.unit_cost,
            unit_cost_then=moved.unit_cost,
        )


class OfferScenarioShape(Shape):
    """One offer now and then. margin_change is in the currency of the books, margin_pct_change in percentage points;
    price_to_keep_margin is the price at which the margin % of now would be kept."""

    service_id: int
    name: str
    now: PricedShape
    then: PricedShape
    margin_change: Number
    margin_pct_change: MaybeNumber
    price_to_keep_margin: MaybeNumber
    moved: list[MovedComponentShape]

    @classmethod
    def of(cls, supposed: OfferScenario) -> Self:
        now, then = supposed.scenario.now, supposed.scenario.then
        return cls(
            service_id=supposed.service.id,
            name=supposed.service.name,
            now=PricedShape.of(now),
            then=PricedShape.of(then),
            margin_change=then.margin - now.margin,
            margin_pct_change=_points(now.margin_pct, then.margin_pct),
            price_to_keep_margin=supposed.scenario.price_to_keep_margin,
            moved=[MovedComponentShape.of(each) for each in supposed.moved],
        )


def _points(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return None if now is None or then is None else then - now


class ScenarioShape(Shape):
    """Every active offer at supposed costs and prices; nothing of it is stored."""

    cost_change_pct: Number
    sell_change_pct: Number
    only: str
    moved_components: list[str]
    currency: str
    offers: list[OfferScenarioShape]

    @classmethod
    def of(cls, words: Supposed, offers: list[OfferScenario], currency: str) -> Self:
        return cls(
            cost_change_pct=words.cost_change_pct,
            sell_change_pct=words.sell_change_pct,
            only=words.only,
            moved_components=sorted({moved.component.name for each in offers for moved in each.moved}),
            currency=currency,
            offers=[OfferScenarioShape.of(each) for each in offers],
        )
