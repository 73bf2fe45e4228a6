"""What Vela answers: one pydantic model for each thing, shared by the JSON API and by agents."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from vela.domain.audit.models import AuditEntry
from vela.domain.catalog.models import Component, Revision, Service
from vela.domain.catalog.revisions import Change, differences
from vela.domain.insight.dashboard import Dashboard
from vela.domain.ledger.models import ClosedMonth, OperatingExpense, Transaction
from vela.domain.ledger.profit import MonthFigures
from vela.domain.people.models import User
from vela.periods import MONTH_PATTERN, Month


def number(value: Decimal) -> int | float:
    """The JSON number with the same text: amounts are capped so that fifteen digits always carry them exactly."""
    # nosemgrep: money-as-binary-fraction has the same fifteen digits, on its way out, nothing computed from it
    return int(value) if value == value.to_integral_value() else float(value)


Number = Annotated[Decimal, PlainSerializer(number), WithJsonSchema({"type": "number"})]
MaybeNumber = Annotated[
    Decimal | None,
    PlainSerializer(lambda value: None if value is None else number(value)),
    WithJsonSchema({"type": ["number", "null"]}),
]
MonthName = Annotated[
    Month,
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": f"^{MONTH_PATTERN}$", "examples": ["2026-11"]}),
]
MaybeMonth = Annotated[
    Month | None,
    PlainSerializer(lambda value: None if value is None else str(value)),
    WithJsonSchema({"type": ["string", "null"], "pattern": f"^{MONTH_PATTERN}$"}),
]


class Shape(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


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


Value = Annotated[
    Decimal | bool | str | None,
    PlainSerializer(lambda value: number(value) if isinstance(value, Decimal) else value),
    WithJsonSchema({"type": ["number", "boolean", "string", "null"]}),
]


class ChangeShape(Shape):
    """One field that a revision changed; `component_id` is null for a field of the offer itself."""

    component_id: int | None
    subject: str
    field: str
    before: Value
    after: Value

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(
            component_id=change.component_id,
            subject=change.subject,
            field=change.field,
            before=_plain(change.before),
            after=_plain(change.after),
        )


def _plain(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RevisionShape(Shape):
    """An offer as it stood after one change, and what that change was."""

    number: int
    at: datetime
    author: str
    face: str
    action: str
    reason: str
    undoes: Annotated[int | None, Field(description="The number of the revision that this one takes back.")]
    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber
    changes: list[ChangeShape]

    @classmethod
    def of(cls, revision: Revision, before: Revision | None, undoes: int | None) -> Self:
        computed = {
            "undoes": undoes,
            "cost_price": revision.totals.cost,
            "sell_price": revision.totals.sell,
            "margin": revision.totals.margin,
            "margin_pct": revision.totals.margin_pct,
            "changes": [ChangeShape.of(change) for change in differences(before, revision)],
        }
        stored = set(cls.model_fields) - set(computed)
        return cls.model_validate({name: getattr(revision, name) for name in stored} | computed)


class TransactionShape(Shape):
    """A sale, with the revenue and cost it was recorded at."""

    id: int
    service_id: int
    service_name: str
    quantity: int
    month: MonthName
    notes: str
    revenue: Number
    cost: Number
    margin: Number
    margin_pct: MaybeNumber
    currency: str
    created_by: str
    created_at: datetime
    sample: bool
    voided_at: datetime | None
    voided_by: str | None

    @classmethod
    def of(cls, sale: Transaction, currency: str) -> Self:
        computed = {
            "service_name": sale.service.name,
            "margin": sale.totals.margin,
            "margin_pct": sale.totals.margin_pct,
            "currency": currency,
        }
        stored = set(cls.model_fields) - set(computed)
        return cls.model_validate({name: getattr(sale, name) for name in stored} | computed)


class ProfitShape(Shape):
    """The profit and loss of one month; margins in percent, null without revenue."""

    month: MonthName
    total_revenue: Number
    total_cost: Number
    gross_profit: Number
    gross_margin_pct: MaybeNumber
    opex: Number
    net_profit: Number
    net_margin_pct: MaybeNumber
    currency: str

    @classmethod
    def of(cls, figures: MonthFigures, currency: str) -> Self:
        names = set(cls.model_fields) - {"currency"}
        return cls.model_validate({name: getattr(figures, name) for name in names} | {"currency": currency})


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


class DashboardShape(Shape):
    """The current month and the twelve months that end with it, oldest first."""

    current: ProfitShape
    previous: ProfitShape | None
    trend: list[ProfitShape]
    offers: list[OfferMarginShape]

    @classmethod
    def of(cls, board: Dashboard, currency: str) -> Self:
        return cls(
            current=ProfitShape.of(board.current, currency),
            previous=ProfitShape.of(board.previous, currency) if board.previous else None,
            trend=[ProfitShape.of(each, currency) for each in board.trend],
            offers=[OfferMarginShape.of(service) for service in board.offers],
        )


class ExpenseShape(Shape):
    """An operating expense of every month from its first to its last; null means no bound."""

    id: int
    name: str
    amount: Number
    first_month: MaybeMonth
    last_month: MaybeMonth
    notes: str
    version: int

    @classmethod
    def of(cls, expense: OperatingExpense) -> Self:
        return cls.model_validate({name: getattr(expense, name) for name in cls.model_fields})


class UserShape(Shape):
    """A user, without anything secret."""

    id: int
    username: str
    display_name: str
    role: Literal["admin", "viewer"]
    may_record_sales: bool
    active: bool

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate({name: getattr(user, name) for name in cls.model_fields})


class ClosedMonthShape(Shape):
    """A closed month: the figures that were written down, by whom, when and why."""

    month: MonthName
    sales: int
    revenue: Number
    cost: Number
    opex: Number
    currency: str
    closed_at: datetime
    closed_by: str
    reason: str

    @classmethod
    def of(cls, closed: ClosedMonth, currency: str) -> Self:
        names = set(cls.model_fields) - {"currency"}
        return cls.model_validate({name: getattr(closed, name) for name in names} | {"currency": currency})


class AuditEntryShape(Shape):
    """One change: who made it through which face, and the thing before and after. Each hash covers the one before."""

    id: int
    at: datetime
    username: str
    face: str
    token_name: str
    request_id: str
    action: str
    subject: str
    subject_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    prev_hash: str
    hash: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        return cls.model_validate({name: getattr(entry, name) for name in cls.model_fields})
