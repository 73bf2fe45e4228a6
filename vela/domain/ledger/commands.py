"""Writing the books: recording and voiding sales."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.ledger import closing, sums
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.ledger.telling import tell_of_sales
from vela.domain.ledger.till import Till, shown
from vela.domain.notifying.kinds import Kind
from vela.domain.people.access import Act, Actor, require, require_full_reach
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.models import Workspace
from vela.domain.workspace.settings import change_workspace, held_workspace, workspace
from vela.errors import Conflict, NotFound
from vela.language import gettext as _


def record_sale(session: Session, actor: Actor, words: NewTransaction, *, sample: bool = False) -> Transaction:
    """Record a sale: revenue and cost are quantity × the offer's prices now, frozen to its present revision.

    Raises Forbidden; NotFound for an unknown offer; Conflict for an archived one, one without components, one that has
    other prices than in the version that was said, or a closed month; Invalid or Conflict when the sum is absurd.
    """
    till = Till(session, actor)
    sale = till.ring_up(words, sample=sample)
    till.write_down()
    return sale


def hold_settings(session: Session, words: WorkspaceChanges) -> Workspace:
    """The settings, kept from whoever would change them, or close a month, while `words` are weighed against them."""
    if "currency" in words.said():
        closing.hold_months(session)
    return held_workspace(session)


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
    sale.voided_at = sale.changed_at = now()
    sale.voided_by = actor.display_name
    sale.version += 1
    trail.record(session, actor, "void sale", "transaction", sale.id, before=shown(sale))
    tell_of_sales(session, Kind.VOIDED, [sale])
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
    sale.changed_at = now()
    sale.version += 1
    sums.count_in(session, sale)
    trail.record(session, actor, "reinstate sale", "transaction", sale.id, after=shown(sale))
    tell_of_sales(session, Kind.RESTORED, [sale])
    return sale


def clear_samples(session: Session, actor: Actor) -> int:
    """Remove the sample sales of the demo from the books altogether; returns how many there were.

    Raises Forbidden, also for a token that does not reach everything; Conflict when some are in a closed month.
    """
    require(actor, Act.VOID_SALES)
    require_full_reach(actor)
    gone = delete(Transaction).where(Transaction.sample).returning(Transaction.id, Transaction.month)
    cleared = session.execute(gone).all()
    if not cleared:
        return 0
    for month in sorted({each.month for each in cleared}):
        closing.refuse_closed(session, month)
    sums.rebuild(session)
    trail.record(
        session,
        actor,
        "clear samples",
        "transaction",
        None,
        before={"sales": len(cleared), "ids": sorted(each.id for each in cleared)},
    )
    session.flush()
    return len(cleared)


def _locked(session: Session, transaction_id: int) -> Transaction:
    sale = hold(session, Transaction, transaction_id)
    if sale is None:
        raise NotFound("transaction", transaction_id)
    return sale
