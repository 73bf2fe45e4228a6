"""What the page of profit and loss shows, all of which stands in its address: the period, and which lines are open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from vela.blueprints.web.months import MonthChoice
from vela.domain.workspace.settings import current_month
from vela.errors import Invalid, invalid
from vela.intake import read
from vela.language import gettext as _
from vela.periods import Month, Period, Quarter, Year

KINDS: Mapping[str, type[Month] | type[Quarter] | type[Year]] = {"month": Month, "quarter": Quarter, "year": Year}
LINES = ("revenue", "cost")
OPEN_AT_FIRST = ("revenue",)
NONE_OPEN = "none"


@dataclass(frozen=True, slots=True)
class View:
    """A period beside the present month, and the lines that show what they are made of."""

    period: Period
    now: Month
    opened: tuple[str, ...] = OPEN_AT_FIRST

    @property
    def by(self) -> str:
        return next(name for name, kind in KINDS.items() if isinstance(self.period, kind))

    @property
    def in_progress(self) -> bool:
        """Whether the period is the present one, so that its figures are still growing."""
        return self.covers_now(self.period)

    def covers_now(self, period: Period) -> bool:
        return period.span.covers(self.now)

    @property
    def ahead(self) -> bool:
        """Whether the period has not begun."""
        return self.period.span.first > self.now

    @property
    def is_last(self) -> bool:
        """Whether no later period has begun."""
        return self.period.span.last >= self.now

    @property
    def month(self) -> Month:
        """The month that stands for the period: the present one while it lasts, else its last."""
        return self.now if self.in_progress else self.period.span.last

    def turned(self, by: str) -> "View":
        """The month, quarter or year about the same time."""
        if by == "month":
            return replace(self, period=self.month)
        return replace(self, period=Quarter.of(self.month) if by == "quarter" else Year.of(self.month))

    def at(self, period: Period) -> "View":
        return replace(self, period=period)

    def opening(self, *lines: str) -> "View":
        return replace(self, opened=tuple(line for line in LINES if line in lines))

    def toggling(self, line: str) -> "View":
        """With a line open that was closed, or the other way round."""
        return self.opening(*(each for each in LINES if (each in self.opened) != (each == line)))

    @property
    def address(self) -> str:
        said = {"month": str(self.period)} if self.by == "month" else {"by": self.by, "to": str(self.period)}
        if self.opened != OPEN_AT_FIRST:
            said["open"] = ",".join(self.opened) or NONE_OPEN
        return "/profit?" + urlencode(said, safe=",")


def view_of(session: Session, said: Mapping[str, str]) -> View:
    """What an address asks for: `by` month, quarter or year, `to` one of them (or `month`), and `open` lines.

    Raises Invalid for a period that is none.
    """
    by, now = said.get("by", "month"), current_month(session)
    if by not in KINDS:
        raise invalid("by", "choice", _("Choose months, quarters or years: month, quarter or year."))
    asked = said.get("to", said.get("month") if by == "month" else None)
    view = View(now, now).turned(by) if asked is None else View(_period(by, asked), now)
    return view.opening(*said["open"].split(",")) if "open" in said else view


def _period(by: str, text: str) -> Period:
    try:
        if by == "month":
            return read(MonthChoice, {"month": text}).month
        return Quarter.parse(text) if by == "quarter" else Year.parse(text)
    except ValueError:
        raise _refusal(by) from None


def _refusal(by: str) -> Invalid:
    if by == "quarter":
        return invalid("to", "quarter", _("Write the quarter as YYYY-Qn, such as 2026-Q3."))
    return invalid("to", "year", _("Write the year as YYYY, such as 2026."))
