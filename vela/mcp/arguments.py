"""What an agent may say to each tool: the words of the domain, together with the ids that say which thing is meant."""

from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, WithJsonSchema

from vela.domain.catalog.intake import ComponentChanges, NewComponent
from vela.domain.idempotency.keys import check_key
from vela.domain.idempotency.models import LONGEST_KEY
from vela.domain.ledger.intake import NewTransaction, OptionalMonth
from vela.errors import Invalid
from vela.intake import Identity, Line, PercentChange, Version, Words, refusal


def _key(value: object) -> str:
    try:
        return check_key(value if isinstance(value, str) else "")
    except Invalid as error:
        raise refusal("idempotency_key", error.message) from None


Key = Annotated[
    str, BeforeValidator(_key), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_KEY})
]


class Repeatable(Words):
    """Words of a call that may be sent again, and is then done once."""

    idempotency_key: Key | None = None


class Nothing(Words):
    """For tools that need to be told nothing."""


class WhichMonth(Words):
    month: OptionalMonth = None


class WhichServices(Words):
    include_inactive: bool = False


class OneService(Words):
    service_id: Identity


class AddedComponent(NewComponent, Repeatable):
    # A script may send back a whole component with its computed figures in it; an agent that says what a component
    # should cost in all is mistaken about what can be set, and is told so.
    echoes = frozenset()

    service_id: Identity


class UpdatedComponent(ComponentChanges):
    echoes = frozenset()

    component_id: Identity
    version: Version | None = None


class DeletedComponent(Words):
    component_id: Identity
    version: Version | None = None


class AddedTransaction(NewTransaction, Repeatable):
    echoes = frozenset()


class Supposed(Words):
    cost_change_pct: PercentChange = Decimal(0)
    sell_change_pct: PercentChange = Decimal(0)
    only: Line = ""


Part = TypeVar("Part", bound=Words)


def part_of(kind: type[Part], said: Part) -> Part:
    """What `said` (of a subclass of `kind`) holds of `kind`: the same values, and what was left out stays left out."""
    values = {name: getattr(said, name) for name in kind.model_fields}
    return kind.model_construct(said.model_fields_set & kind.model_fields.keys(), **values)
