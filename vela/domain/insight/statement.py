"""The P&L statement: months side by side, split by offer and by group of components."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vela import money
from vela.domain.ledger import queries
from vela.domain.ledger.profit import Figures, MonthFigures, summed
from vela.domain.ledger.queries import ComponentMonth
from vela.periods import Month, months_ending

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the statement: an amount for each month (None: nothing was sold) and their sum."""

    name: str
    amounts: list[Decimal | None]
    total: Decimal
    service_id: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Twelve months that end with the chosen one."""

    months: list[MonthFigures]
    together: Figures
    revenue_by_offer: list[Row]
    cost_by_group: list[Row]


def statement(session: Session, last: Month, count: int = MONTHS_SHOWN) -> Statement:
    """The P&L of `count` months that end with `last`, with revenue by offer and cost by group of components."""
    months = months_ending(last, count)
    figures = queries.profits_of(session, months)
    return Statement(figures, summed(figures), _by_offer(session, months), _by_group(session, months))


def _by_offer(session: Session, months: Sequence[Month]) -> list[Row]:
    sold = queries.offer_months(session, months)
    names = queries.offer_names(session, {each.service_id for each in sold})
    rows: list[Row] = []
    for service_id, name in names.items():
        amounts = {each.month: each.totals.sell for each in sold if each.service_id == service_id}
        rows.append(
            Row(
                name,
                [amounts.get(month) for month in months],
                money.total(amounts.values()),
                service_id,
            )
        )
    return rows


def _by_group(session: Session, months: Sequence[Month]) -> list[Row]:
    sold = queries.component_months(session, months)
    monthly = [costs_by_group([each for each in sold if each.month == month]) for month in months]
    rows = [
        Row(
            name,
            [costs.get(name) for costs in monthly],
            money.total(costs.get(name, money.ZERO) for costs in monthly),
        )
        for name in dict.fromkeys(name for costs in monthly for name in costs)
    ]
    return sorted(rows, key=lambda row: -row.total)


def costs_by_group(sold: Sequence[ComponentMonth]) -> dict[str, Decimal]:
    """Cost of each group of components, dearest first; a component without a group stands under its own name."""
    costs: dict[str, Decimal] = {}
    for each in sold:
        name = each.group or each.name
        costs[name] = costs.get(name, money.ZERO) + each.totals.cost
    return dict(sorted(costs.items(), key=lambda pair: -pair[1]))


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the waterfall: what it stands for, its amount, and the level it ends at."""

    kind: str
    name: str
    amount: Decimal
    level: Decimal


def waterfall(session: Session, figures: MonthFigures, most: int = 5) -> list[Step]:
    """From revenue to net profit of a month: revenue, costs by group (the smallest summed as "other"), gross profit,
    operating expenses, net profit. Kinds: revenue, cost, other, gross, opex, net."""
    costs = list(costs_by_group(queries.component_months(session, [figures.month])).items())
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
