"""Copying the books into another database, SQLite or PostgreSQL, and comparing every value of every row."""

from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Table,
    Text,
    bindparam,
    cast,
    collate,
    func,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.sql import ColumnElement

from vela import schema
from vela.backup.contents import problems_of
from vela.backup.counters import carry_over
from vela.columns import MonthText
from vela.db import Database
from vela.errors import Conflict
from vela.language import gettext as _
from vela.measuring import Contents, measure
from vela.tables import metadata

BATCH = 500
HEAD = metadata.tables["audit_head"]
# Where a migrated database has rows before anybody uses it; they give way to those that are copied.
BEGUN_WITH = ("workspace", "seeds", "operating_expenses", "audit_entries")


def copy_books(source: Database, target: Database) -> Contents:
    """Copy everything as it stands at one moment into the empty database `target`, in one transaction.

    In it each row is read again on both sides and compared, every sum is made anew and the trail is verified; only then
    does it count. Raises Conflict, with nothing in `target`, when that fails or `target` is not empty; Unavailable.
    """
    was_missing = target.is_missing
    try:
        with source.reading() as reading:
            if problems := problems_of(reading):
                raise Conflict("not_sound", _("Mend the books first: %(why)s", why=" ".join(problems[:3])))
            return _copied(reading.connection(), target)
    except BaseException:
        if was_missing:
            target.remove_file()
        raise


def _copied(source: Connection, target: Database) -> Contents:
    schema.make_ready(target)
    with target.transaction() as session:
        connection = session.connection()
        schema.upgrade_within(connection)
        _make_room(connection)
        for table in metadata.sorted_tables:
            _copy(source, connection, table)
        carry_over(source, connection)
        found = measure(connection)
        for name, wanted, there in measure(source).differences(found):
            raise _differs(f"{name} ({wanted}, {there})")
        for table in metadata.sorted_tables:
            _compare(source, connection, table)
        for problem in problems_of(session):
            raise _differs(problem)
        return found


def _make_room(connection: Connection) -> None:
    """Take out what every new database begins with. Raises Conflict when there is anything more."""
    filled = [
        table.name
        for table in metadata.sorted_tables
        if table is not HEAD and connection.scalar(select(func.count()).select_from(table))
    ]
    used = [name for name in filled if name not in BEGUN_WITH]
    if used:
        words = _("There are books in that database already (%(tables)s). Name an empty one.", tables=", ".join(used))
        raise Conflict("not_empty", words)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    if filled:  # the trail cannot be emptied, so all tables are made anew
        schema.downgrade_within(connection)
        schema.upgrade_within(connection)
    connection.execute(HEAD.delete())


def _copy(source: Connection, target: Connection, table: Table) -> None:
    names = [f"v_{column.name}" for column in table.columns]
    values = {column.name: _written(column, target) for column in table.columns}
    statement = insert(table).values(values)
    rows = _rows(source, table)
    while batch := list(islice(rows, BATCH)):
        target.execute(statement, [dict(zip(names, row, strict=True)) for row in batch])


def _compare(source: Connection, target: Connection, table: Table) -> None:
    """Raises Conflict unless both tables hold the same values in the same rows."""
    for before, after in zip_longest(_rows(source, table), _rows(target, table)):
        if before != after:
            raise _differs(f"{table.name} {(before or after or ('?',))[0]}")


def _differs(what: str) -> Conflict:
    return Conflict("copy_differs", _("The copy would differ, so nothing was kept of it: %(what)s", what=what))


def _rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """Every row as it is stored, in the order of its key, which is the same on every database."""
    columns = [_stored(column, connection).label(f"v_{column.name}") for column in table.columns]
    keys = [_sorted_alike(column, connection) for column in table.primary_key.columns]
    with connection.execute(select(*columns).order_by(*keys).execution_options(yield_per=BATCH)) as found:
        for row in found:
            yield tuple(row)


def _stored(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """A column as it is stored; JSON as its text, for the trail's hashes are made of it."""
    if not isinstance(column.type, JSON):
        return column
    return type_coerce(column, Text()) if connection.dialect.name == "sqlite" else cast(column, Text())


def _written(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    name = f"v_{column.name}"
    if not isinstance(column.type, JSON):
        return bindparam(name, type_=column.type)
    said = bindparam(name, type_=Text())
    return said if connection.dialect.name == "sqlite" else cast(said, JSON())


def _sorted_alike(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    is_text = isinstance(column.type, Text | MonthText) or column.type.python_type is str
    return collate(column, "C") if is_text and connection.dialect.name == "postgresql" else column
