"""The till: sales rung up one after another at the prices of now, then written into the books together."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.catalog import revisions
from vela.domain.catalog.models import Revision, Service
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger import closing, sums
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.ledger.telling import tell_of_sales
from vela.domain.notifying.kinds import Kind
from vela.domain.people.access import Act, Actor, require
from vela.errors import Conflict, NotFound, Refusal, invalid
from vela.language import gettext as _
from vela.language import grouped
from vela.periods import Month

Known = TypeVar("Known")


class Till:
    """Sales that are being recorded in one transaction; what they need of the books is asked once for all of them.

    `ring_up` refuses what cannot be sold and writes nothing, so that it can also tell what would become of a sale.
    """

    def __init__(self, session: Session, actor: Actor) -> None:
        """Raises Forbidden."""
        require(actor, Act.RECORD_SALES)
        self._session = session
        self._actor = actor
        self._rung: list[Transaction] = []
        self._answers: dict[object, Any] = {}
        self._months: dict[Month, Totals] = {}

    def ring_up(self, words: NewTransaction, *, sample: bool = False) -> Transaction:
        """A sale as it will be recorded: revenue and cost are quantity × the offer's prices now.

        Raises NotFound for an unknown offer; Conflict for an archived one, one without components, one that has other
        prices than in the version that was said, or a closed month; Invalid or Conflict when the sum is absurd.
        """
        session = self._session
        self._ask(words.month, lambda: closing.refuse_closed(session, words.month, "month"))
        service, revision, priced = self._ask(words.service_id, lambda: _on_sale(session, words.service_id))
        _refuse_repriced(session, service, words.service_version)
        worth = _worth(priced, words.quantity)
        self._add_up(words.month, worth)
        sale = Transaction(
            service_id=service.id,
            revision_id=revision.id,
            quantity=words.quantity,
            month=words.month,
            notes=words.notes,
            revenue=worth.sell,
            cost=worth.cost,
            created_at=now(),
            created_by_id=self._actor.user_id,
            created_by=self._actor.display_name,
            face=self._actor.face,
            sample=sample,
            version=1,
        )
        self._rung.append(sale)
        return sale

    def write_down(self) -> list[Transaction]:
        """Write everything that was rung up into the books, each sale with its entry in the trail. Raises Conflict."""
        sales, self._rung = self._rung, []
        self._session.add_all(sales)
        self._session.flush()
        sums.count_in(self._session, *sales)
        for sale in sales:
            trail.record(self._session, self._actor, "record sale", "transaction", sale.id, after=shown(sale))
        tell_of_sales(self._session, Kind.RECORDED, sales)
        return sales

    def _ask(self, about: object, ask: Callable[[], Known]) -> Known:
        """What `ask` answered the first time that somebody asked about it; a refusal is an answer too."""
        if about not in self._answers:
            try:
                self._answers[about] = ask()
            except Refusal as refusal:
                self._answers[about] = refusal
        answer = self._answers[about]
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def _add_up(self, month: Month, worth: Totals) -> None:
        so_far = self._months.get(month) or sums.of_month(self._session, month)
        grown = Totals(so_far.cost + worth.cost, so_far.sell + worth.sell)
        sums.refuse_too_much(grown)
        self._months[month] = grown


def value_of(service: Service, quantity: int) -> Totals:
    """What `quantity` units of an offer cost and sell for at this moment. Raises Invalid when that is too large."""
    return _worth(service.totals, quantity)


def _worth(priced: Totals, quantity: int) -> Totals:
    worth = Totals(priced.cost * quantity, priced.sell * quantity)
    if max(worth.cost, worth.sell) > sums.MOST_IN_A_MONTH:
        words = _(
            "That is too large. A month holds at most %(most)s.",
            most=grouped(sums.MOST_IN_A_MONTH),
        )
        raise invalid("quantity", "too_large", words)
    return worth


def _on_sale(session: Session, service_id: int) -> tuple[Service, Revision, Totals]:
    """An offer that can be sold, held so that it keeps its prices, with the revision it stands at and these prices."""
    service = _sellable(session, service_id)
    revision = revisions.latest(session, service.id)
    if revision is None:
        raise NotFound("service", service_id)
    return service, revision, service.totals


def _sellable(session: Session, service_id: int) -> Service:
    service = hold(session, Service, service_id, shared=True)
    if service is None:
        raise NotFound("service", service_id)
    if not service.active:
        words = _(
            "%(name)s is archived and cannot be sold. Pick another offer, or activate it again.",
            name=service.name,
        )
        raise Conflict("service_inactive", words, field="service_id")
    if not service.components:
        words = _(
            "%(name)s has no components yet, so it has no price. Add them first.",
            name=service.name,
        )
        raise Conflict("service_empty", words, field="service_id")
    return service


def _refuse_repriced(session: Session, service: Service, version: int | None) -> None:
    """Raises Conflict when the offer costs or sells for something else than in the `version` that somebody saw.

    Its data: `price_was`, `price_now`, `cost_was` and `cost_now` of one unit, and `service_version` of now.
    """
    if version is None or version == service.version:
        return
    seen, priced = revisions.numbered(session, service.id, version), service.totals
    if seen is None:
        told = _("There is no such version. Read the service again.")
        raise Conflict("unknown_version", told, field="service_version")
    if seen.totals == priced:
        return
    sold_otherwise = seen.sell != priced.sell
    now_and_was = {
        "name": service.name,
        "now": f"{priced.sell if sold_otherwise else priced.cost:f}",
        "was": f"{seen.sell if sold_otherwise else seen.cost:f}",
    }
    words = (
        _("%(name)s sells for %(now)s now (was %(was)s). Record it at the new price?", **now_and_was)
        if sold_otherwise
        else _("%(name)s costs you %(now)s now (was %(was)s). Record it at the new cost?", **now_and_was)
    )
    raise Conflict(
        "repriced", words, field="service_version", name=service.name, service_version=service.version,
        price_was=seen.sell, price_now=priced.sell, cost_was=seen.cost, cost_now=priced.cost,
    )  # fmt: skip


def shown(sale: Transaction) -> dict[str, object]:
    """What the trail says of a sale."""
    fields = (
        "service_id",
        "revision_id",
        "quantity",
        "month",
        "notes",
        "revenue",
        "cost",
    )
    return {field: getattr(sale, field) for field in fields}
