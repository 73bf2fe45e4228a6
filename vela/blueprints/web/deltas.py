"""How a figure compares with the same figure of the period before: by how much, which way, and whether that is good."""

from dataclasses import dataclass
from decimal import Decimal

from vela import money
from vela.blueprints.web import figures
from vela.domain.ledger.profit import Figures, change_pct
from vela.language import gettext as _


@dataclass(frozen=True, slots=True)
class Delta:
    """A change: how it reads, which way it goes, and whether that is good, bad or neither."""

    words: str
    direction: int
    tone: str

    @property
    def sentence(self) -> str:
        if not self.direction:
            return _("no change")
        return _("up %(change)s", change=self.words) if self.direction > 0 else _("down %(change)s", change=self.words)


def growth(now: Decimal, before: Decimal) -> Delta | None:
    """A change of what is better when it is more, in percent; None when there was nothing before."""
    change = change_pct(now, before)
    return None if change is None else _delta(change, figures.percent(abs(change)), good=change > 0)


def spending(now: Decimal, before: Decimal, income: Figures, income_before: Figures) -> Delta | None:
    """A change of a cost in percent: bad only when it outran the revenue; None when there was nothing before."""
    change = change_pct(now, before)
    if change is None:
        return None
    # A dearer period is no bad news as long as what was sold grew with it.
    outran = change > (change_pct(income.total_revenue, income_before.total_revenue) or 0)
    return Delta(figures.percent(abs(change)), _sign(change), "bad" if change > 0 and outran else "")


def in_points(now: Decimal | None, before: Decimal | None) -> Delta | None:
    """A change of a percentage, in points; None when one of the two is not known."""
    if now is None or before is None:
        return None
    return _delta(now - before, figures.points(abs(now - before)), good=now > before)


def _delta(change: Decimal, words: str, *, good: bool) -> Delta:
    return Delta(words, _sign(change), "" if not _sign(change) else "good" if good else "bad")


def _sign(change: Decimal) -> int:
    """Which way a change goes at the one decimal that is shown."""
    shown = money.rounded(change, 1)
    return (shown > 0) - (shown < 0)
