"""The database: engine, tables' base class, and the two kinds of session (one that writes, one that only reads)."""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    Integer,
    MetaData,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from vela import outages
from vela.turns import Turns

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 10
KEEPING, AT_COMMIT = "vela_keeping", "vela_at_commit"


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)


class Database:
    """One database, opened once per process and shared by its threads. A file that is not there is never made here."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turns = Turns()
        self._writing = self.engine.execution_options(vela_writes=True)
        # SQLite readers see one snapshot anyway; PostgreSQL has to be asked for it.
        self._reading = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )

    @contextmanager
    def transaction(self) -> Generator[Session]:
        """A session that may write: all of it is kept when the block ends, none of it when the block raises.

        Raises Unavailable, with nothing kept, when the database is too busy or out of reach, or its disk full or at
        fault; with the code `outcome_unknown` when it could not be learnt whether it was kept.
        """
        with (
            _or_unavailable(),
            self._turn(),
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _turn(self) -> Generator[None]:
        """SQLite has one writer at a time and keeps no order among those who wait, so that one could wait for ever."""
        if not self.is_sqlite:
            yield
            return
        with self._turns.turn(BUSY_SECONDS):
            yield

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A session on one consistent view of the data, in which nothing is kept. Raises Unavailable.

        Closing it, not a rollback, ends its transaction: what was read stays readable afterwards.
        """
        with _or_unavailable(), Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for a server's."""
        return sqlite_path(self.url)

    @property
    def is_missing(self) -> bool:
        """Whether there is not even a file, as before the first migration or after a slip in the settings."""
        return self.path is not None and not self.path.exists()

    def make_file(self) -> None:
        """Make the file of an SQLite database unless it is there, readable by its owner alone."""
        if self.path is not None and not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.touch(mode=0o600)

    def remove_file(self) -> None:
        """Take away the file of an SQLite database and its log; nobody may be using it."""
        self.close()
        if self.path is not None:
            for ending in ("", "-wal", "-shm"):
                self.path.with_name(f"{self.path.name}{ending}").unlink(missing_ok=True)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _or_unavailable() -> Generator[None]:
    try:
        yield
    except (WaitedTooLong, TimeoutError) as error:
        raise outages.busy() from error
    except DBAPIError as error:
        outage = outages.unavailable(error, keeping=getattr(error.orig, AT_COMMIT, False))
        if outage is None:
            raise
        raise outage from error


def sqlite_path(url: str) -> Path | None:
    """The file that a `sqlite:///…` names; None for a server's database."""
    address = make_url(url)
    return Path(address.database or "").absolute() if address.get_backend_name() == "sqlite" else None


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…` with the settings that keep money safe."""
    path = sqlite_path(url)
    if path is None:
        return _noting_commits(create_engine(url, pool_pre_ping=True, hide_parameters=True))
    address = f"{path.as_uri()}?mode=rw"  # opened, and never made
    engine = create_engine(
        url,
        hide_parameters=True,  # an error ends up in the log, and what people typed must not
        poolclass=QueuePool,
        max_overflow=-1,  # a thread waits for the lock of the file, never for a connection to it
        creator=lambda: sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False),
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "handle_error", _drop_if_spoiled)
    event.listen(engine, "begin", _begin_sqlite)
    return _noting_commits(engine)


def _noting_commits(engine: Engine) -> Engine:
    """Mark an error that the COMMIT itself met: of any other it is known that nothing was kept."""

    def note(connection: Connection, *, keeping: bool) -> None:
        connection.info[KEEPING] = keeping

    def mark(context: ExceptionContext) -> None:
        if context.connection is not None and context.connection.info.get(KEEPING):
            setattr(context.original_exception, AT_COMMIT, True)

    event.listen(engine, "begin", partial(note, keeping=False))
    event.listen(engine, "commit", partial(note, keeping=True))
    event.listen(engine, "handle_error", mark)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below decides how a transaction starts
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "foreign_keys=ON",
        "synchronous=FULL",
        "wal_autocheckpoint=0",  # vela.checkpoints says why, and who does it instead
        "journal_size_limit=0",  # a log that begins anew is cut to what is in it
        "trusted_schema=OFF",
        "cell_size_check=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _drop_if_spoiled(context: ExceptionContext) -> None:
    if outages.spoils(context.original_exception):
        context.is_disconnect = True


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another writer was quicker, in spite of
    # the busy timeout; a writer therefore takes the lock before its first read.
    writes = connection.get_execution_options().get("vela_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


MOST_ID = 2**31 - 1
Row = TypeVar("Row", bound=Base)


def find(session: Session, table: type[Row], identity: int) -> Row | None:
    """The row with this id; None when there is none, or could not be."""
    return session.get(table, identity) if 0 < identity <= MOST_ID else None


def hold(
    session: Session, table: type[Row], identity: int, *, shared: bool = False, removing: bool = False
) -> Row | None:
    """The row with this id as it stands now, kept from other writers until the transaction ends; None without one.

    `shared` lets others hold it so too, and keeps out only those who want to change it; for `removing` it also keeps
    out those who write a row that refers to it, and waits for them.
    """
    if not 0 < identity <= MOST_ID:
        return None
    lock = {"of": table, "read": shared, "key_share": not shared and not removing}
    return session.get(table, identity, populate_existing=True, with_for_update=lock)


def take_turns(session: Session, what: int, *, shared: bool = False) -> None:
    """Wait for whoever else takes turns at `what`, and keep others waiting until the transaction ends.

    Those who ask for it `shared` wait only for those who do not. On SQLite whoever writes is alone already.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        session.execute(select(lock(what)))


def inserting(session: Session, table: type[Base]) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that can say what happens when the row is there already."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite.insert if on_sqlite else postgresql.insert)(table)


def damage(session: Session) -> list[str]:
    """What is wrong with the database file itself, in the database's own words; PostgreSQL looks after its own."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    damaged = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check(20)")) if row[0] != "ok"]
    return damaged or [f"{table}.{column} holds what is no whole number" for table, column in _misfits(session)]


def _misfits(session: Session) -> Iterator[tuple[str, str]]:
    """The columns of whole numbers, which all amounts are, in which SQLite was made to store something else."""
    there = inspect(session.connection())  # books of an older Vela have fewer tables and columns
    for table in Base.metadata.sorted_tables:
        has = {each["name"] for each in there.get_columns(table.name)} if there.has_table(table.name) else set[str]()
        for column in (each for each in table.columns if each.name in has):
            if isinstance(column.type, TypeDecorator):
                whole = isinstance(column.type.impl_instance, Integer)
            else:
                whole = isinstance(column.type, Integer)
            odd = select(column).where(func.typeof(column).not_in(("integer", "null")))
            if whole and session.scalar(select(odd.exists())):
                yield table.name, column.name


def orphans(session: Session) -> list[tuple[str, str, int, str]]:
    """Table, column and number of rows that point to a row that is not there, and from which to which it would be."""
    found: list[tuple[str, str, int, str]] = []
    for table in Base.metadata.sorted_tables:
        for key in (each for column in table.columns for each in column.foreign_keys):
            target = key.column.table.alias("target")
            span = (func.min(key.parent), func.max(key.parent))
            missing = (
                select(func.count(), *span)
                .select_from(table.outerjoin(target, key.parent == target.columns[key.column.name]))
                .where(key.parent.is_not(None), target.columns[key.column.name].is_(None))
            )
            count, first, last = session.execute(missing).one()
            if count:
                found.append((table.name, key.parent.name, count, f"{first}-{last}"))
    return found
