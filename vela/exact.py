"""Exact values as JSON: a decimal becomes the number with the same text, a month and an instant their text."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vela.periods import Month


def number(value: Decimal) -> int | float:
    """The JSON number with the same text: amounts are capped so that fifteen digits always carry them exactly."""
    # nosemgrep: money-as-binary-fraction has the same fifteen digits, on its way out, nothing computed from it
    return int(value) if value == value.to_integral_value() else float(value)


def compact(values: Mapping[str, Any]) -> str:
    """`values` as JSON without a space to spare, in the order in which they are."""
    return json.dumps(values, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> int | float | str:
    match value:
        case Decimal():
            return number(value)
        case Month():
            return str(value)
        case datetime():
            return instant(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")


def instant(at: datetime) -> str:
    """An instant in UTC as ISO 8601 writes it, such as 2026-11-03T20:26:10.344522Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
