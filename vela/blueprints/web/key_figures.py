"""The four figures at the head of the dashboard: each with its change to the month before and its shape over a year."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from vela import money
from vela.blueprints.web import figures
from vela.blueprints.web.drawings import Stretch, spark
from vela.domain.insight.dashboard import Dashboard
from vela.domain.ledger.profit import MonthFigures, change_pct
from vela.language import gettext as _
from vela.periods import Month

Reading = Callable[[MonthFigures], Decimal | None]


@dataclass(frozen=True, slots=True)
class Delta:
    """A change to the month before: how it reads, which way it goes, and whether that is good."""

    words: str
    direction: int
    tone: str

    @property
    def sentence(self) -> str:
        if not self.direction:
            return _("no change")
        return _("up %(change)s", change=self.words) if self.direction > 0 else _("down %(change)s", change=self.words)


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One tile: `before` is how the same figure read in `previous`, empty when there is nothing to compare with."""

    kind: str
    label: str
    value: str
    full: str
    negative: bool
    delta: Delta | None
    before: str
    previous: Month
    line: list[Stretch]


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
    )


def _margin(board: Dashboard) -> KeyFigure:
    now = board.current.gross_margin_pct
    before = board.previous.gross_margin_pct if board.previous else None
    points = None if now is None or before is None else now - before
    return KeyFigure(
        "margin",
        _("Gross margin"),
        figures.percent(now),
        "",
        now is not None and now < 0,
        None if points is None else _delta(points, figures.points(abs(points)), good=points > 0),
        "" if before is None else figures.percent(before),
        board.current.month.previous,
        spark([month.gross_margin_pct for month in board.trend]),
    )


def _growth(board: Dashboard, kind: str, now: Decimal, before: Decimal | None) -> Delta | None:
    change = None if before is None else change_pct(now, before)
    if change is None:
        return None
    words = figures.percent(abs(change))
    if kind != "cost":
        return _delta(change, words, good=change > 0)
    # A dearer month is no bad news as long as what was sold grew with it.
    outran = board.previous is not None and change > (
        change_pct(board.current.total_revenue, board.previous.total_revenue) or 0
    )
    return Delta(words, _sign(change), "bad" if change > 0 and outran else "")


def _delta(change: Decimal, words: str, *, good: bool) -> Delta:
    return Delta(words, _sign(change), "" if not _sign(change) else "good" if good else "bad")


def _sign(change: Decimal) -> int:
    """Which way a change goes at the one decimal that is shown."""
    shown = money.rounded(change, 1)
    return (shown > 0) - (shown < 0)
