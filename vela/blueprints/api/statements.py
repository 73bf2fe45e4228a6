"""Profit and loss of several months over JSON: side by side, of a range, and what its figures are made of."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from flask import Response
from pydantic import BeforeValidator, Field, WithJsonSchema
from sqlalchemy.orm import Session

from vela import money
from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import Answer
from vela.blueprints.api.guards import database
from vela.blueprints.api.reading import Unsaid
from vela.blueprints.api.routes import call
from vela.domain.insight import sources
from vela.domain.insight.sources import Counted, Part
from vela.domain.insight.spans import span_asked
from vela.domain.insight.statement import Row, Statement, statement
from vela.domain.ledger.profit import summed
from vela.domain.workspace.settings import current_month, workspace
from vela.errors import invalid
from vela.intake import Line, MonthOf, Words, refusal
from vela.language import gettext as _
from vela.periods import Month, Period, Quarter, Span, Year
from vela.shapes.base import MaybeNumber, MonthName, Number, Shape
from vela.shapes.ledger import ExpenseShape
from vela.shapes.profit import PERIOD, FiguresShape, PeriodShape

TAG = "Profit"


class By(StrEnum):
    """How long each column of a statement is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


KINDS: dict[By, type[Month] | type[Quarter] | type[Year]] = {By.MONTH: Month, By.QUARTER: Quarter, By.YEAR: Year}


class StatementRowShape(Shape):
    """What one offer brought, or one group of components cost: an amount for each column, null where nothing was
    sold."""

    name: str
    service_id: int | None
    amounts: list[MaybeNumber]
    total: Number

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(name=row.name, service_id=row.service_id, amounts=row.amounts, total=row.total)


class StatementShape(Shape):
    """Months, quarters or years side by side, oldest first, with what their revenue and cost are made of."""

    columns: list[PeriodShape]
    total: FiguresShape
    revenue_by_offer: list[StatementRowShape]
    cost_by_group: list[StatementRowShape]
    currency: str

    @classmethod
    def of(cls, shown: Statement, currency: str) -> Self:
        return cls(
            columns=[PeriodShape.of(column) for column in shown.columns],
            total=FiguresShape.summing(shown.together),
            revenue_by_offer=[StatementRowShape.of(row) for row in shown.revenue_by_offer],
            cost_by_group=[StatementRowShape.of(row) for row in shown.cost_by_group],
            currency=currency,
        )


class RangeShape(Shape):
    """The profit and loss of some months together, and of each of its parts."""

    first_month: MonthName
    last_month: MonthName
    total: FiguresShape
    parts: list[PeriodShape]
    currency: str


class PartSoldShape(Shape):
    """A component of a service at one price: how many units of the service were sold with it, and what that comes to.

    It was sold under the revisions from `first_revision` to `last_revision`; `heading` is its line of the statement.
    """

    component_id: int
    version: int
    service_id: int
    service_name: str
    name: str
    group: str
    heading: str
    quantity: Number
    unit_cost: Number
    unit_sell: Number
    sold: int
    cost: Number
    sell: Number
    first_revision: int
    last_revision: int

    @classmethod
    def of(cls, part: Part) -> Self:
        called = {"service_name": part.offer, "cost": part.totals.cost, "sell": part.totals.sell}
        called |= {"first_revision": part.first, "last_revision": part.last}
        same = set(cls.model_fields) - set(called)
        return cls.model_validate({name: getattr(part, name) for name in same} | called)


class CostShape(Shape):
    """The components behind a cost, dearest first; what they cost and brought, together."""

    first_month: MonthName
    last_month: MonthName
    cost: Number
    sell: Number
    parts: list[PartSoldShape]
    currency: str


class CountedExpenseShape(Shape):
    """An operating expense, the months of the range in which it counts, and what that comes to."""

    expense: ExpenseShape
    first_month: MonthName
    last_month: MonthName
    months: int
    total: Number

    @classmethod
    def of(cls, counted: Counted) -> Self:
        months = counted.months
        return cls(
            expense=ExpenseShape.of(counted.expense),
            first_month=months.first,
            last_month=months.last,
            months=months.count,
            total=counted.total,
        )


class OpexShape(Shape):
    """The operating expenses of some months, in the order they were entered."""

    first_month: MonthName
    last_month: MonthName
    total: Number
    expenses: list[CountedExpenseShape]
    currency: str


def _by(value: object) -> By:
    if isinstance(value, str) and value in set(By):
        return By(value)
    raise refusal("choice", _("Choose months, quarters or years: month, quarter or year."))


PeriodName = Annotated[str, WithJsonSchema({"type": "string", "pattern": PERIOD, "examples": ["2026-Q4"]})]


class StatementQuery(Words):
    """Months, quarters or years, and the last of them: such as 2026-11, 2026-Q4 or 2026; the present one when it is
    left out."""

    by: Annotated[By, BeforeValidator(_by), WithJsonSchema({"type": "string", "enum": [each.value for each in By]})] = (
        By.MONTH
    )
    to: Annotated[PeriodName | None, Unsaid()] = None


class SpanQuery(Words):
    """From which month to which; one alone is that month, and neither the current one."""

    first: Annotated[MonthOf | None, Unsaid(), Field(alias="from")] = None
    last: Annotated[MonthOf | None, Unsaid(), Field(alias="to")] = None

    def span(self, session: Session) -> Span:
        """Raises Invalid when the last comes before the first, and for more than fifty years."""
        return self.span_else(current_month(session))

    def span_else(self, month: Month) -> Span:
        """The same, and that of `month` when none was said."""
        either = self.first or self.last or month
        return span_asked(self.first or either, self.last or either)


class CostQuery(SpanQuery):
    """The same, and perhaps one line of the statement alone: a group, or a component without one."""

    heading: Annotated[Line | None, Unsaid()] = None


@call("GET /pnl/statement", TAG, Answer(model=StatementShape))
def get_statement(query: StatementQuery) -> Response:
    """The twelve months, eight quarters, or all years (twelve at most) that end with `to`, as the page shows them."""
    with database().reading() as session:
        shown = statement(session, period_asked(query, current_month(session)))
        return answer(StatementShape.of(shown, workspace(session).currency))


def period_asked(query: StatementQuery, now: Month) -> Period:
    """The period that a statement ends with. Raises Invalid for text that names none of that length."""
    if query.to is None:
        return now if query.by is By.MONTH else (Quarter if query.by is By.QUARTER else Year).of(now)
    try:
        return KINDS[query.by].parse(query.to)
    except ValueError:
        raise invalid("to", query.by.value, _refusal(query.by)) from None


def _refusal(by: By) -> str:
    match by:
        case By.MONTH:
            return _("Write the month as YYYY-MM, such as 2026-11.")
        case By.QUARTER:
            return _("Write the quarter as YYYY-Qn, such as 2026-Q3.")
        case By.YEAR:
            return _("Write the year as YYYY, such as 2026.")


@call("GET /pnl/range", TAG, Answer(model=RangeShape))
def get_range(query: SpanQuery) -> Response:
    """The profit and loss of some months together and of each: of quarters, or years, when a long range is made of
    such."""
    with database().reading() as session:
        span = query.span(session)
        parts = sources.profit_in_parts(session, span)
        return answer(
            RangeShape(
                first_month=span.first,
                last_month=span.last,
                total=FiguresShape.summing(summed(parts)),
                parts=[PeriodShape.of(part) for part in parts],
                currency=workspace(session).currency,
            )
        )


@call("GET /pnl/cost", TAG, Answer(model=CostShape))
def get_cost(query: CostQuery) -> Response:
    """The components behind the cost of some months, at each price they were sold at; perhaps of one `heading`."""
    with database().reading() as session:
        span = query.span(session)
        parts = sources.parts_sold(session, span, heading=query.heading)
        totals = sources.together(parts)
        return answer(
            CostShape(
                first_month=span.first,
                last_month=span.last,
                cost=totals.cost,
                sell=totals.sell,
                parts=[PartSoldShape.of(part) for part in parts],
                currency=workspace(session).currency,
            )
        )


@call("GET /pnl/opex", TAG, Answer(model=OpexShape))
def get_opex(query: SpanQuery) -> Response:
    """The operating expenses of some months, and in which of them each counts."""
    with database().reading() as session:
        span = query.span(session)
        counted = sources.expenses_counted(session, span)
        total: Decimal = money.total(each.total for each in counted)
        return answer(
            OpexShape(
                first_month=span.first,
                last_month=span.last,
                total=total,
                expenses=[CountedExpenseShape.of(each) for each in counted],
                currency=workspace(session).currency,
            )
        )
