"""The counters that number new rows: carried over, so that a number once used is never given again."""

from typing import Any

from sqlalchemy import Connection, Integer, Table, func, select

from vela.tables import metadata


def carry_over(source: Connection, target: Connection) -> None:
    """Let the tables of `target` go on counting where those of `source` are, or where their own rows end."""
    for table in metadata.sorted_tables:
        if not _counts(table):
            continue
        newest = target.scalar(select(func.max(table.c.id))) or 0
        reached = max(int(newest), _read(source, table))
        if target.dialect.name == "sqlite":
            target.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
            target.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, reached))
        else:
            words = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, %s)"
            target.exec_driver_sql(words, (table.name, max(reached, 1), reached > 0))


def _counts(table: Table) -> bool:
    keys: list[Any] = list(table.primary_key.columns)
    return len(keys) == 1 and isinstance(keys[0].type, Integer) and keys[0].autoincrement is not False


def _read(source: Connection, table: Table) -> int:
    """The last number that was given in a table."""
    if source.dialect.name == "sqlite":
        words = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        return int(source.exec_driver_sql(words, (table.name,)).scalar() or 0)
    name = source.exec_driver_sql("SELECT pg_get_serial_sequence(%s, 'id')", (table.name,)).scalar()
    # nosemgrep: sql-made-from-text the same
    last = source.exec_driver_sql(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}").scalar()  # noqa: S608 the server's own name of its sequence
    return int(last or 0)
