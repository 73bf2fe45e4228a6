"""The database: engine, tables' base class, and the two kinds of session (one that writes, one that only reads)."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

from vela.errors import Unavailable
from vela.language import gettext as _

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 10


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)


class Database:
    """One database, opened once per process and shared by its threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(vela_writes=True)
        # SQLite readers see one snapshot anyway; PostgreSQL has to be asked for it.
        self._reading = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )

    @contextmanager
    def transaction(self) -> Generator[Session]:
        """A session that may write: all of it is kept when the block ends, none of it when the block raises.

        Raises Unavailable, with nothing kept, when the database is too busy or out of reach.
        """
        with _or_unavailable(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A session on one consistent view of the data, in which nothing is kept. Raises Unavailable.

        Closing it, not a rollback, ends its transaction: what was read stays readable afterwards.
        """
        with _or_unavailable(), Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


RETRY_SECONDS = 2
# Classes of PostgreSQL's conditions that pass: no connection, rolled back in favour of another, too many, shut down.
_PASSING = ("08", "40", "53", "55", "57")


@contextmanager
def _or_unavailable() -> Generator[None]:
    try:
        yield
    except OperationalError as error:
        if not _passes(error):
            raise
        words = _("The books are busy and nothing was changed. Try again in a moment.")
        raise Unavailable("busy", words, retry_after=RETRY_SECONDS) from error


def _passes(error: OperationalError) -> bool:
    """Whether trying again later may help: a lock or a connection, and no fault of ours."""
    cause: Any = error.orig
    if hasattr(cause, "sqlite_errorname"):
        return str(cause.sqlite_errorname).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return error.connection_invalidated or str(getattr(cause, "sqlstate", None) or "08").startswith(_PASSING)


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…` with the settings that keep money safe."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(path).touch(mode=0o600)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        max_overflow=-1,  # a thread waits for the lock of the file, never for a connection to it
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below decides how a transaction starts
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "foreign_keys=ON",
        "synchronous=FULL",
        "trusted_schema=OFF",
        "cell_size_check=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


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


def hold(session: Session, table: type[Row], identity: int, *, shared: bool = False) -> Row | None:
    """The row with this id as it stands now, kept from other writers until the transaction ends; None without one.

    `shared` lets others hold it so too, and keeps out only those who want to change it.
    """
    if not 0 < identity <= MOST_ID:
        return None
    lock = {"of": table, "read": shared, "key_share": not shared}
    return session.get(table, identity, populate_existing=True, with_for_update=lock)


def inserting(session: Session, table: type[Base]) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that can say what happens when the row is there already."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite.insert if on_sqlite else postgresql.insert)(table)
