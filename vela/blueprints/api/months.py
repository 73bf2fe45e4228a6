"""Closed months over JSON: which there are, closing one, and reopening it."""

from typing import Annotated

from flask import Response
from pydantic import BaseModel

from vela.blueprints.api.answers import answer, listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.paging import PageQuery
from vela.blueprints.api.reading import body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.domain.ledger import closing
from vela.domain.ledger.intake import MonthClosing
from vela.domain.ledger.models import ClosedMonth
from vela.domain.people.access import Act
from vela.domain.workspace.settings import workspace
from vela.intake import MonthOf, Reason, Words
from vela.shapes.ledger import ClosedMonthShape

TAG = "Months"
EXAMPLE = {"reason": "Handed to the accountant"}


class MonthPath(BaseModel):
    """A month, as YYYY-MM."""

    month: Annotated[MonthOf, "YYYY-MM"]


class Why(Words):
    """Why a month is closed or reopened; the trail keeps it."""

    reason: Reason


@call("GET /months", TAG, Answer(model=ClosedMonthShape, many=True, headers=PAGED))
def list_closed_months(query: PageQuery) -> Response:
    """All closed months, newest first, with the figures that were written down; every other month is open.

    With `limit`, a page of them.
    """
    with database().reading() as session:
        closed, currency = closing.closed_months(session), workspace(session).currency
        found = [each for each in closed if query.cursor is None or _place(each) < query.cursor]
        page = query.page(found, _place)
        return listing([ClosedMonthShape.of(each, currency) for each in page.things], len(closed), page.following)


def _place(closed: ClosedMonth) -> int:
    return closed.month.year * 12 + closed.month.number


@call(
    "POST /months/<month>/close",
    TAG,
    Answer(model=ClosedMonthShape),
    said=Why,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 409),
    takes_key=True,
)
def close_month(path: MonthPath) -> Response:
    """Let nothing change the figures of a month any more, and write them down.

    From then on a sale or a void in it, or a change of an expense that counts in it, answers 409 MONTH_CLOSED.
    """
    permit(Act.CLOSE_MONTHS)
    words = MonthClosing(month=path.month, reason=body(Why).reason)
    with creating(words) as (session, keep):
        closed = closing.close_month(session, actor(), words)
        return keep(answer(ClosedMonthShape.of(closed, workspace(session).currency)))


@call(
    "POST /months/<month>/reopen",
    TAG,
    Answer(model=ClosedMonthShape),
    said=Why,
    example={"reason": "A sale was forgotten"},
    refuses=(*NEEDS_RIGHTS, 409),
    takes_key=True,
)
def reopen_month(path: MonthPath) -> Response:
    """Let a closed month be changed again; the answer is what it had been closed with."""
    permit(Act.CLOSE_MONTHS)
    words = MonthClosing(month=path.month, reason=body(Why).reason)
    with creating(words) as (session, keep):
        closed = closing.reopen_month(session, actor(), words)
        return keep(answer(ClosedMonthShape.of(closed, workspace(session).currency)))
