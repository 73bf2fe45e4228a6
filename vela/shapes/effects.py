"""What a change does, or would do, as it is answered; and the proposals that wait for a person."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from vela.domain.proposals.commands import plan_of
from vela.domain.proposals.models import Proposal
from vela.domain.proposals.obstacles import in_the_way
from vela.domain.proposals.plan import LineChange, Plan
from vela.shapes.base import MaybeNumber, Number, Shape
from vela.shapes.offers import UnitShape

Status = Literal["done", "dry_run", "proposed"]


class LineShape(Shape):
    """One field that differs, as text; `field` is added or removed for a whole component."""

    component_id: int | None
    subject: str
    field: str
    before: str | None
    after: str | None

    @classmethod
    def of(cls, line: LineChange) -> Self:
        return cls.model_validate(line.model_dump())


class MovedSaleShape(Shape):
    """A sale that is recorded, or voided."""

    voided: bool
    quantity: int
    revenue: Number
    cost: Number
    notes: str


class EffectShape(Shape):
    """What a change does to its offer, for one unit, and to the profit of a month, in the currency of the books.

    margin_pct_change is in percentage points.
    """

    service_id: int
    service: str
    lines: list[LineShape]
    before: UnitShape
    after: UnitShape
    margin_change: Number
    margin_pct_change: MaybeNumber
    sale: MovedSaleShape | None
    month: str
    month_net_profit_before: Number
    month_net_profit_after: Number
    month_profit_change: Annotated[
        Number, Field(description="0 for a change of prices: sales that were recorded keep theirs.")
    ]
    month_units_sold: Annotated[int, Field(description="How many units of the offer that month sold so far.")]
    profit_change_at_these_units: Annotated[
        Number, Field(description="What as many units would earn more at the new cost and price.")
    ]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            service_id=plan.service_id,
            service=plan.service,
            lines=[LineShape.of(line) for line in plan.lines],
            before=UnitShape.of(plan.before.totals),
            after=UnitShape.of(plan.after.totals),
            margin_change=plan.margin_change,
            margin_pct_change=plan.margin_pct_change,
            sale=MovedSaleShape.model_validate(plan.sale.model_dump()) if plan.sale else None,
            month=plan.month,
            month_net_profit_before=plan.net_profit_before,
            month_net_profit_after=plan.net_profit_after,
            month_profit_change=plan.profit_change,
            month_units_sold=plan.units,
            profit_change_at_these_units=plan.profit_change_at_units,
        )


class ProposalShape(Shape):
    """A change that waits for a person, or about which one has decided; `mark` names the effect as it is shown here."""

    id: int
    state: Literal["waiting", "approved", "declined", "expired", "withdrawn"]
    why: Annotated[
        str | None,
        Field(description="What is in the way of approving it: its token was revoked, or its user lost the right."),
    ]
    change: str
    effect: EffectShape
    mark: str
    proposed_by: str
    token_name: str
    created_at: datetime
    expires_at: datetime
    moved_at: Annotated[
        datetime | None, Field(description="When the effect was found out anew because the ground had moved.")
    ]
    decided_at: datetime | None
    decided_by: str | None

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        plan = plan_of(proposal)
        return cls(
            id=proposal.id,
            state=proposal.standing.value,
            why=in_the_way(proposal) or None,
            change=proposal.change,
            effect=EffectShape.of(plan),
            mark=plan.mark,
            proposed_by=proposal.user.username,
            token_name=proposal.token_name,
            created_at=proposal.created_at,
            expires_at=proposal.expires_at,
            moved_at=proposal.moved_at,
            decided_at=proposal.decided_at,
            decided_by=proposal.decided_by,
        )


class WaitingShape(Shape):
    """The proposal that a change has become, and where a person finds it."""

    id: int
    expires_at: datetime
    page: str

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        return cls(id=proposal.id, expires_at=proposal.expires_at, page=f"/proposals/{proposal.id}")


class ChangingShape(Shape):
    """Base of what a tool that changes something answers; it stands in the books only when `status` is done."""

    status: Status
    effect: EffectShape
    proposal: WaitingShape | None
