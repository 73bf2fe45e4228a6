"""What an agent may say to each tool: the words of the domain, together with the ids that say which thing is meant."""

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from vela.domain.idempotency.keys import check_key
from vela.domain.idempotency.models import LONGEST_KEY
from vela.domain.ledger.intake import OptionalMonth
from vela.domain.proposals.kinds import (
    AddedComponent,
    AddedTransaction,
    DeletedComponent,
    ProposedUpdate,
    UndoneChange,
    VoidedTransaction,
)
from vela.errors import Invalid
from vela.intake import Flag, Identity, Words, refusal


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


class Changing(Words):
    """Words of a call that changes something, or only says what it would change."""

    dry_run: Flag = False


class AddComponent(AddedComponent, Changing, Repeatable):
    pass


class UpdateComponent(ProposedUpdate, Changing):
    pass


class DeleteComponent(DeletedComponent, Changing):
    pass


class AddTransaction(AddedTransaction, Changing, Repeatable):
    pass


class UndoChange(UndoneChange, Changing):
    pass


class VoidTransaction(VoidedTransaction, Changing):
    pass
