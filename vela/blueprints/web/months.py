"""Which months a page shows: the one asked for by `?month=`, those `?from=` one `&to=` another, or the present one."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from vela import clock
from vela.domain.insight.spans import span_asked
from vela.domain.workspace.settings import current_month, workspace
from vela.intake import MonthOf, Words, read
from vela.periods import Month, Span


class MonthChoice(Words):
    """What the address of a page may say."""

    month: MonthOf


@dataclass(frozen=True, slots=True)
class Chosen:
    """The month that a page shows, beside the present one."""

    month: Month
    latest: Month
    today: int

    @property
    def in_progress(self) -> bool:
        """Whether the month is the present one, so that its figures are still growing."""
        return self.month == self.latest

    @property
    def ahead(self) -> bool:
        """Whether the month has not begun."""
        return self.month > self.latest


def chosen(session: Session) -> Chosen:
    """The month asked for, else the present one where the books are kept. Raises Invalid for what is no month."""
    latest, day = current_month(session), clock.today(workspace(session).time_zone).day
    if "month" not in request.args:
        return Chosen(latest, latest, day)
    return Chosen(_month(request.args["month"]), latest, day)


def _month(text: str) -> Month:
    return read(MonthChoice, {"month": text}).month


def span_of(session: Session, said: Mapping[str, str]) -> Span:
    """The months that an address asks for, else the present one.

    Raises Invalid for what is no month, when the last comes before the first, and for more than fifty years.
    """
    if "from" not in said and "to" not in said:
        return (_month(said["month"]) if "month" in said else current_month(session)).span
    return span_asked(
        *(_month(said.get(bound) or said.get(other, "")) for bound, other in (("from", "to"), ("to", "from")))
    )
