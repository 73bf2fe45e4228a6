"""What a person is asked before an agent takes something away, in the language that they chose."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `ground` is the state of everything that it is about, also of what it does not mention."""

    text: str
    ground: str

    @property
    def mark(self) -> str:
        """A word for the question: when what is stored has moved, the question is another, and is asked anew."""
        return hashlib.sha256(f"{self.ground} {self.text}".encode()).hexdigest()


Asking = tuple[str, Callable[[], str]]
"""The ground of a question, and how it is put into words: a person reads those, an agent what is refused before."""


def _of_component(session: Session, words: Any) -> Asking:
    component = queries.component(session, words.component_id)
    staleness.refuse_stale_removal(session, component, words.version)
    left = pricing.totals(other.line for other in component.service.components if other.id != component.id)
    currency = workspace(session).currency
    ground = f"{_state_of(session, component.service)} {component.version}"
    return ground, lambda: about_removal(component, left, currency)


def _of_revision(session: Session, words: Any) -> Asking:
    service = queries.service(session, words.service_id)
    undone = queries.revision(session, service.id, words.revision)
    if undone.number == 1:
        raise undoing.first_revision()
    before = queries.revision(session, service.id, undone.number - 1)
    changes = revisions.differences(before, undone)
    return _state_of(session, service), lambda: about_undoing(undone, service.name, changes)


def _state_of(session: Session, service: Service) -> str:
    latest = revisions.latest(session, service.id)
    return f"{service.version} {latest.number if latest else 0}"


def _of_sale(session: Session, words: Any) -> Asking:
    sale = ledger.transaction(session, words.transaction_id)
    if sale.voided_at is not None:
        raise NotFound("transaction", sale.id)
    currency = workspace(session).currency
    return str(sale.version), lambda: about_voiding(sale, currency)


QUESTIONS: Mapping[str, Callable[[Session, Any], Asking]] = {
    "delete_component": _of_component,
    "undo_change": _of_revision,
    "void_transaction": _of_sale,
}
"""What is asked before each tool that takes something away, by its name. Raises what the tool would, of what it can."""


def question(session: Session, actor: Actor, tool: str, words: Any) -> Question:
    """What the person behind an agent is asked before a tool of QUESTIONS, in their language, English when they chose
    none. Raises what the tool would, of what it can, in English as everything that agents read."""
    ground, wording = QUESTIONS[tool](session, words)
    with speaking(actor.preferences.language or DEFAULT_LANGUAGE):
        return Question(wording(), ground)


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
