"""What columns hold: exact at their limits and in sums made by the database, or refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, func, insert, inspect, select, text

from vela import money
from vela.columns import Amount, Instant, MonthText, Quantity, Scaled, UnitPrice
from vela.db import Database
from vela.periods import Month
from vela.seeding import seed_demo
from vela.tables import metadata

KINDS = {"amount": (Amount(), 2), "price": (UnitPrice(), 5), "quantity": (Quantity(), 4)}
TABLE = Table(
    "held",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, kind) for name, (kind, _) in KINDS.items()),
    Column("month", MonthText),
    Column("moment", Instant),
)


@pytest.fixture
def holding(database: Database) -> Iterator[Database]:
    with database.engine.begin() as connection:
        TABLE.create(connection)
    yield database
    with database.engine.begin() as connection:
        TABLE.drop(connection)


LIMITS = {
    "amount": [
        money.MOST_AMOUNT,
        -money.MOST_AMOUNT,
        Decimal("0.01"),
        Decimal("-0.01"),
        Decimal("92233720368547758.07"),
    ],
    "price": [money.MOST_UNIT_PRICE, -money.MOST_UNIT_PRICE, Decimal("0.00001"), Decimal("92233720368547.75807")],
    "quantity": [money.MOST_QUANTITY, Decimal("0.0001"), Decimal("922337203685477.5807")],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in LIMITS.items() for value in values])
def test_the_largest_and_smallest_values_come_back_exactly(holding: Database, name: str, value: Decimal) -> None:
    with holding.engine.begin() as connection:
        connection.execute(insert(TABLE).values({name: value}))
        found = connection.scalar(select(TABLE.c[name]))
    assert found is not None
    assert found == value
    assert found.as_tuple().exponent == -KINDS[name][1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "0.001"),
        ("price", "0.000001"),
        ("quantity", "0.00001"),
        ("amount", "1.00000000000000000000000000000000000001"),
        ("amount", "1E-999999999"),
        ("amount", "92233720368547758.08"),
        ("amount", "1E+40"),
        ("amount", "NaN"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_rounded(name: str, value: str) -> None:
    kind, _ = KINDS[name]
    with pytest.raises(ValueError, match=r"decimals|too large|NaN"):
        kind.process_bind_param(Decimal(value), create_engine("sqlite://").dialect)


def test_the_sum_of_tenths_is_a_whole(holding: Database) -> None:
    with holding.engine.begin() as connection:
        connection.execute(insert(TABLE), [{"amount": Decimal("0.10")} for _ in range(3)])
        assert connection.scalar(select(func.sum(TABLE.c.amount))) == Decimal("0.30")


@given(st.lists(st.decimals(-money.MOST_AMOUNT, money.MOST_AMOUNT, places=2), min_size=1, max_size=20))
def test_a_sum_made_by_the_database_is_exact(holding: Database, values: list[Decimal]) -> None:
    with holding.engine.connect() as connection:
        connection.execute(insert(TABLE), [{"amount": value} for value in values])
        assert connection.scalar(select(func.sum(TABLE.c.amount))) == sum(values)
        connection.rollback()


def test_months_and_instants_come_back_as_they_were(holding: Database) -> None:
    moment = datetime(2026, 3, 22, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with holding.engine.begin() as connection:
        connection.execute(insert(TABLE).values(month=Month(2026, 3), moment=moment))
        month, kept = connection.execute(select(TABLE.c.month, TABLE.c.moment)).one()
    assert (month, kept, kept.tzinfo) == (Month(2026, 3), moment, UTC)


def test_nothing_stays_nothing(holding: Database) -> None:
    with holding.engine.begin() as connection:
        connection.execute(insert(TABLE).values(amount=None, month=None, moment=None))
        assert tuple(connection.execute(select(TABLE)).one())[1:] == (None,) * 5


def test_every_amount_of_a_seeded_file_is_an_integer(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("only SQLite lets a column hold what it was not made for")
    with database.transaction() as session:
        seed_demo(session)
    scaled = [(table.name, column.name) for table in metadata.sorted_tables for column in table.c if is_scaled(column)]
    assert len(scaled) >= 20
    with database.engine.connect() as connection:
        for table, column in scaled:
            kinds = connection.execute(text(f'SELECT DISTINCT typeof("{column}") FROM "{table}"')).scalars()  # noqa: S608
            assert set(kinds) <= {"integer", "null"}, (table, column)


def is_scaled(column: Column[object]) -> bool:
    return isinstance(column.type, Scaled)


def test_no_column_of_any_table_is_a_binary_fraction(database: Database) -> None:
    inspector = inspect(database.engine)
    kinds = {str(column["type"]) for name in inspector.get_table_names() for column in inspector.get_columns(name)}
    assert not [kind for kind in kinds if any(word in kind.upper() for word in ("REAL", "FLOAT", "DOUBLE", "NUMERIC"))]
