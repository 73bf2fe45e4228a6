"""What callers may say: field types, and `read`, which turns words into a model or into every complaint at once."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from vela import money
from vela.errors import Invalid, Issue
from vela.language import gettext as _
from vela.language import ngettext
from vela.periods import MONTH_PATTERN, Month

DECIMAL_TEXT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
MOST_SOLD_AT_ONCE = 1_000_000
NAME_LENGTH = 80
NOTE_LENGTH = 500


class Words(BaseModel):
    """Base of everything a caller may say: unknown fields are refused, `echoes` (figures we gave out) are ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)
    echoes: ClassVar[frozenset[str]] = frozenset()

    def said(self) -> dict[str, Any]:
        """The fields that were really given, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


Said = TypeVar("Said", bound=Words)


def read(model: type[Said], words: Mapping[str, Any]) -> Said:
    """Understand `words` as `model`.

    Raises Invalid with every complaint at once, each under its public field name.
    """
    try:
        return model.model_validate({name: value for name, value in words.items() if name not in model.echoes})
    except ValidationError as error:
        raise Invalid(*complaints(error)) from None


def complaints(error: ValidationError) -> list[Issue]:
    """A pydantic error in our own words."""
    return [_issue(detail) for detail in error.errors(include_url=False, include_input=False)]


def _issue(detail: ErrorDetails) -> Issue:
    field = ".".join(str(part) for part in detail["loc"])
    kind = detail["type"]
    words = {
        "missing": lambda: _("This is needed. Fill it in."),
        "extra_forbidden": lambda: _("There is no field named %(name)s here. Leave it out.", name=field),
        "bool_parsing": lambda: _("Say true or false."),
        "bool_type": lambda: _("Say true or false."),
        "list_type": lambda: _("Give a list."),
        "model_type": lambda: _("Give an object with named fields."),
        "dict_type": lambda: _("Give an object with named fields."),
        "too_long": lambda: _("That is too many. Give fewer."),
    }
    if kind in words:
        return Issue(
            field,
            {"missing": "required", "extra_forbidden": "unknown_field"}.get(kind, "wrong_kind"),
            words[kind](),
        )
    return Issue(field, kind, detail["msg"])


def refusal(code: str, message: str) -> PydanticCustomError:
    """A complaint to raise inside a validator; `message` is already in the reader's language."""
    return PydanticCustomError(code, "{words}", {"words": message})


# ---------- text

_BIDI = {
    "\u061c",
    "\u200e",
    "\u200f",
    *(chr(c) for c in range(0x202A, 0x202F)),
    *(chr(c) for c in range(0x2066, 0x206A)),
}


def _text(longest: int, *, required: bool, lines: bool = False) -> Callable[[object], str]:
    def read_text(value: object) -> str:
        if not isinstance(value, str):
            raise refusal("text", _("Enter text."))
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if any(_is_unprintable(character, lines) for character in text):
            raise refusal("text", _("Use only letters, digits and signs that can be printed."))
        if required and not text:
            raise refusal("required", _("Give it a name."))
        if len(text) > longest:
            raise refusal(
                "overlong",
                ngettext(
                    "Use at most %(count)d character.",
                    "Use at most %(count)d characters.",
                    longest,
                ),
            )
        return text

    return read_text


def _is_unprintable(character: str, lines: bool) -> bool:
    if lines and character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _BIDI


def _text_schema(longest: int, *, required: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "maxLength": longest}
    return schema | {"minLength": 1} if required else schema


Name = Annotated[
    str,
    BeforeValidator(_text(NAME_LENGTH, required=True)),
    WithJsonSchema(_text_schema(NAME_LENGTH, required=True)),
]
Line = Annotated[
    str,
    BeforeValidator(_text(NAME_LENGTH, required=False)),
    WithJsonSchema(_text_schema(NAME_LENGTH, required=False)),
]
Note = Annotated[
    str,
    BeforeValidator(_text(NOTE_LENGTH, required=False, lines=True)),
    WithJsonSchema(_text_schema(NOTE_LENGTH, required=False)),
]

# ---------- numbers


def exact(value: object) -> Decimal | None:
    """The decimal that `value` says, or None when it says none: a number, or plain decimal text in ASCII digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return Decimal(value.strip()) if DECIMAL_TEXT.fullmatch(value.strip()) else None
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        return number if number.is_finite() else None
    return None


def _number(
    places: int, most: Decimal, *, signed: bool = False, above_zero: bool = False
) -> Callable[[object], Decimal]:
    def read_number(value: object) -> Decimal:
        number = exact(value)
        if number is None or (number < 0 and not signed):
            raise refusal("number", _needs_number(signed=signed, above_zero=above_zero))
        if abs(number) > most:
            raise refusal(
                "too_large",
                _("That is too large. Enter at most %(most)s.", most=f"{most:f}"),
            )
        if above_zero and number == 0:
            raise refusal("number", _needs_number(signed=False, above_zero=True))
        if money.places_of(number) > places:
            raise refusal(
                "decimals",
                ngettext(
                    "Use at most %(count)d decimal.",
                    "Use at most %(count)d decimals.",
                    places,
                ),
            )
        return number.quantize(Decimal(1).scaleb(-places))

    return read_number


def _needs_number(*, signed: bool, above_zero: bool) -> str:
    if above_zero:
        return _("Enter a number above 0, such as 1.")
    if signed:
        return _("Enter a number, such as 400 or -400.")
    return _("Enter a number of 0 or more, such as 400.")


def _number_schema(places: int, most: Decimal, *, signed: bool = False, above_zero: bool = False) -> dict[str, Any]:
    least = {"minimum": -float(most)} if signed else {"exclusiveMinimum": 0} if above_zero else {"minimum": 0}
    sign = "-?" if signed else ""
    return {
        "anyOf": [
            {
                "type": "number",
                "maximum": float(most),
                "multipleOf": float(Decimal(1).scaleb(-places)),
            }
            | least,
            {
                "type": "string",
                "pattern": f"^{sign}[0-9]{{1,13}}(\\.[0-9]{{1,{places}}})?$",
            },
        ]
    }


def _decimal_type(places: int, most: Decimal, **kind: bool) -> Any:
    return Annotated[
        Decimal,
        BeforeValidator(_number(places, most, **kind)),
        WithJsonSchema(_number_schema(places, most, **kind)),
    ]


Price = _decimal_type(money.UNIT_PRICE_PLACES, money.MOST_UNIT_PRICE)
SignedPrice = _decimal_type(money.UNIT_PRICE_PLACES, money.MOST_UNIT_PRICE, signed=True)
Amount = _decimal_type(money.AMOUNT_PLACES, money.MOST_AMOUNT)
ComponentQuantity = _decimal_type(money.QUANTITY_PLACES, money.MOST_QUANTITY, above_zero=True)
TargetMargin = _decimal_type(money.PERCENT_PLACES, Decimal(100))
PercentChange = _decimal_type(money.PERCENT_PLACES, Decimal(1000), signed=True)


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read_whole(value: object) -> int:
        number = exact(value)
        if number is None or number != number.to_integral_value() or number < least:
            raise refusal("quantity", _("Enter a whole number of %(least)d or more.", least=least))
        if number > most:
            raise refusal(
                "too_large",
                _("That is too large. Enter at most %(most)s.", most=str(most)),
            )
        return int(number)

    return read_whole


def _whole_type(least: int, most: int) -> Any:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Annotated[int, BeforeValidator(_whole(least, most)), WithJsonSchema(schema)]


SaleQuantity = _whole_type(1, MOST_SOLD_AT_ONCE)
Identity = _whole_type(1, 2**53 - 1)
Position = _whole_type(1, 100_000)
Version = _whole_type(1, 2**53 - 1)

# ---------- months


def _month(value: object) -> Month:
    if isinstance(value, Month):
        return value
    try:
        return Month.parse(value if isinstance(value, str) else "")
    except ValueError:
        raise refusal("month", _("Write the month as YYYY-MM, such as 2026-11.")) from None


MonthOf = Annotated[
    Month,
    BeforeValidator(_month),
    WithJsonSchema({"type": "string", "pattern": f"^{MONTH_PATTERN}$", "examples": ["2026-11"]}),
]


def blank_as_none(value: object) -> object:
    """An empty field of a form means nothing; use before a nullable type."""
    return None if isinstance(value, str) and not value.strip() else value


Optional = BeforeValidator(blank_as_none)
