"""Months of the books: reading, writing and stepping through them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Self

FIRST_YEAR = 1900
LAST_YEAR = 2999
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
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def is_bookable(self) -> bool:
        """Whether this month can be written in the books at all."""
        return FIRST_YEAR <= self.year <= LAST_YEAR

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def months_ending(last: Month, count: int) -> list[Month]:
    """The `count` months that end with `last`, oldest first."""
    return [last.plus(step) for step in range(1 - count, 1)]
