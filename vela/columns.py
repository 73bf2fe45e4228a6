"""Column types: exact decimals as scaled integers, months as text, instants in UTC."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

from vela.money import AMOUNT_PLACES, PERCENT_PLACES, QUANTITY_PLACES, UNIT_PRICE_PLACES, places_of
from vela.periods import Month

MOST_STORED = 2**63 - 1


class Scaled(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places, stored as the integer it becomes without its point."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if places_of(value) > self.places:
            raise ValueError(f"{value} has more than {self.places} decimals")
        scaled = int(value.scaleb(self.places))
        if abs(scaled) > MOST_STORED:
            raise ValueError(f"{value} is too large to be stored exactly")
        return scaled

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


def Amount() -> Scaled:
    return Scaled(AMOUNT_PLACES)


def UnitPrice() -> Scaled:
    return Scaled(UNIT_PRICE_PLACES)


def Quantity() -> Scaled:
    return Scaled(QUANTITY_PLACES)


def Percent() -> Scaled:
    return Scaled(PERCENT_PLACES)


class MonthText(TypeDecorator[Month]):
    """A month as its `YYYY-MM` text, which sorts in time order."""

    impl = String(7)
    cache_ok = True

    @override
    def process_bind_param(self, value: Month | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Month | None:
        return None if value is None else Month.parse(value)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, aware on the way in and on the way out, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
