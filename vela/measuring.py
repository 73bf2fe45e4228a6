"""What a database holds, in figures that have to be the same wherever it was copied to."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, String, column, func, inspect, select, table

from vela.columns import Scaled
from vela.tables import metadata

# A column is added up in two halves, for the sum of the whole may be more than SQLite can count to.
HALF = 10**9
REVISION = select(column("version_num", String())).select_from(table("alembic_version"))
HEAD = select(column("entry_id", Integer()), column("hash", String())).select_from(table("audit_head"))


@dataclass(frozen=True, slots=True)
class Contents:
    """Rows by table, sums of money by table.column as exact decimals, and the newest entry of the trail."""

    schema_revision: str | None = None
    rows: dict[str, int] = field(default_factory=dict[str, int])
    sums: dict[str, str] = field(default_factory=dict[str, str])
    audit_entry: int | None = None
    audit_hash: str | None = None

    def differences(self, other: "Contents") -> list[tuple[str, str, str]]:
        """What is not the same: its name, here, there; "—" for what one of the two does not have."""
        mine, theirs = self.told(), other.told()
        names = sorted(mine.keys() | theirs.keys())
        pairs = ((name, mine.get(name, "—"), theirs.get(name, "—")) for name in names)
        return [(name, here, there) for name, here, there in pairs if here != there]

    def told(self) -> dict[str, str]:
        """Every figure by its name."""
        rows = {f"rows of {name}": str(count) for name, count in self.rows.items()}
        sums = {f"sum of {name}": total for name, total in self.sums.items()}
        return {
            "schema": str(self.schema_revision),
            "newest entry of the trail": f"{self.audit_entry} {self.audit_hash}",
            **rows,
            **sums,
        }


def measure(connection: Connection) -> Contents:
    """The contents as this connection's transaction sees them, whatever version of Vela made the tables."""
    inspector = inspect(connection)
    names = sorted(inspector.get_table_names())
    rows: dict[str, int] = {}
    sums: dict[str, str] = {}
    for name in names:
        there = {each["name"] for each in inspector.get_columns(name)}
        money = {each: places for each, places in _money_columns(name).items() if each in there}
        rows[name], totals = _add_up(connection, name, money)
        sums |= {f"{name}.{each}": total for each, total in totals.items()}
    revision = connection.scalar(REVISION) if "alembic_version" in names else None
    entry, newest = _audit_head(connection) if "audit_head" in names else (None, None)
    return Contents(revision, rows, sums, entry, newest)


def _money_columns(name: str) -> dict[str, int]:
    """Names of the columns of a table that hold scaled decimals, with their places."""
    known = metadata.tables.get(name)
    columns = () if known is None else known.columns
    return {each.name: each.type.places for each in columns if isinstance(each.type, Scaled)}


def _add_up(connection: Connection, name: str, money: dict[str, int]) -> tuple[int, dict[str, str]]:
    halves: list[ColumnElement[Any]] = []
    for each in money:
        value = column(each, BigInteger)
        halves += [func.sum(value.op("/")(HALF)), func.sum(value % HALF)]
    count, *parts = connection.execute(select(func.count(), *halves).select_from(table(name))).one()
    totals: dict[str, str] = {}
    for (each, places), high, low in zip(money.items(), parts[::2], parts[1::2], strict=True):
        total = int(high or 0) * HALF + int(low or 0)
        totals[each] = f"{Decimal(total).scaleb(-places):f}"
    return int(count), totals


def _audit_head(connection: Connection) -> tuple[int | None, str | None]:
    head = connection.execute(HEAD).first()
    return (None, None) if head is None else (int(head[0]), str(head[1]))
