"""Closing months: after it, no sale, void or expense changes what the month says, until an admin reopens it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import take_turns
from vela.domain.audit import trail
from vela.domain.ledger import queries
from vela.domain.ledger.intake import MonthClosing
from vela.domain.ledger.models import ClosedMonth, MonthSum, OperatingExpense
from vela.domain.ledger.telling import tell_of_closing, tell_of_reopening
from vela.domain.people.access import Act, Actor, require
from vela.domain.workspace.settings import current_month
from vela.errors import Conflict, Stale, invalid
from vela.language import gettext as _
from vela.periods import Month

MONTHS = 0x6D6F6E74  # what those who write into months and those who close them take turns at


@dataclass(frozen=True, slots=True)
class Figures:
    """What a month comes to: the number of its sales, and three amounts in the currency of the books."""

    sales: int
    revenue: Decimal
    cost: Decimal
    opex: Decimal

    @property
    def mark(self) -> str:
        """A text that other figures do not have, to be sent back by whoever was shown these."""
        return f"{self.sales} {self.revenue:.2f} {self.cost:.2f} {self.opex:.2f}"


def hold_months(session: Session) -> None:
    """Keep everybody else from writing into any month until the transaction ends."""
    take_turns(session, MONTHS)


def close_month(session: Session, actor: Actor, words: MonthClosing, *, seen: str | None = None) -> ClosedMonth:
    """Let nothing change the figures of a month any more, and write them down.

    `seen` is the mark of the figures that were looked at before. Raises Forbidden; Invalid for a month that has not
    begun; Conflict when it is closed already; Stale when its figures are not those that were `seen`.
    """
    require(actor, Act.CLOSE_MONTHS)
    hold_months(session)
    if words.month > current_month(session):
        raise invalid("month", "month", _("This month has not begun, so there is nothing to close."))
    if session.get(ClosedMonth, words.month) is not None:
        raise Conflict("month_closed", _("%(month)s is closed already.", month=words.month), field="month")
    figures = as_it_stands(session, words.month)
    _refuse_unseen(words.month, seen, figures.mark)
    closed = ClosedMonth(
        month=words.month,
        closed_at=now(),
        closed_by_id=actor.user_id,
        closed_by=actor.display_name,
        reason=words.reason,
        **asdict(figures),
    )
    session.add(closed)
    session.flush()
    trail.record(session, actor, "close month", "month", None, after=_shown(closed))
    tell_of_closing(session, closed)
    return closed


def reopen_month(session: Session, actor: Actor, words: MonthClosing, *, seen: str | None = None) -> ClosedMonth:
    """Let a closed month be changed again; `seen` is the mark of the closing that was looked at before.

    Raises Forbidden; Conflict when it is not closed; Stale when it was reopened and closed again since it was `seen`.
    """
    require(actor, Act.CLOSE_MONTHS)
    hold_months(session)
    closed = session.get(ClosedMonth, words.month)
    if closed is None:
        raise Conflict("month_open", _("%(month)s is not closed.", month=words.month), field="month")
    _refuse_unseen(words.month, seen, mark_of(closed))
    session.delete(closed)
    session.flush()
    after = {"month": words.month, "reason": words.reason}
    trail.record(session, actor, "reopen month", "month", None, before=_shown(closed), after=after)
    tell_of_reopening(session, closed, actor.display_name, words.reason)
    return closed


def mark_of(closed: ClosedMonth) -> str:
    """A text that no other closing has, to be sent back by whoever was shown this one."""
    return closed.closed_at.isoformat()


def _refuse_unseen(month: Month, seen: str | None, stands: str) -> None:
    if seen is not None and seen != stands:
        words = _("%(month)s changed since you looked. Look at what stands there now, then decide.", month=month)
        raise Stale("stale", words, field="", theirs=stands, yours=seen, who="", at=None, version=None)


def closed_months(session: Session) -> list[ClosedMonth]:
    """All closed months, newest first."""
    return list(session.scalars(select(ClosedMonth).order_by(ClosedMonth.month.desc())))


def closed_month(session: Session, month: Month) -> ClosedMonth | None:
    """The closing of a month; None while it is open."""
    return session.get(ClosedMonth, month) if month.is_bookable else None


def refuse_closed(session: Session, month: Month, field: str = "") -> None:
    """Raises Conflict, under `field`, when `month` is closed; until the transaction ends nobody can close it."""
    take_turns(session, MONTHS, shared=True)
    if session.get(ClosedMonth, month) is not None:
        words = _("%(month)s is closed. An admin can reopen it under Profit and loss, with a reason.", month=month)
        raise Conflict("month_closed", words, field=field, month=str(month))


def counted_when_closed(session: Session, expense: OperatingExpense) -> dict[Month, Decimal]:
    """What an expense counts in each closed month; until the transaction ends nobody can close another."""
    take_turns(session, MONTHS, shared=True)
    counts = expense.removed_at is None
    return {each.month: expense.amount for each in closed_months(session) if counts and expense.covers(each.month)}


def refuse_difference(before: Mapping[Month, Decimal], after: Mapping[Month, Decimal], field: str = "") -> None:
    """Raises Conflict, under `field`, when an expense then counts otherwise in a closed month than `before`."""
    for month in sorted(before.keys() | after.keys()):
        if before.get(month, 0) != after.get(month, 0):
            words = _(
                "This would change %(month)s, which is closed. Give a new amount from a later month on, or let an "
                "admin reopen the month first, under Profit and loss.",
                month=month,
            )
            raise Conflict("month_closed", words, field=field, month=str(month))


def as_it_stands(session: Session, month: Month) -> Figures:
    """The figures that closing `month` now would write down."""
    figures = queries.profit_of(session, month)
    sales = session.scalar(select(func.coalesce(func.sum(MonthSum.sales), 0)).where(MonthSum.month == month))
    return Figures(int(sales or 0), figures.total_revenue, figures.total_cost, figures.opex)


def as_closed(closed: ClosedMonth) -> Figures:
    """The figures that were written down."""
    return Figures(closed.sales, closed.revenue, closed.cost, closed.opex)


def changed_since_closing(session: Session) -> list[tuple[Month, Figures, Figures]]:
    """The closed months whose figures are not what was written down: which, as closed, and as they stand."""
    found = [(each.month, as_closed(each), as_it_stands(session, each.month)) for each in closed_months(session)]
    return [(month, closed, stands) for month, closed, stands in found if closed != stands]


def _shown(closed: ClosedMonth) -> dict[str, object]:
    fields = ("month", "sales", "revenue", "cost", "opex", "reason")
    return {field: getattr(closed, field) for field in fields}
