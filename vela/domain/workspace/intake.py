"""What callers may say about the business."""

from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from babel.numbers import get_currency_precision, list_currencies
from pydantic import BeforeValidator, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema

from vela.intake import Name, Words, refusal
from vela.language import gettext as _
from vela.money import AMOUNT_PLACES

_UNIONS = ("XCD", "XCG")  # the other codes that begin with X are metals, units of account, tests, or no currency


@cache
def currencies() -> frozenset[str]:
    """The currencies Vela can keep books in: those of some country or union, with two decimals."""
    return frozenset(
        code
        for code in list_currencies()
        if get_currency_precision(code) == AMOUNT_PLACES and (code[0] != "X" or code in _UNIONS)
    )


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _currency(value: object) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in currencies():
        raise refusal(
            "currency",
            _("Enter the three letters of a currency with two decimals, such as MAD or EUR."),
        )
    return code


def _time_zone(value: object) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if name not in time_zones():
        raise refusal("time_zone", _("Enter a time zone by its name, such as Africa/Casablanca."))
    return name


class _OneOfTheCurrencies:
    """Says in the JSON schema of a field which currencies there are, when somebody asks for that schema."""

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": sorted(currencies())}


class WorkspaceChanges(Words):
    name: Name = ""
    currency: Annotated[
        str,
        BeforeValidator(_currency),
        _OneOfTheCurrencies(),
    ] = ""
    time_zone: Annotated[
        str,
        BeforeValidator(_time_zone),
        WithJsonSchema({"type": "string", "examples": ["Africa/Casablanca"]}),
    ] = ""
