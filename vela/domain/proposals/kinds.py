"""What can be rehearsed and proposed: each change with its words, the right it needs, and what it moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from vela.domain.catalog import commands as catalog
from vela.domain.catalog import queries, undoing
from vela.domain.catalog.intake import ComponentChanges, NewComponent
from vela.domain.ledger import commands as ledger
from vela.domain.ledger import queries as books
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Act, Actor
from vela.domain.workspace.settings import current_month
from vela.errors import NotFound
from vela.intake import Identity, Version, Words, part_of
from vela.periods import Month


class AddedComponent(NewComponent):
    """A component to add, and the offer it is for."""

    # Whoever sends back a whole component may have its computed figures in it; whoever proposes one is told that they
    # cannot be set.
    echoes = frozenset()

    service_id: Identity


class ProposedUpdate(ComponentChanges):
    """What to change of a component; what is left out keeps its value."""

    echoes = frozenset()

    component_id: Identity
    version: Version | None = None


class DeletedComponent(Words):
    """A component to take out of its offer."""

    component_id: Identity
    version: Version | None = None


class AddedTransaction(NewTransaction):
    """A sale to record."""

    echoes = frozenset()


class UndoneChange(Words):
    """A revision of an offer to take back."""

    service_id: Identity
    revision: Identity


class VoidedTransaction(Words):
    """A sale to void."""

    transaction_id: Identity


@dataclass(frozen=True, slots=True)
class Kind:
    """One change: `run` does it; `offer_of` and `month_of` tell, before it is done, what it moves."""

    name: str
    act: Act
    reads: type[Words]
    run: Callable[[Session, Actor, Any], Any]
    offer_of: Callable[[Session, Any], int]
    month_of: Callable[[Session, Any], Month]


def _of_component(session: Session, words: ProposedUpdate | DeletedComponent) -> int:
    return queries.component(session, words.component_id).service_id


def _sale(session: Session, words: VoidedTransaction) -> Transaction:
    sale = books.transaction(session, words.transaction_id)
    if sale.voided_at is not None:
        raise NotFound("transaction", words.transaction_id)
    return sale


def _now(session: Session, _words: Words) -> Month:
    return current_month(session)


_KINDS = (
    Kind(
        "add_component",
        Act.CHANGE_OFFERS,
        AddedComponent,
        lambda session, actor, words: catalog.add_component(
            session, actor, words.service_id, part_of(NewComponent, words)
        ),
        lambda _session, words: words.service_id,
        _now,
    ),
    Kind(
        "update_component",
        Act.CHANGE_OFFERS,
        ProposedUpdate,
        lambda session, actor, words: catalog.revise_component(
            session, actor, words.component_id, part_of(ComponentChanges, words), version=words.version
        ),
        _of_component,
        _now,
    ),
    Kind(
        "delete_component",
        Act.CHANGE_OFFERS,
        DeletedComponent,
        lambda session, actor, words: catalog.remove_component(
            session, actor, words.component_id, version=words.version
        ),
        _of_component,
        _now,
    ),
    Kind(
        "undo_change",
        Act.CHANGE_OFFERS,
        UndoneChange,
        lambda session, actor, words: undoing.undo(session, actor, words.service_id, words.revision),
        lambda _session, words: words.service_id,
        _now,
    ),
    Kind(
        "add_transaction",
        Act.RECORD_SALES,
        AddedTransaction,
        lambda session, actor, words: ledger.record_sale(session, actor, part_of(NewTransaction, words)),
        lambda _session, words: words.service_id,
        lambda _session, words: words.month,
    ),
    Kind(
        "void_transaction",
        Act.VOID_SALES,
        VoidedTransaction,
        lambda session, actor, words: ledger.void_sale(session, actor, words.transaction_id),
        lambda session, words: _sale(session, words).service_id,
        lambda session, words: _sale(session, words).month,
    ),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
