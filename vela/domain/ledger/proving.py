"""Proving that every sale is what it was sold as: its revision's prices, of its own offer, times its quantity."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.domain.catalog.models import Revision
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger.models import Transaction

BATCH = 5000


@dataclass(frozen=True, slots=True)
class WrongSale:
    """A sale, what is kept of it, and what it should be; of another offer than its revision, it should be nothing."""

    id: int
    kept: Totals
    should: Totals | None


def wrong_sales(session: Session) -> Iterator[WrongSale]:
    """The sales that their revision does not explain; none when the books can be trusted.

    The products are made here and not in SQL, where those of a falsified row might not fit.
    """
    sold = select(Transaction.id, Transaction.service_id, Transaction.quantity, Transaction.revenue, Transaction.cost)
    beside = sold.add_columns(Revision.service_id, Revision.sell, Revision.cost)
    query = beside.join(Revision, Revision.id == Transaction.revision_id).order_by(Transaction.id)
    with session.execute(query.execution_options(yield_per=BATCH)) as rows:
        for sale, offer, quantity, revenue, cost, priced, sell, unit_cost in rows:
            if offer != priced:
                yield WrongSale(sale, Totals(cost, revenue), None)
            elif (revenue, cost) != (quantity * sell, quantity * unit_cost):
                yield WrongSale(sale, Totals(cost, revenue), Totals(quantity * unit_cost, quantity * sell))
