"""Databases on a PostgreSQL server beside the one of the books: made for a moment, and taken away again."""

import hashlib
import secrets
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from vela import outages
from vela.db import Database
from vela.errors import Unavailable
from vela.language import gettext as _

MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
NAMED_LIKE = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
LOCALE = (
    "SELECT to_jsonb(d) || jsonb_build_object('encoding', pg_encoding_to_char(d.encoding)) "
    "FROM pg_database d WHERE d.datname = %s"
)
PROVIDERS = {"i": ("icu", "ICU_LOCALE"), "b": ("builtin", "BUILTIN_LOCALE")}
DOORS = ("postgres", "template1")


def may_create(database: Database) -> bool:
    """Whether the role of the settings may make databases."""
    with database.reading() as session:
        return bool(session.connection().exec_driver_sql(MAY_CREATE).scalar())


def beside(database: Database, name: str) -> Database:
    """Another database of the same server, reached as the same role."""
    return Database(database.engine.url.set(database=name).render_as_string(hide_password=False))


@contextmanager
def door(database: Database) -> Generator[Connection]:
    """A connection to the server that is not inside the books, each statement for itself. Raises Unavailable."""
    for name in DOORS:
        engine = create_engine(database.engine.url.set(database=name), isolation_level="AUTOCOMMIT")
        try:
            connection = engine.connect()
        except DBAPIError:
            engine.dispose()
            continue
        try:
            with connection:
                yield connection
        except DBAPIError as error:
            raise outages.unavailable(error) or error from error
        finally:
            engine.dispose()
        return
    words = _(
        "The role of VELA_DATABASE_URL may connect to neither of the databases %(names)s.", names=", ".join(DOORS)
    )
    raise Unavailable("no_way_in", words)


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def create(connection: Connection, name: str, like: str) -> None:
    """Make an empty database with the encoding and the locale of the database `like`, so that it sorts as that does."""
    row = connection.exec_driver_sql(LOCALE, (like,)).scalar_one()
    words = {"ENCODING": row["encoding"], "LC_COLLATE": row["datcollate"], "LC_CTYPE": row["datctype"]}
    # The provider of a locale has been in the catalogue since PostgreSQL 15, under one name until 16, another since.
    locale, provider = row.get("datlocale") or row.get("daticulocale"), row.get("datlocprovider")
    if locale and provider in PROVIDERS:
        said, option = PROVIDERS[provider]
        words |= {"LOCALE_PROVIDER": said, option: locale}
    told = " ".join(f"{option} {literal(str(value))}" for option, value in words.items())
    connection.exec_driver_sql(f"CREATE DATABASE {quoted(name)} TEMPLATE template0 {told}".replace("%", "%%"))


def literal(said: str) -> str:
    """A string as SQL takes it."""
    return "'" + said.replace("'", "''") + "'"


def let_in(connection: Connection, name: str, *, anybody: bool) -> None:
    """Open the door of a database, or shut it to everybody who is not in it already."""
    connection.exec_driver_sql(f"ALTER DATABASE {quoted(name)} ALLOW_CONNECTIONS {str(anybody).lower()}")


def drop(connection: Connection, name: str) -> None:
    """Remove a database of our own making, whoever is in it."""
    connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


def drop_named_like(connection: Connection, start: str) -> None:
    """Remove the databases whose names begin so, except those that somebody is using."""
    for name in connection.exec_driver_sql(NAMED_LIKE, (start,)).scalars().all():
        try:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(str(name))}")
        except DBAPIError:
            continue


@contextmanager
def database_for(database: Database) -> Generator[str]:
    """The name of an empty database, gone after the block; what a killed run left goes first. Raises Unavailable."""
    mark = hashlib.sha256(str(database.engine.url.database).encode()).hexdigest()[:12]
    start = f"vela_proof_{mark}_"
    name = f"{start}{secrets.token_hex(6)}"
    with door(database) as connection:
        drop_named_like(connection, start)
        create(connection, name, str(database.engine.url.database))
        try:
            yield name
        finally:
            drop(connection, name)
