"""Writing the books: recording and voiding sales."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.catalog import revisions
from vela.domain.catalog.models import Service
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger import closing, sums
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Act, Actor, require
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.models import Workspace
from vela.domain.workspace.settings import change_workspace, workspace
from vela.errors import Conflict, NotFound, invalid
from vela.language import gettext as _
from vela.language import grouped


def value_of(service: Service, quantity: int) -> Totals:
    """What `quantity` units of an offer cost and sell for at this moment. Raises Invalid when that is too large."""
    priced = service.totals
    worth = Totals(priced.cost * quantity, priced.sell * quantity)
    if max(worth.cost, worth.sell) > sums.MOST_IN_A_MONTH:
        words = _(
            "That is too large. A month holds at most %(most)s.",
            most=grouped(sums.MOST_IN_A_MONTH),
        )
        raise invalid("quantity", "too_large", words)
    return worth


def record_sale(session: Session, actor: Actor, words: NewTransaction, *, sample: bool = False) -> Transaction:
    """Record a sale: revenue and cost are quantity × the offer's prices now, frozen to its present revision.

    Raises Forbidden; NotFound for an unknown offer; Conflict for an archived one, one without components, one that has
    other prices than in the version that was said, or a closed month; Invalid or Conflict when the sum is absurd.
    """
    require(actor, Act.RECORD_SALES)
    closing.refuse_closed(session, words.month, "month")
    service = _sellable(session, words.service_id)
    revision = revisions.latest(session, service.id)
    if revision is None:
        raise NotFound("service", words.service_id)
    _refuse_repriced(session, service, words.service_version)
    worth = value_of(service, words.quantity)
    sale = Transaction(
        service_id=service.id,
        revision_id=revision.id,
        quantity=words.quantity,
        month=words.month,
        notes=words.notes,
        revenue=worth.sell,
        cost=worth.cost,
        created_at=now(),
        created_by_id=actor.user_id,
        created_by=actor.display_name,
        face=actor.face,
        sample=sample,
        version=1,
    )
    session.add(sale)
    sums.count_in(session, sale)
    trail.record(session, actor, "record sale", "transaction", sale.id, after=_shown(sale))
    return sale


def change_settings(
    session: Session, actor: Actor, words: WorkspaceChanges, *, version: int | None = None
) -> Workspace:
    """Change the settings of the business. The currency is fixed from the first sale on: amounts are not converted.

    Raises Forbidden; Stale when somebody changed the same since `version`; Conflict for another currency once there are
    closed months, or sales that are no samples.
    """
    now_kept_in = workspace(session).currency
    if words.said().get("currency", now_kept_in) != now_kept_in:
        closing.hold_months(session)
        _refuse_in_use(session, now_kept_in)
    return change_workspace(session, actor, words, version=version)


def _refuse_in_use(session: Session, currency: str) -> None:
    if session.scalar(select(Transaction.id).where(Transaction.sample.is_(False)).limit(1)) is not None:
        words = _("There are sales in %(currency)s, and amounts are not converted. Keep it.", currency=currency)
        raise Conflict("currency_in_use", words, field="currency")
    if closing.closed_months(session):
        words = _("Months were closed in %(currency)s, and amounts are not converted. Keep it.", currency=currency)
        raise Conflict("currency_in_use", words, field="currency")


def void_sale(session: Session, actor: Actor, transaction_id: int) -> Transaction:
    """Take a sale out of every figure; the sale itself stays, marked.

    Raises Forbidden, NotFound (also when voided); Conflict when its month is closed.
    """
    require(actor, Act.VOID_SALES)
    sale = _locked(session, transaction_id)
    if sale.voided_at is not None:
        raise NotFound("transaction", transaction_id)
    closing.refuse_closed(session, sale.month)
    sums.count_out(session, sale)
    sale.voided_at, sale.voided_by = now(), actor.display_name
    sale.version += 1
    trail.record(session, actor, "void sale", "transaction", sale.id, before=_shown(sale))
    session.flush()
    return sale


def reinstate_sale(session: Session, actor: Actor, transaction_id: int) -> Transaction:
    """Take a void back. Raises Forbidden, NotFound; Conflict when the sale is not voided or its month is closed."""
    require(actor, Act.VOID_SALES)
    sale = _locked(session, transaction_id)
    if sale.voided_at is None:
        raise Conflict("not_voided", _("This sale counts already."))
    closing.refuse_closed(session, sale.month)
    sale.voided_at = sale.voided_by = None
    sale.version += 1
    sums.count_in(session, sale)
    trail.record(session, actor, "reinstate sale", "transaction", sale.id, after=_shown(sale))
    return sale


def clear_samples(session: Session, actor: Actor) -> int:
    """Remove the sample sales of the demo from the books altogether; returns how many there were.

    Raises Forbidden; Conflict when some are in a closed month.
    """
    require(actor, Act.VOID_SALES)
    gone = delete(Transaction).where(Transaction.sample).returning(Transaction.id, Transaction.month)
    cleared = session.execute(gone).all()
    for month in sorted({each.month for each in cleared}):
        closing.refuse_closed(session, month)
    removed = len(cleared)
    sums.rebuild(session)
    if removed:
        trail.record(
            session,
            actor,
            "clear samples",
            "transaction",
            None,
            before={"sales": removed, "ids": sorted(each.id for each in cleared)},
        )
    session.flush()
    return removed


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


def _locked(session: Session, transaction_id: int) -> Transaction:
    sale = hold(session, Transaction, transaction_id)
    if sale is None:
        raise NotFound("transaction", transaction_id)
    return sale


def _shown(sale: Transaction) -> dict[str, object]:
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
