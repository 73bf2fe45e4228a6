"""What callers may say: field types, and `read`, which turns words into a model or into every complaint at once."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, LiteralString, TypeVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from vela import money
from vela.errors import Invalid, Issue
from vela.language import gettext as _
from vela.language import grouped, ngettext
from vela.periods import MONTH_PATTERN, Month

DECIMAL_TEXT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
MOST_SOLD_AT_ONCE = 1_000_000
NAME_LENGTH = 80
NOTE_LENGTH = 500
LONGEST_FIELD = 100


class Words(BaseModel):
    """Base of everything a caller may say: unknown fields are refused, `echoes` (figures we gave out) are ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)
    echoes: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def without_echoes(cls, words: object) -> object:
        """Drop the figures we gave out ourselves, here and in whatever is nested."""
        if not isinstance(words, Mapping):
            return words
        said = cast("Mapping[object, object]", words)
        return {name: value for name, value in said.items() if name not in cls.echoes}

    def said(self) -> dict[str, Any]:
        """The fields that were really given, with their values, in the order of the model."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


Said = TypeVar("Said", bound=Words)


def read(model: type[Said], words: Mapping[str, Any], *, typed: bool = False) -> Said:
    """Understand `words` as `model`.

    `typed`: the words are JSON, in which an empty text is not "nothing" and the text "on" is not true, as in a form.
    Raises Invalid with every complaint at once, each under its public field name.
    """
    try:
        return model.model_validate(dict(words), context={"typed": typed})
    except ValidationError as error:
        raise Invalid(*complaints(error)) from None


def part_of(kind: type[Said], said: Said) -> Said:
    """What `said` (of a subclass of `kind`) holds of `kind`: the same values, and what was left out stays left out."""
    values = {name: getattr(said, name) for name in kind.model_fields}
    return kind.model_construct(said.model_fields_set & kind.model_fields.keys(), **values)


def complaints(error: ValidationError) -> list[Issue]:
    """A pydantic error in our own words."""
    return [_issue(detail) for detail in error.errors(include_url=False, include_input=False)]


def _issue(detail: ErrorDetails) -> Issue:
    field = _printable(".".join(str(part) for part in detail["loc"]))
    # A name that is no text at all is no name of ours either.
    kind = detail["type"].replace("string_unicode", "extra_forbidden")
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


def _printable(field: str) -> str:
    """The name of a field as it may be repeated to whoever made it up."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in field[:LONGEST_FIELD])


def refusal(code: LiteralString, message: str) -> PydanticCustomError:
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

# Soft hyphen, Mongolian vowel separator, zero-width spaces and joiners, word joiners, byte order mark.
_UNSEEN = {"\u00ad", "\u180e", "\u200b", "\u200c", "\u200d", *(chr(c) for c in range(0x2060, 0x2065)), "\ufeff"}

# The same as ranges of a regular expression, for the published schema.
_OTHERS = r"\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_NOT_IN_LINE = r"\u0000-\u001f" + _OTHERS
_NOT_SEEN = r"\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff"
_NOT_IN_LINES = r"\u0000-\u0008\u000b-\u001f" + _OTHERS


def _text(longest: int, *, required: bool, lines: bool = False) -> Callable[[object], str]:
    def read_text(value: object) -> str:
        if not isinstance(value, str):
            raise refusal("text", _("Enter text."))
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if any(_is_unprintable(character, lines) for character in text):
            raise refusal("text", _("Use only letters, digits and signs that can be printed."))
        if required and all(character in _UNSEEN or character.isspace() for character in text):
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


def _text_schema(longest: int, *, required: bool, lines: bool = False) -> dict[str, Any]:
    sign = f"[^{_NOT_IN_LINES if lines else _NOT_IN_LINE}]"
    pattern = f"^{sign}*[^{_NOT_IN_LINE}{_NOT_SEEN}\\s]{sign}*$" if required else f"^{sign}*$"
    return {"type": "string", "maxLength": longest, "pattern": pattern} | ({"minLength": 1} if required else {})


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
    WithJsonSchema(_text_schema(NOTE_LENGTH, required=False, lines=True)),
]


def _reason(value: object) -> str:
    text = _text(NOTE_LENGTH, required=False, lines=True)(value)
    if all(character in _UNSEEN or character.isspace() for character in text):
        raise refusal("required", _("Say why, in a few words."))
    return text


Reason = Annotated[
    str,
    BeforeValidator(_reason),
    WithJsonSchema(_text_schema(NOTE_LENGTH, required=True, lines=True)),
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
        if number.copy_abs() > most:
            raise refusal(
                "too_large",
                _("That is too large. Enter at most %(most)s.", most=grouped(most)),
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
        return number.quantize(Decimal(1).scaleb(-places)) + 0  # which leaves no negative zero

    return read_number


def _needs_number(*, signed: bool, above_zero: bool) -> str:
    if above_zero:
        return _("Enter a number above 0, such as 1.")
    if signed:
        return _("Enter a number, such as 400.")
    return _("Enter a number of 0 or more, such as 400.")


def _number_schema(places: int, most: Decimal, *, signed: bool = False, above_zero: bool = False) -> dict[str, Any]:
    # nosemgrep: money-as-binary-fraction a bound in a schema, which JSON can only say so
    least = {"minimum": -float(most)} if signed else {"exclusiveMinimum": 0} if above_zero else {"minimum": 0}
    text = {"type": "string", "pattern": _number_pattern(places, most, signed=signed, above_zero=above_zero)}
    # No multipleOf here: validators that compute in binary fractions would refuse 0.3 as a multiple of 0.01.
    # nosemgrep: money-as-binary-fraction the same
    return {"anyOf": [{"type": "number", "maximum": float(most)} | least, text], "description": decimals_said(places)}


def decimals_said(places: int) -> str:
    """How the schema of a decimal field says how many decimals it takes."""
    return f"At most {places} decimals; a number, or the same as text."


def _number_pattern(places: int, most: Decimal, *, signed: bool, above_zero: bool) -> str:
    digits = len(str(int(most)))
    fraction = f"(\\.[0-9]{{1,{places}}})?"
    if above_zero:
        return f"^([1-9][0-9]{{0,{digits - 1}}}{fraction}|0\\.[0-9]{{0,{places - 1}}}[1-9])$"
    most_text = f"{most:f}|" if most == int(most) else ""
    whole = digits - 1 if most_text else digits
    return f"^{'-?' if signed else ''}({most_text}[0-9]{{1,{whole}}}{fraction})$"


@dataclass(frozen=True, slots=True)
class _Decimals:
    """Marks a decimal field: how it is read, and how its JSON schema says so."""

    places: int
    most: Decimal
    signed: bool = False
    above_zero: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        reader = _number(self.places, self.most, signed=self.signed, above_zero=self.above_zero)
        return core_schema.no_info_before_validator_function(reader, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return _number_schema(self.places, self.most, signed=self.signed, above_zero=self.above_zero)


Price = Annotated[Decimal, _Decimals(money.UNIT_PRICE_PLACES, money.MOST_UNIT_PRICE)]
SignedPrice = Annotated[Decimal, _Decimals(money.UNIT_PRICE_PLACES, money.MOST_UNIT_PRICE, signed=True)]
Amount = Annotated[Decimal, _Decimals(money.AMOUNT_PLACES, money.MOST_AMOUNT)]
ComponentQuantity = Annotated[Decimal, _Decimals(money.QUANTITY_PLACES, money.MOST_QUANTITY, above_zero=True)]
TargetMargin = Annotated[Decimal, _Decimals(money.PERCENT_PLACES, Decimal(100))]
PercentChange = Annotated[Decimal, _Decimals(money.PERCENT_PLACES, Decimal(1000), signed=True)]


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read_whole(value: object) -> int:
        number = exact(value)
        if number is None or number != number.to_integral_value() or number < least:
            raise refusal("quantity", _("Enter a whole number of %(least)d or more.", least=least))
        if number > most:
            raise refusal(
                "too_large",
                _("That is too large. Enter at most %(most)s.", most=grouped(most)),
            )
        return int(number)

    return read_whole


@dataclass(frozen=True, slots=True)
class _Wholes:
    """Marks a field for a whole number: how it is read, and how its JSON schema says so."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_whole(self.least, self.most), handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


SaleQuantity = Annotated[int, _Wholes(1, MOST_SOLD_AT_ONCE)]
Identity = Annotated[int, _Wholes(1, 2**53 - 1)]
Position = Annotated[int, _Wholes(1, 100_000)]
Version = Annotated[int, _Wholes(1, 2**53 - 1)]
PageLength = Annotated[int, _Wholes(1, 1000)]

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


# ---------- what a form says in its own way


def is_typed(info: ValidationInfo) -> bool:
    """Whether the words are JSON, in which an empty text is not nothing."""
    context = cast("dict[str, object]", info.context or {})
    return bool(context.get("typed"))


def blank_as_none(value: object, info: ValidationInfo) -> object:
    """An empty field of a form means nothing; use before a nullable type."""
    blank = isinstance(value, str) and not value.strip()
    return None if blank and not is_typed(info) else value


Optional = BeforeValidator(blank_as_none)

_TICKED = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False, "": False}


def _flag(value: object, info: ValidationInfo) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _TICKED and not is_typed(info):
        return _TICKED[value]
    raise refusal("flag", _("Say true or false."))


Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
