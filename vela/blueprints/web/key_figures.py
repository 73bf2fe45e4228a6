"""The four figures at the head of the dashboard: each with its change to the month before and its shape over a year."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from vela.blueprints.web import figures
from vela.blueprints.web.deltas import Delta, growth, in_points, spending
from vela.blueprints.web.drawings import Stretch, spark
from vela.blueprints.web.naming import cost_of, result_of, sales_of
from vela.domain.insight.dashboard import Dashboard
from vela.domain.ledger.profit import MonthFigures
from vela.language import gettext as _
from vela.periods import Month, Span


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One tile, and the address of what it is made of.

    `before` is how the same figure read in `previous`, empty when there is nothing to compare with.
    """

    kind: str
    label: str
    value: str
    full: str
    negative: bool
    delta: Delta | None
    before: str
    previous: Month
    line: list[Stretch]
    source: str


def key_figures(board: Dashboard) -> list[KeyFigure]:
    """Revenue, cost, gross margin and net profit of a dashboard's month, in reading order."""
    return [
        _amount(board, "rev", _("Revenue"), lambda month: month.total_revenue),
        _amount(board, "cost", _("Cost"), lambda month: month.total_cost),
        _margin(board),
        _amount(board, "net", _("Net profit"), lambda month: month.net_profit),
    ]


def _amount(board: Dashboard, kind: str, label: str, of: Callable[[MonthFigures], Decimal]) -> KeyFigure:
    now, before = of(board.current), of(board.previous) if board.previous else None
    return KeyFigure(
        kind,
        label,
        figures.headline(now),
        figures.amount(now) if abs(now) >= figures.MANY else "",
        now < 0,
        _growth(board, kind, now, before),
        "" if before is None else figures.headline(before),
        board.current.month.previous,
        spark([of(month) for month in board.trend]),
        {"rev": sales_of, "cost": cost_of}.get(kind, _net)(board.current.month.span),
    )


def _margin(board: Dashboard) -> KeyFigure:
    now = board.current.gross_margin_pct
    before = board.previous.gross_margin_pct if board.previous else None
    return KeyFigure(
        "margin",
        _("Gross margin"),
        figures.percent(now),
        "",
        now is not None and now < 0,
        in_points(now, before),
        "" if before is None else figures.percent(before),
        board.current.month.previous,
        spark([month.gross_margin_pct for month in board.trend]),
        result_of(board.current.month.span, "gross"),
    )


def _net(span: Span) -> str:
    return result_of(span, "net")


def _growth(board: Dashboard, kind: str, now: Decimal, before: Decimal | None) -> Delta | None:
    if before is None or board.previous is None:
        return None
    return spending(now, before, board.current, board.previous) if kind == "cost" else growth(now, before)
