"""What only agents are answered: lists under a name, a changed component with its offer's new totals."""

from collections.abc import Iterable, Sequence
from typing import Self

from vela.domain.catalog import pricing
from vela.domain.catalog.models import Revision, Service
from vela.domain.proposals.models import Proposal
from vela.shapes.base import MaybeNumber, Number, Shape
from vela.shapes.effects import ProposalShape
from vela.shapes.offers import ServiceShape


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

    @classmethod
    def of_revision(cls, revision: Revision, currency: str) -> Self:
        """The offer as it stands in a revision, whose number is its version."""
        priced = revision.totals
        return cls(
            id=revision.service_id,
            name=revision.name,
            cost_price=priced.cost,
            sell_price=priced.sell,
            margin=priced.margin,
            margin_pct=priced.margin_pct,
            list_sell=revision.list_sell,
            list_gap=pricing.list_gap(priced, revision.list_sell),
            version=revision.number,
            currency=currency,
        )


class ProposalsShape(Shape):
    """Changes that wait for a person, oldest first, or that were decided about, newest first. `total` is how many there
    are of them; the list of those that wait goes on with `next_after` as `after`, that of the others with `next_before`
    as `before`, both null at the end."""

    total: int
    next_before: int | None
    next_after: int | None
    proposals: list[ProposalShape]

    @classmethod
    def of(cls, found: Sequence[Proposal], limit: int, total: int, *, decided: bool) -> Self:
        """`found` holds one more than `limit` where there are more."""
        shown = found[:limit]
        following = shown[-1].id if len(found) > limit else None
        return cls(
            total=total,
            next_before=following if decided else None,
            next_after=None if decided else following,
            proposals=[ProposalShape.of(each) for each in shown],
        )
