"""What is not so but could be: every offer at supposed costs and prices, and the price for a wanted margin."""

from typing import Self

from vela import money
from vela.domain.insight.aiming import Aim
from vela.domain.insight.intake import Supposed
from vela.domain.insight.what_if import Moved, OfferScenario
from vela.shapes.base import MaybeNumber, Number, Shape
from vela.shapes.offers import UnitShape


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
    now: UnitShape
    then: UnitShape
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
            now=UnitShape.of(now),
            then=UnitShape.of(then),
            margin_change=then.margin - now.margin,
            margin_pct_change=money.points(now.margin_pct, then.margin_pct),
            price_to_keep_margin=supposed.scenario.price_to_keep_margin,
            moved=[MovedComponentShape.of(each) for each in supposed.moved],
        )


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


class AimShape(Shape):
    """The price of one unit that leaves margin_pct percent of itself, to the minor unit, half up; `then` is the offer
    at that price. The changes are in the currency of the books and in percent, negative for a discount."""

    service_id: int
    name: str
    margin_pct: Number
    price: Number
    now: UnitShape
    then: UnitShape
    price_change: Number
    price_change_pct: MaybeNumber
    list_price: MaybeNumber
    list_change: MaybeNumber
    list_change_pct: MaybeNumber
    target_margin_pct: MaybeNumber
    currency: str

    @classmethod
    def of(cls, aimed: Aim, currency: str) -> Self:
        listed = aimed.service.list_sell
        return cls(
            service_id=aimed.service.id,
            name=aimed.service.name,
            margin_pct=aimed.margin_pct,
            price=aimed.then.sell,
            now=UnitShape.of(aimed.now),
            then=UnitShape.of(aimed.then),
            price_change=aimed.change,
            price_change_pct=money.percent(aimed.change, aimed.now.sell),
            list_price=listed,
            list_change=aimed.list_change,
            list_change_pct=None if listed is None else money.percent(aimed.then.sell - listed, listed),
            target_margin_pct=aimed.service.target_margin_pct,
            currency=currency,
        )
