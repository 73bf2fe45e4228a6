"""Putting a backup back on a PostgreSQL server: into a database of its own, which then takes the name of the books."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from vela.backup import scratch
from vela.backup.arriving import end_sign_ins, refuse_difference
from vela.backup.contents import contents_of
from vela.backup.naming import free_stamp
from vela.backup.postgres_dump import fill, others_connected
from vela.backup.sets import BackupSet
from vela.backup.swapping import as_said, described, mark, prepare_secret, replace_secret, unmark
from vela.db import Database
from vela.errors import Conflict, Refusal
from vela.language import gettext as _
from vela.measuring import Contents, measure
from vela.settings import Settings

MOST_NAME = 63
IS_THERE = "SELECT count(*) FROM pg_database WHERE datname = %s"
IN_USE = "55006"


def restore(settings: Settings, found: BackupSet) -> tuple[Contents | None, str]:
    """Put the archive of a set in place; what the books held before, and the name of the database that keeps it.

    Where the role may not make databases, the books have to be empty, and nothing is kept. Raises Conflict,
    Unavailable.
    """
    database = Database(settings.database_url)
    try:
        before = _before(database)
        _refuse_company(database)
        prepare_secret(settings.data_dir, found.secret)
        if scratch.may_create(database):
            kept = _beside(settings, database, found, before)
        else:
            kept = _inside(settings, database, found)
        refuse_difference(found.manifest.contents, contents_of(database), kept)
    finally:
        database.close()
    return before, kept


def _before(database: Database) -> Contents | None:
    with contextlib.suppress(Refusal):
        return contents_of(database)
    return None


def _refuse_company(database: Database) -> None:
    with database.reading() as session:
        others = others_connected(session.connection())
    database.engine.dispose()
    if others:
        raise _in_use()


def _in_use() -> Conflict:
    words = _("Something else is connected to the database. Stop every Vela, agent and `psql` that uses it first.")
    return Conflict("in_use", words)


def _beside(settings: Settings, database: Database, found: BackupSet, before: Contents | None) -> str:
    """Fill a database beside the books, then give it their name."""
    name = str(database.engine.url.database)
    start = name.encode()[: MOST_NAME - 40].decode(errors="ignore")
    with scratch.door(database) as connection:
        scratch.drop_named_like(connection, f"{start}_restoring_")
        fresh, kept = _free_names(connection, settings, start)
        scratch.create(connection, fresh, name)
        try:
            fill(database, fresh, found.file)
            _arrive(database, fresh, found.manifest.contents)
        except BaseException:
            scratch.drop(connection, fresh)
            prepare_secret(settings.data_dir, None)
            raise
        mark(settings.data_dir, described(found) | {"fresh": fresh, "kept": kept})
        _take_name(connection, settings, database, fresh, kept, before)
    replace_secret(settings.data_dir, _kept_secret(settings, kept))
    unmark(settings.data_dir)
    return kept


def _free_names(connection: Connection, settings: Settings, start: str) -> tuple[str, str]:
    """What the database that is filled is called, and what the former one will be."""

    def names(stamp: str) -> tuple[str, str]:
        return f"{start}_restoring_{stamp.lower()}", f"{start}_before_{stamp.lower()}"

    def taken(stamp: str) -> bool:
        fresh, kept = names(stamp)
        there = (connection.exec_driver_sql(IS_THERE, (name,)).scalar() for name in (fresh, kept))
        return any(there) or _kept_secret(settings, kept).exists()

    return names(free_stamp(taken))


def _arrive(database: Database, fresh: str, wanted: Contents) -> None:
    beside = scratch.beside(database, fresh)
    try:
        refuse_difference(wanted, contents_of(beside), fresh)
        end_sign_ins(beside)
    finally:
        beside.close()


def complete(settings: Settings, begun: Mapping[str, str]) -> tuple[Contents | None, str] | None:
    """Take the steps that an interrupted restore has left; what `restore` returns.

    None when what lies ready is not what the backup holds: it is then taken away, and the books are as they were.
    Raises Conflict, Unavailable.
    """
    database = Database(settings.database_url)
    fresh, kept = begun["fresh"], begun["kept"]
    try:
        with scratch.door(database) as connection:
            if connection.exec_driver_sql(IS_THERE, (fresh,)).scalar():
                if not _is_as_wanted(database, fresh, as_said(begun)):
                    _as_before(connection, settings, database, fresh)
                    return None
                _take_name(connection, settings, database, fresh, kept, None)
        replace_secret(settings.data_dir, _kept_secret(settings, kept))
        unmark(settings.data_dir)
        refuse_difference(as_said(begun), contents_of(database), kept)
        old = scratch.beside(database, kept)
        before = _before(old)
        old.close()
    finally:
        database.close()
    return before, kept


def _is_as_wanted(database: Database, fresh: str, wanted: Contents) -> bool:
    try:
        _arrive(database, fresh, wanted)
    except Conflict:
        return False
    return True


def _take_name(
    connection: Connection, settings: Settings, database: Database, fresh: str, kept: str, before: Contents | None
) -> None:
    """Give `fresh` the name of the books, which nobody else may use or have changed since they held `before`.

    Raises Conflict, Unavailable; then everything is as it was, unless the server could not be told so.
    """
    name = str(database.engine.url.database)
    try:
        scratch.let_in(connection, name, anybody=True)
        _shut(connection, database, before)
        _rename(connection, name, fresh, kept)
    except BaseException:
        with contextlib.suppress(DBAPIError):
            _as_before(connection, settings, database, fresh)
        raise


def _shut(connection: Connection, database: Database, before: Contents | None) -> None:
    """Let nobody in any more. Raises Conflict when somebody is in, or the books hold something else than `before`."""
    with database.engine.connect() as own:
        scratch.let_in(connection, str(database.engine.url.database), anybody=False)
        if others_connected(own):
            raise _in_use()
        holds: Contents | None = None
        with contextlib.suppress(SQLAlchemyError):  # too damaged to say; it is kept as it is
            holds = measure(own)
    database.engine.dispose()
    if before is not None and holds is not None and before.differences(holds):
        words = _("Something wrote to the books meanwhile. Stop every Vela, agent and `psql` that uses them, then "
                  "restore again. Nothing was changed.")  # fmt: skip
        raise Conflict("written_meanwhile", words)


def _as_before(connection: Connection, settings: Settings, database: Database, fresh: str) -> None:
    """Take everything back while the books still have their name."""
    if connection.exec_driver_sql(IS_THERE, (fresh,)).scalar():
        database.engine.dispose()
        scratch.let_in(connection, str(database.engine.url.database), anybody=True)
        scratch.drop(connection, fresh)
        prepare_secret(settings.data_dir, None)
        unmark(settings.data_dir)


def _rename(connection: Connection, name: str, fresh: str, kept: str) -> None:
    """Both names change in one transaction, so that there is always a database of the name of the books."""
    renamed = (
        f"ALTER DATABASE {scratch.quoted(name)} RENAME TO {scratch.quoted(kept)}",
        f"ALTER DATABASE {scratch.quoted(fresh)} RENAME TO {scratch.quoted(name)}",
        f"ALTER DATABASE {scratch.quoted(kept)} ALLOW_CONNECTIONS true",
    )
    try:
        # nosemgrep: sql-made-from-text of quoted names
        connection.exec_driver_sql(f"BEGIN; {'; '.join(renamed)}; COMMIT")
    except DBAPIError as error:
        connection.exec_driver_sql("ROLLBACK")
        if getattr(error.orig, "sqlstate", None) == IN_USE:
            raise _in_use() from error
        raise


def _kept_secret(settings: Settings, kept: str) -> Path:
    return settings.data_dir / f"secret.{kept}"


def _inside(settings: Settings, database: Database, found: BackupSet) -> str:
    """Fill the books themselves, which must be empty, in one transaction."""
    if contents_of(database).rows:
        words = _(
            "The role of VELA_DATABASE_URL may not make databases, so the backup goes into an empty one: make it "
            "(createdb --owner=ROLE NAME), set VELA_DATABASE_URL to it and restore again. Nothing was changed."
        )
        raise Conflict("not_empty", words)
    name = str(database.engine.url.database)
    fill(database, name, found.file)
    end_sign_ins(database)
    stamp = free_stamp(lambda stamp: _kept_secret(settings, f"before_{stamp.lower()}").exists())
    replace_secret(settings.data_dir, _kept_secret(settings, f"before_{stamp.lower()}"))
    return ""
