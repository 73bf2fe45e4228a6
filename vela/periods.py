"""Months, quarters and years of the books: reading, writing and stepping through them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self, TypeVar

FIRST_YEAR = 1900
LAST_YEAR = 2999
BEGINNING = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
"""Before anything that can be in the books."""
MONTH_PATTERN = r"(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])"


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month; its text is `YYYY-MM`, and months compare in time order."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY-MM` in ASCII digits, 1900-01 to 2999-12. Raises ValueError for anything else."""
        if not re.fullmatch(MONTH_PATTERN, text):
            raise ValueError(text)
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        """The month `months` later, or earlier when negative."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def next(self) -> "Month":
        return self.plus(1)

    @property
    def previous(self) -> "Month":
        return self.plus(-1)

    @property
    def days(self) -> int:
        return monthrange(self.year, self.number)[1]

    @property
    def span(self) -> "Span":
        return Span(self, self)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def is_bookable(self) -> bool:
        """Whether this month can be written in the books at all."""
        return FIRST_YEAR <= self.year <= LAST_YEAR

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """Three months of a calendar year; its text is `YYYY-Qn`, and quarters compare in time order."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY-Qn` in ASCII digits, 1900-Q1 to 2999-Q4. Raises ValueError for anything else."""
        if not re.fullmatch(r"(19|2[0-9])[0-9]{2}-Q[1-4]", text):
            raise ValueError(text)
        return cls(int(text[:4]), int(text[6:]))

    @classmethod
    def of(cls, month: Month) -> Self:
        return cls(month.year, (month.number + 2) // 3)

    def plus(self, quarters: int) -> "Quarter":
        """The quarter `quarters` later, or earlier when negative."""
        count = self.year * 4 + self.number - 1 + quarters
        return Quarter(count // 4, count % 4 + 1)

    @property
    def next(self) -> "Quarter":
        return self.plus(1)

    @property
    def previous(self) -> "Quarter":
        return self.plus(-1)

    @property
    def span(self) -> "Span":
        return Span(Month(self.year, self.number * 3 - 2), Month(self.year, self.number * 3))

    @property
    def is_bookable(self) -> bool:
        """Whether its months can be written in the books at all."""
        return FIRST_YEAR <= self.year <= LAST_YEAR

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"


@dataclass(frozen=True, order=True, slots=True)
class Year:
    """A calendar year; its text is `YYYY`."""

    year: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY` in ASCII digits, 1900 to 2999. Raises ValueError for anything else."""
        if not re.fullmatch("(19|2[0-9])[0-9]{2}", text):
            raise ValueError(text)
        return cls(int(text))

    @classmethod
    def of(cls, month: Month) -> Self:
        return cls(month.year)

    def plus(self, years: int) -> "Year":
        """The year `years` later, or earlier when negative."""
        return Year(self.year + years)

    @property
    def next(self) -> "Year":
        return self.plus(1)

    @property
    def previous(self) -> "Year":
        return self.plus(-1)

    @property
    def span(self) -> "Span":
        return Span(Month(self.year, 1), Month(self.year, 12))

    @property
    def is_bookable(self) -> bool:
        """Whether its months can be written in the books at all."""
        return FIRST_YEAR <= self.year <= LAST_YEAR

    def __str__(self) -> str:
        return f"{self.year:04d}"


Period = Month | Quarter | Year
AnyPeriod = TypeVar("AnyPeriod", Month, Quarter, Year)


@dataclass(frozen=True, slots=True)
class Span:
    """The months from `first` to `last`, both included."""

    first: Month
    last: Month

    @property
    def count(self) -> int:
        """How many months it has; not above 0 when `last` comes before `first`."""
        return (self.last.year - self.first.year) * 12 + self.last.number - self.first.number + 1

    @property
    def months(self) -> list[Month]:
        return [self.first.plus(step) for step in range(self.count)]

    def covers(self, month: Month) -> bool:
        return self.first <= month <= self.last

    def within(self, first: Month | None, last: Month | None) -> "Span | None":
        """The months of it from `first` to `last`, no bound where None; None when no month is left."""
        span = Span(max(self.first, first or self.first), min(self.last, last or self.last))
        return span if span.count > 0 else None

    @property
    def period(self) -> Period | None:
        """The month, quarter or year that it is, if it is one."""
        if self.count == 1:
            return self.first
        period = {3: Quarter, 12: Year}[self.count].of(self.first) if self.count in (3, 12) else None
        return period if period and period.span == self else None

    @property
    def parts(self) -> list[Period]:
        """Its months, or quarters or years when it is long and made of such."""
        for kind, longest in ((Year, 36), (Quarter, 12)):
            if self.count > longest and kind.of(self.first).span.first == self.first:
                pieces = [kind.of(month) for month in self.months[:: kind.of(self.first).span.count]]
                if pieces[-1].span.last == self.last:
                    return list[Period](pieces)
        return list[Period](self.months)


def periods_ending(last: AnyPeriod, count: int) -> list[AnyPeriod]:
    """The `count` months, quarters or years that end with `last`, oldest first."""
    return [last.plus(step) for step in range(1 - count, 1)]


def months_ending(last: Month, count: int) -> list[Month]:
    """The `count` months that end with `last`, oldest first."""
    return periods_ending(last, count)
