"""The P&L statement: months, quarters or years side by side, split by offer and by group of components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vela import money
from vela.domain.ledger import queries
from vela.domain.ledger.profit import Figures, MonthFigures, PeriodFigures, of_period, summed
from vela.domain.ledger.queries import ComponentMonth
from vela.periods import Month, Period, Quarter, Span, periods_ending

MONTHS_SHOWN = 12
QUARTERS_SHOWN = 8
MOST_YEARS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the statement: an amount for each column (None: nothing was sold) and their sum."""

    name: str
    amounts: list[Decimal | None]
    total: Decimal
    service_id: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Periods that end with the chosen one, the months they are made of, and the period before the chosen one."""

    columns: list[PeriodFigures]
    months: list[MonthFigures]
    before: PeriodFigures | None
    together: Figures
    revenue_by_offer: list[Row]
    cost_by_group: list[Row]

    @property
    def span(self) -> Span:
        return Span(self.months[0].month, self.months[-1].month)


def statement(session: Session, last: Period) -> Statement:
    """The P&L of the twelve months, eight quarters, or all years (twelve at most) that end with `last`."""
    columns = _columns(session, last)
    span = Span(columns[0].span.first, columns[-1].span.last)
    months = queries.profits_of(session, span.months)
    figures = [of_period(period, months) for period in columns]
    by_offer, by_group = _by_offer(session, span, columns), _by_group(session, span, columns)
    before = figures[-2] if len(figures) > 1 else _before(session, last)
    return Statement(figures, months, before, summed(figures), by_offer, by_group)


def _columns(session: Session, last: Period) -> Sequence[Period]:
    if isinstance(last, Month):
        return periods_ending(last, MONTHS_SHOWN)
    if isinstance(last, Quarter):
        return periods_ending(last, QUARTERS_SHOWN)
    first = queries.first_month(session)
    count = last.year - first.year + 1 if first else 1
    return periods_ending(last, min(max(1, count), MOST_YEARS))


def _before(session: Session, period: Period) -> PeriodFigures | None:
    earlier: Period = period.previous
    return of_period(earlier, queries.profits_of(session, earlier.span.months)) if earlier.is_bookable else None


def _by_offer(session: Session, span: Span, columns: Sequence[Period]) -> list[Row]:
    sold: dict[int, dict[Month, Decimal]] = {}
    for each in queries.offer_months(session, span.months):
        sold.setdefault(each.service_id, {})[each.month] = each.totals.sell
    names = queries.offer_names(session, set(sold))
    return [_row(name, sold[service_id], columns, service_id) for service_id, name in names.items()]


def _by_group(session: Session, span: Span, columns: Sequence[Period]) -> list[Row]:
    costs: dict[str, dict[Month, Decimal]] = {}
    for each in queries.component_months(session, span.months):
        monthly = costs.setdefault(group_of(each), {})
        monthly[each.month] = monthly.get(each.month, money.ZERO) + each.totals.cost
    return sorted((_row(name, monthly, columns) for name, monthly in costs.items()), key=lambda row: -row.total)


def _row(name: str, monthly: Mapping[Month, Decimal], columns: Sequence[Period], service_id: int | None = None) -> Row:
    """The amounts of months, gathered by column."""
    gathered = [[monthly[month] for month in period.span.months if month in monthly] for period in columns]
    amounts = [money.total(amounts) if amounts else None for amounts in gathered]
    return Row(name, amounts, money.total(monthly.values()), service_id)


def group_of(sold: ComponentMonth) -> str:
    """The line a component stands in: its group, or its own name when it has none."""
    return sold.group or sold.name


def costs_by_group(sold: Sequence[ComponentMonth]) -> dict[str, Decimal]:
    """Cost of each group of components, dearest first; a component without a group stands under its own name."""
    costs: dict[str, Decimal] = {}
    for each in sold:
        costs[group_of(each)] = costs.get(group_of(each), money.ZERO) + each.totals.cost
    return dict(sorted(costs.items(), key=lambda pair: -pair[1]))


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the waterfall: what it stands for, its amount, and the level it ends at."""

    kind: str
    name: str
    amount: Decimal
    level: Decimal


def waterfall(session: Session, figures: MonthFigures | PeriodFigures, most: int = 5) -> list[Step]:
    """From revenue to net profit of a period: revenue, costs by group (the smallest summed as "other"), gross profit,
    operating expenses, net profit. Kinds: revenue, cost, other, gross, opex, net."""
    costs = list(costs_by_group(queries.component_months(session, figures.period.span.months)).items())
    shown, rest = (costs, []) if len(costs) <= most else (costs[: most - 1], costs[most - 1 :])
    steps = [Step("revenue", "", figures.total_revenue, figures.total_revenue)]
    for name, cost in shown:
        steps.append(Step("cost", name, -cost, steps[-1].level - cost))
    if rest:
        cost = money.total(cost for _, cost in rest)
        steps.append(Step("other", "", -cost, steps[-1].level - cost))
    return [
        *steps,
        Step("gross", "", figures.gross_profit, figures.gross_profit),
        Step("opex", "", -figures.opex, figures.net_profit),
        Step("net", "", figures.net_profit, figures.net_profit),
    ]
