"""What a person is asked before an agent takes something away, in the language that they chose."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from vela.db import hold
from vela.domain.catalog import pricing, queries, revisions, staleness, undoing
from vela.domain.catalog.models import Service
from vela.domain.ledger import queries as ledger
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Actor
from vela.domain.workspace.settings import workspace
from vela.errors import NotFound
from vela.language import DEFAULT_LANGUAGE, speaking
from vela.wording.consent import about_removal, about_undoing, about_voiding

Wording = Callable[[], str]
"""A question that is yet to be put into words: a person reads those, an agent what is refused before."""


def _of_component(session: Session, words: Any) -> Wording:
    component = queries.component(session, words.component_id)
    staleness.refuse_stale_removal(session, component, words.version)
    left = pricing.totals(other.line for other in component.service.components if other.id != component.id)
    currency = workspace(session).currency
    return lambda: about_removal(component, left, currency)


def _of_revision(session: Session, words: Any) -> Wording:
    service = queries.service(session, words.service_id)
    undone = queries.revision(session, service.id, words.revision)
    if undone.number == 1:
        raise undoing.first_revision()
    before = queries.revision(session, service.id, undone.number - 1)
    changes = revisions.differences(before, undone)
    return lambda: about_undoing(undone, service.name, changes)


def _of_sale(session: Session, words: Any) -> Wording:
    sale = ledger.transaction(session, words.transaction_id)
    if sale.voided_at is not None:
        raise NotFound("transaction", sale.id)
    currency = workspace(session).currency
    return lambda: about_voiding(sale, currency)


QUESTIONS: Mapping[str, Callable[[Session, Any], Wording]] = {
    "delete_component": _of_component,
    "undo_change": _of_revision,
    "void_transaction": _of_sale,
}
"""What is asked before each tool that takes something away, by its name. Raises what the tool would, of what it can."""


def question(session: Session, actor: Actor, tool: str, words: Any) -> str:
    """What the person behind an agent is asked before a tool of QUESTIONS, in their language, English when they chose
    none. Raises what the tool would, of what it can, in English as everything that agents read."""
    wording = QUESTIONS[tool](session, words)
    with speaking(actor.preferences.language or DEFAULT_LANGUAGE):
        return wording()


def keep_still(session: Session, words: Any) -> None:
    """Keep what is asked about as it is until the transaction ends."""
    service_id = getattr(words, "service_id", None)
    if hasattr(words, "component_id"):
        service_id = queries.component(session, words.component_id).service_id
    if service_id is not None:
        hold(session, Service, service_id)
        session.expire_all()
    if hasattr(words, "transaction_id"):
        hold(session, Transaction, words.transaction_id)
