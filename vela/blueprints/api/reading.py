"""What a request says: strict JSON bodies, query parameters, ids in the path, and the version the caller read."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Annotated, Any, NoReturn, cast

from flask import request
from pydantic import (
    BaseModel,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from vela.blueprints.api.problems import Unreadable
from vela.db import MOST_ID
from vela.errors import Invalid, Issue, NotFound
from vela.intake import Said, complaints, read, refusal
from vela.language import gettext as _

JSON = "application/json"
MOST_DEPTH = 32
LONGEST_INT = 30


def body(model: type[Said]) -> Said:
    """The JSON object that was sent, understood as `model`.

    Raises Unreadable (415, 400) for what is no JSON object; Invalid with every complaint at once.
    """
    if request.mimetype != JSON:
        words = _("Send JSON, with the header Content-Type: application/json.")
        raise Unreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", words)
    return read(model, _object(request.get_data()), typed=True)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(
            raw.decode(),
            parse_float=_decimal,
            parse_int=_whole,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_doubles,
        )
    except (ValueError, RecursionError):
        raise _bad_json(_("This is not valid JSON.")) from None
    if not isinstance(value, dict):
        raise _bad_json(_("Send a JSON object with named fields."))
    words = cast("dict[str, Any]", value)
    if _is_deeper(words, MOST_DEPTH):
        raise _bad_json(_("This JSON is nested too deeply."))
    return words


def _bad_json(words: str) -> Unreadable:
    return Unreadable(HTTPStatus.BAD_REQUEST, "bad_json", words)


def _decimal(text: str) -> Decimal:
    """The exact decimal; what lies beyond any exponent is not finite, which no field accepts."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def _whole(text: str) -> int | Decimal:
    """Python reads no integer of thousands of digits, and nobody needs one."""
    return int(text) if len(text) <= LONGEST_INT else Decimal(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise _bad_json(_("A field is given twice. Give it once."))
    return names


def _is_deeper(value: object, depth: int) -> bool:
    level: list[object] = [value]
    for _step in range(depth):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []


# ---------- query parameters and path


def refuse_doubled_parameters() -> None:
    """Raises Invalid when a query parameter is given more than once."""
    doubled = [name for name, values in request.args.lists() if len(values) > 1]
    if doubled:
        raise Invalid(*(Issue(name, "doubled", _("This is given twice. Give it once.")) for name in doubled))


def refuse_parameters(known: Collection[str]) -> None:
    """Raises Invalid for query parameters that this call does not have."""
    unknown = [name for name in request.args if name not in known]
    if unknown:
        words = (_("There is no parameter named %(name)s here. Leave it out.", name=name) for name in unknown)
        raise Invalid(*(Issue(name, "unknown_field", said) for name, said in zip(unknown, words, strict=True)))


def refuse_invalid(error: ValidationError) -> NoReturn:
    """Raises Invalid for query parameters that do not fit their model."""
    raise Invalid(*complaints(error))


class Unsaid:
    """Marks a parameter that may be left out: None then, though nobody can write a null in an address."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        kinds: list[dict[str, Any]] = handler(schema)["anyOf"]
        return next(kind for kind in kinds if kind.get("type") != "null")


def _yes_or_no(value: object) -> bool:
    if value not in ("true", "false", True, False):
        raise refusal("flag", _("Say true or false."))
    return value in ("true", True)


# A parameter is text, in which only these two words are a boolean; a form's "on" is none.
ParameterFlag = Annotated[bool, BeforeValidator(_yes_or_no), WithJsonSchema({"type": "boolean"})]


MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    said = str(value).upper()
    try:
        return datetime.fromisoformat(said if MOMENT.fullmatch(said) else "").astimezone(UTC)
    except (ValueError, OverflowError):
        words = _("Write the moment with its offset from UTC, such as 2026-11-21T10:00:00Z. A + in it is sent as %2B.")
        raise refusal("moment", words) from None


Moment = Annotated[
    datetime | None,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-21T10:00:00Z"]}),
]


@dataclass(frozen=True, slots=True)
class _PathId:
    """Marks an id in a path, of a thing of this kind: what cannot be an id is an unknown one, a 404."""

    kind: str

    def read(self, value: object) -> int:
        text = str(value)
        if not re.fullmatch("[0-9]{1,10}", text) or int(text) > MOST_ID:
            raise NotFound(self.kind, text[:40])
        return int(text)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": MOST_ID, "examples": [1]}


class ServicePath(BaseModel):
    """A service, by its id."""

    service_id: Annotated[int, _PathId("service")]


class RevisionPath(ServicePath):
    """A revision of a service, by its number."""

    number: Annotated[int, _PathId("revision")]


class ComponentPath(BaseModel):
    """A component, by its id."""

    component_id: Annotated[int, _PathId("component")]


class UserPath(BaseModel):
    """A user, by their id."""

    user_id: Annotated[int, _PathId("user")]


class TokenPath(BaseModel):
    """A personal token, by its id."""

    token_id: Annotated[int, _PathId("token")]


class FilePath(BaseModel):
    """A file that waits to be confirmed, by its id."""

    file_id: Annotated[int, _PathId("file")]


class SignInPath(BaseModel):
    """A sign-in, by its id."""

    sign_in_id: Annotated[int, _PathId("sign-in")]


class TransactionPath(BaseModel):
    """A transaction, by its id."""

    transaction_id: Annotated[int, _PathId("transaction")]


class ProposalPath(BaseModel):
    """A proposal, by its id."""

    proposal_id: Annotated[int, _PathId("proposal")]


class ExpensePath(BaseModel):
    """An operating expense, by its id."""

    expense_id: Annotated[int, _PathId("expense")]


class WebhookPath(BaseModel):
    """A webhook, by its id."""

    webhook_id: Annotated[int, _PathId("webhook")]


class DeliveryPath(BaseModel):
    """A delivery, by its id."""

    delivery_id: Annotated[int, _PathId("delivery")]
