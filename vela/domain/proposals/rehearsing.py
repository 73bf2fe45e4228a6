"""Finding out what a change would do: it is done inside a savepoint, looked at, and taken back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from vela import money
from vela.domain.catalog import queries, revisions
from vela.domain.catalog.models import PART, Revision
from vela.domain.catalog.pricing import Totals
from vela.domain.catalog.upkeep import lock_service
from vela.domain.ledger.models import Transaction
from vela.domain.ledger.queries import offer_months, profit_of
from vela.domain.people.access import Act, Actor, Scope, require, require_to_propose
from vela.domain.proposals.kinds import Kind
from vela.domain.proposals.plan import LineChange, Plan, Priced, SaleMoved
from vela.intake import Words

Seen = TypeVar("Seen")
PRICED = ("quantity", "unit_cost", "unit_sell")
SAID = ("group", "kind", "notes")
NOTHING = Totals(Decimal("0.00"), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Done:
    """What the change made or changed, and what it did."""

    thing: Any
    plan: Plan


def rehearse(session: Session, actor: Actor, kind: Kind, words: Words, look: Callable[[Done], Seen]) -> Seen:
    """What `look` sees of the change once it is done; then all of it is taken back.

    Raises Forbidden unless `actor` may do it or propose it; whatever doing it raises.
    """
    require_to_propose(actor, kind.act)
    trying = session.begin_nested()  # nosemgrep: commit-outside-a-transaction a savepoint of the caller's transaction
    try:
        return look(perform(session, replace(actor, scope=Scope.ADMIN), kind, words))
    finally:
        trying.rollback()  # nosemgrep: commit-outside-a-transaction the same
        session.expire_all()


def perform(session: Session, actor: Actor, kind: Kind, words: Words) -> Done:
    """Do the change, and tell what it did, whatever others do meanwhile. Raises Forbidden; whatever doing it raises.

    What an offer was is read once nobody else can change it. A sale leaves the offer as it is, and moves the profit of
    its month by its own revenue and cost alone.
    """
    require(actor, kind.act)
    service_id, month = kind.offer_of(session, words), kind.month_of(session, words)
    if kind.act is Act.CHANGE_OFFERS:
        lock_service(session, service_id)
    before = _standing(session, service_id)
    units = sum(each.quantity for each in offer_months(session, [month]) if each.service_id == service_id)
    thing = kind.run(session, actor, words)
    session.flush()
    service = queries.service(session, service_id)
    after, profit_after = _standing(session, service_id), profit_of(session, month).net_profit
    sale = _sale(thing) if isinstance(thing, Transaction) else None
    before = after if sale else before
    plan = Plan(
        change=kind.name,
        service_id=service.id,
        service=service.name,
        lines=_lines(before, after),
        before=Priced.of(before.totals if before else NOTHING),
        after=Priced.of(after.totals if after else NOTHING),
        sale=sale,
        month=str(month),
        net_profit_before=profit_after - (sale.earned if sale else money.ZERO),
        net_profit_after=profit_after,
        units=units,
    )
    return Done(thing, plan)


def _standing(session: Session, service_id: int) -> Revision | None:
    """The revision an offer stands at. Raises NotFound for an unknown offer."""
    queries.service(session, service_id)
    return revisions.latest(session, service_id)


def _lines(before: Revision | None, after: Revision | None) -> list[LineChange]:
    """What differs between the two; of a component that comes or goes, its quantity and unit prices too, and its group,
    kind and notes where they are not those of a plain part.

    One that comes has no id yet: the one it has here is taken back with the rehearsal.
    """
    if after is None or after is before:
        return []
    olds = {line.component_id: line for line in before.lines} if before else {}
    news = {line.component_id: line for line in after.lines}
    lines: list[LineChange] = []
    for change in revisions.differences(before, after):
        identity = None if change.field == "added" else change.component_id
        sides = [(change.field, change.before, change.after)]
        if change.field in ("added", "removed") and change.component_id is not None:
            old, new = olds.get(change.component_id), news.get(change.component_id)
            whole = [(field, getattr(old, field, None), getattr(new, field, None)) for field in (*PRICED, *SAID)]
            sides += [side for side in whole if side[0] in PRICED or {side[1], side[2]} - {None, "", PART}]
        for field, was, is_now in sides:
            said = LineChange(
                component_id=identity, subject=change.subject, field=field, before=_text(was), after=_text(is_now)
            )
            lines.append(said)
    return lines


def _text(value: object) -> str | None:
    return None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _sale(sale: Transaction) -> SaleMoved:
    return SaleMoved(
        voided=sale.voided_at is not None,
        quantity=sale.quantity,
        revenue=sale.revenue,
        cost=sale.cost,
        notes=sale.notes,
    )
