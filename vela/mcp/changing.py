"""The tools that change the books: each does a change, rehearses it, or proposes it, and tells what it does."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from vela.domain.catalog.models import Component, Revision
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Actor
from vela.domain.proposals.commands import propose
from vela.domain.proposals.kinds import Kind
from vela.domain.proposals.models import Proposal
from vela.domain.proposals.plan import Plan
from vela.domain.proposals.rehearsing import Done, perform, rehearse
from vela.intake import part_of
from vela.mcp.arguments import Changing
from vela.mcp.shapes import ServiceTotalsShape
from vela.shapes.effects import ChangingShape, EffectShape, Status, WaitingShape
from vela.shapes.ledger import TransactionShape
from vela.shapes.offers import ComponentShape

Tell = Callable[[Any, str], dict[str, Any]]


class OneComponentShape(ComponentShape):
    """A component; its id is null as long as it is not stored."""

    id: int | None  # pyright: ignore[reportIncompatibleVariableOverride] what is not stored has none


class ChangedComponentShape(ChangingShape):
    """A component that was added, updated or deleted, or would be, and what its offer then comes to."""

    component: OneComponentShape
    service: ServiceTotalsShape


class RecordedShape(ChangingShape, TransactionShape):
    """A sale as it was recorded, or would be; its id is null as long as it is not stored."""

    id: int | None  # pyright: ignore[reportIncompatibleVariableOverride] what is not stored has none


class UndoneShape(ChangingShape):
    """What an offer comes to after one of its changes was taken back, or would; the number of the revision that did it
    is null as long as it is not stored."""

    revision: int | None
    service: ServiceTotalsShape


def tell_component(component: Component, currency: str) -> dict[str, Any]:
    return {
        "component": OneComponentShape.of(component),
        "service": ServiceTotalsShape.of(component.service, currency),
    }


def tell_sale(sale: Transaction, currency: str) -> dict[str, Any]:
    return dict(TransactionShape.of(sale, currency))


def tell_undone(made: Revision, currency: str) -> dict[str, Any]:
    return {"revision": made.number, "service": ServiceTotalsShape.of_revision(made, currency)}


def change(
    session: Session, actor: Actor, kind: Kind, words: Changing, tell: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """Do what was asked for; or only rehearse it when that was asked; or propose it, with a token that may do no more.

    Raises Forbidden; whatever doing it raises.
    """
    said = part_of(kind.reads, words)

    def look(done: Done) -> tuple[dict[str, Any], Plan]:
        return tell(done.thing), done.plan

    if words.dry_run:
        return _answer("dry_run", *rehearse(session, actor, kind, said, look))
    if actor.may(kind.act):
        return _answer("done", *look(perform(session, actor, kind, said)))
    proposal, seen = propose(session, actor, kind, said, look)
    return _answer("proposed", *seen, proposal)


def _answer(status: Status, told: dict[str, Any], plan: Plan, proposal: Proposal | None = None) -> dict[str, Any]:
    waiting = WaitingShape.of(proposal) if proposal else None
    return told | {"status": status, "effect": EffectShape.of(plan), "proposal": waiting}


def without_new_ids(kind: Kind, told: dict[str, Any]) -> dict[str, Any]:
    """What is added has an id only once it is stored: the one it was rehearsed with is taken back."""
    if told["status"] == "done":
        return told
    if kind.name == "undo_change":
        return told | {"revision": None}
    if not kind.name.startswith("add_"):
        return told
    if "component" in told:
        return told | {"component": told["component"].model_copy(update={"id": None})}
    return told | {"id": None}
