"""What callers may say about services and their components."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from vela.domain.catalog.models import ADJUSTMENT, PART
from vela.intake import (
    Amount,
    ComponentQuantity,
    Flag,
    Line,
    Name,
    Note,
    Optional,
    PercentChange,
    Position,
    SignedPrice,
    TargetMargin,
    Words,
    refusal,
)
from vela.language import gettext as _

MOST_COMPONENTS = 200
ONE = Decimal("1.0000")
FREE = Decimal("0.00000")


def _kind(value: object) -> str:
    if isinstance(value, str) and value in (PART, ADJUSTMENT):
        return value
    raise refusal("kind", _("Choose part or adjustment."))


Kind = Annotated[
    Literal["part", "adjustment"],
    BeforeValidator(_kind),
    WithJsonSchema({"type": "string", "enum": [PART, ADJUSTMENT]}),
]
ListPrice = Annotated[Amount | None, Optional]
Target = Annotated[TargetMargin | None, Optional]


# Of a number or of its text, whichever is given.
_NOT_BELOW_ZERO = {"minimum": 0, "pattern": "^[0-9]"}
# These say nothing of the other fields, which linters of documents like to be told.
_BESIDES = {"additionalProperties": True}
_ONLY_ADJUSTMENTS_BELOW_ZERO: dict[str, Any] = {
    "if": {"properties": {"kind": {"const": ADJUSTMENT}}, "required": ["kind"]} | _BESIDES,
    "else": {"properties": {"unit_cost": _NOT_BELOW_ZERO, "unit_sell": _NOT_BELOW_ZERO}} | _BESIDES,
}


class NewComponent(Words):
    """A component to add; prices in the currency of the books, for one unit."""

    model_config = ConfigDict(json_schema_extra=_ONLY_ADJUSTMENTS_BELOW_ZERO)
    echoes = frozenset(
        {
            "id",
            "service_id",
            "cost",
            "sell",
            "margin",
            "margin_pct",
            "version",
            "currency",
        }
    )

    name: Name
    unit_cost: SignedPrice
    unit_sell: SignedPrice
    quantity: ComponentQuantity = ONE
    notes: Note = ""
    group: Line = ""
    kind: Kind = "part"
    position: Position | None = None


# Whether the component is a part may also be left to what is stored, which no schema knows.
_PARTS_NOT_BELOW_ZERO: dict[str, Any] = {
    "if": {"properties": {"kind": {"const": PART}}, "required": ["kind"]} | _BESIDES,
    "then": {"properties": {"unit_cost": _NOT_BELOW_ZERO, "unit_sell": _NOT_BELOW_ZERO}} | _BESIDES,
}


class ComponentChanges(Words):
    """What to change of a component; what is left out keeps its value."""

    model_config = ConfigDict(json_schema_extra=_PARTS_NOT_BELOW_ZERO)
    echoes = frozenset({"id", "service_id", "cost", "sell", "margin", "margin_pct", "currency"})

    name: Name = ""
    unit_cost: SignedPrice = FREE
    unit_sell: SignedPrice = FREE
    quantity: ComponentQuantity = ONE
    notes: Note = ""
    group: Line = ""
    kind: Kind = "part"
    position: Position = 1


class NewService(Words):
    """An offer to create, with the components it starts with."""

    echoes = frozenset(
        {"id", "cost_price", "sell_price", "margin", "margin_pct", "list_gap", "currency", "version", "revision",
         "created_at", "updated_at"}
    )  # fmt: skip

    name: Name
    description: Note = ""
    list_cost: ListPrice = None
    list_sell: ListPrice = None
    target_margin_pct: Target = None
    active: Flag = True
    components: Annotated[list[NewComponent], Field(max_length=MOST_COMPONENTS)] = Field(default_factory=list)


class ServiceChanges(Words):
    """What to change of an offer itself; what is left out keeps its value, null clears a price or a target."""

    echoes = NewService.echoes - {"version"}

    name: Name = ""
    description: Note = ""
    list_cost: ListPrice = None
    list_sell: ListPrice = None
    target_margin_pct: Target = None
    active: Flag = True


class Supposition(Words):
    """Supposed price moves, in percent: costs (of one group or component name, or of all) and unit prices."""

    cost_change: PercentChange = Decimal(0)
    sell_change: PercentChange = Decimal(0)
    only: Line = ""
