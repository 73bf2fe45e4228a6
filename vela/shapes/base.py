"""What every answer is made of: numbers, months, and the base of all shapes."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from vela.exact import number
from vela.periods import MONTH_PATTERN, Month

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

Value = Annotated[
    Decimal | bool | str | None,
    PlainSerializer(lambda value: number(value) if isinstance(value, Decimal) else value),
    WithJsonSchema({"type": ["number", "boolean", "string", "null"]}),
]


class Shape(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
