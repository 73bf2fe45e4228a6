"""What a form of the offer pages holds: its fields as they were typed, and the version its sender saw."""

from typing import Annotated

from flask import request

from vela.blueprints.web.figures import understood
from vela.domain.idempotency.keys import FIELD
from vela.intake import Optional, Version, Words, read

BOOKKEEPING = {"csrf_token", "version", FIELD}
COMPONENT_NUMBERS = {"quantity", "unit_cost", "unit_sell", "position"}
OFFER_NUMBERS = {"list_cost", "list_sell", "target_margin_pct"}


class Seen(Words):
    """The version of a thing that somebody had before them."""

    version: Annotated[Version | None, Optional] = None


def typed(numbers: set[str]) -> dict[str, object]:
    """Every field of the form, `numbers` as plain numbers; what intake does not know, it refuses."""
    fields = {name: value for name, value in request.form.items() if name not in BOOKKEEPING}
    return {name: understood(value) if name in numbers else value for name, value in fields.items()}


def version_seen() -> int | None:
    """The version that the sender saw; None when they do not say. Raises Invalid."""
    said = {"version": request.values["version"]} if "version" in request.values else {}
    return read(Seen, said).version
