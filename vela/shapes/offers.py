"""Offers and their components as they are answered."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from vela.domain.catalog.models import Component, Service
from vela.domain.catalog.pricing import Totals
from vela.shapes.base import MaybeNumber, Number, Shape


class UnitShape(Shape):
    """Cost, price and margin of one unit of an offer."""

    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber

    @classmethod
    def of(cls, priced: Totals) -> Self:
        return cls(cost_price=priced.cost, sell_price=priced.sell, margin=priced.margin, margin_pct=priced.margin_pct)


class ComponentShape(Shape):
    """One line of an offer; cost, sell and margin are for its whole quantity."""

    id: int
    service_id: int
    position: int
    name: str
    group: str
    kind: Literal["part", "adjustment"]
    quantity: Number
    unit_cost: Number
    unit_sell: Number
    cost: Number
    sell: Number
    margin: Number
    margin_pct: MaybeNumber
    notes: str
    version: int

    @classmethod
    def of(cls, component: Component) -> Self:
        priced = component.totals
        return cls.model_validate(
            {name: getattr(component, name) for name in cls.model_fields if hasattr(component, name)}
            | {
                "cost": priced.cost,
                "sell": priced.sell,
                "margin": priced.margin,
                "margin_pct": priced.margin_pct,
            }
        )


class ServiceShape(Shape):
    """An offer; cost_price, sell_price and margin are computed from its components, for one unit."""

    id: int
    name: str
    description: str
    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber
    list_cost: MaybeNumber
    list_sell: MaybeNumber
    list_gap: Annotated[MaybeNumber, Field(description="List price minus the sum of the components.")]
    target_margin_pct: MaybeNumber
    active: bool
    version: int
    currency: str
    created_at: datetime
    updated_at: datetime
    components: list[ComponentShape]

    @classmethod
    def of(cls, service: Service, currency: str) -> Self:
        priced = service.totals
        computed = {
            "cost_price": priced.cost,
            "sell_price": priced.sell,
            "margin": priced.margin,
            "margin_pct": priced.margin_pct,
            "currency": currency,
            "components": [ComponentShape.of(component) for component in service.components],
        }
        stored = set(cls.model_fields) - set(computed)
        return cls.model_validate({name: getattr(service, name) for name in stored} | computed)


class OfferMarginShape(Shape):
    """What one unit of an offer costs, sells for and earns now."""

    service_id: int
    name: str
    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber

    @classmethod
    def of(cls, service: Service) -> Self:
        priced = service.totals
        return cls(
            service_id=service.id,
            name=service.name,
            cost_price=priced.cost,
            sell_price=priced.sell,
            margin=priced.margin,
            margin_pct=priced.margin_pct,
        )
