"""The schema of the database: which migrations there are, where it stands, and bringing it up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from vela.db import Database
from vela.errors import Conflict
from vela.language import gettext as _
from vela.measuring import Contents, measure

UPGRADING = 0x76656C61  # what two processes that upgrade at once take turns at
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def newest() -> str | None:
    """The revision this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def known() -> set[str]:
    """Every revision that this program can bring up to date."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def standing(database: Database) -> str | None:
    """The revision the database is at; None for an empty one, or one that is not there yet."""
    if database.is_missing:
        return None
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    return standing(database) == newest()


def is_older(database: Database) -> bool:
    """Whether there are tables, made by an older Vela, that an upgrade would change."""
    at = standing(database)
    return at is not None and at != newest() and at in known()


def require_current(database: Database) -> None:
    """Raises Conflict, saying what to do, unless the schema is the one this program needs."""
    if database.is_missing:
        words = _(
            "There is no database at %(path)s. Check VELA_DATA_DIR and VELA_DATABASE_URL, or run `vela migrate`.",
            path=database.path,
        )
        raise Conflict("no_database", words)
    at = standing(database)
    if at == newest():
        return
    _refuse_newer(at)
    if at is None:
        raise Conflict("no_schema", _("The database is empty. Run `vela migrate` first."))
    raise Conflict("old_schema", _("The database was made by an older Vela. Run `vela migrate` first."))


def _refuse_newer(at: str | None) -> None:
    if at is not None and at not in known():
        words = _("This database was made by a newer Vela. Install that version, or restore a backup.")
        raise Conflict("newer_schema", words)


def upgrade(database: Database) -> None:
    """Bring the schema up to date, all of it or nothing.

    Raises Conflict when it was made by a newer Vela, or when money would not be the same afterwards.
    """
    _refuse_newer(standing(database))
    make_ready(database)
    with database.engine.execution_options(vela_writes=True).begin() as connection:
        upgrade_within(connection)


def make_ready(database: Database) -> None:
    """The file of an SQLite database, with a write-ahead log."""
    database.make_file()
    if database.is_sqlite:
        _use_wal(database)


def upgrade_within(connection: Connection) -> None:
    """Bring the schema up to date in the transaction of `connection`. Raises Conflict when money would change."""
    if connection.dialect.name != "sqlite":  # there, whoever writes is alone already
        connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
    config = _config()
    config.attributes["connection"] = connection
    before = measure(connection)
    command.upgrade(config, "head")
    _refuse_loss(before, measure(connection), _given_up(before.schema_revision))
    _refuse_orphans(connection)


def downgrade_within(connection: Connection) -> None:
    """Take out every table, with all that is in it, in the transaction of `connection`."""
    config = _config()
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


def _given_up(since: str | None) -> set[str]:
    """The tables and columns (`table.column`) that migrations after `since` take out and say so in `takes_out`."""
    scripts = ScriptDirectory.from_config(_config()).iterate_revisions("head", since or "base")
    return {name for script in scripts for name in getattr(script.module, "takes_out", ())}


def _refuse_loss(before: Contents, after: Contents, given_up: set[str]) -> None:
    """Raises Conflict unless every table is still there, and those with money and the trail hold the same as before.

    What a migration names as `given_up` may go.
    """
    guarded = {name.partition(".")[0] for name in before.sums} | {"audit_entries"}
    tables = {name for name in before.rows if name not in after.rows or name in guarded} - given_up
    rows = [name for name in tables if before.rows[name] != after.rows.get(name)]
    kept = {name for name in before.sums if not {name, name.partition(".")[0]} & given_up}
    sums = [name for name in kept if before.sums[name] != after.sums.get(name)]
    if rows or sums:
        words = _(
            "The migration would have changed or taken out %(names)s, so nothing was changed.",
            names=", ".join(sorted(rows + sums)),
        )
        raise Conflict("migration_loses", words)


def _refuse_orphans(connection: Connection) -> None:
    """Raises Conflict when a row points to nothing; PostgreSQL looks after that itself."""
    if connection.dialect.name == "sqlite":
        row = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if row is not None:
            words = _(
                "After the migration a row of %(table)s would point to nothing, so nothing was changed.", table=row[0]
            )
            raise Conflict("migration_orphans", words)


def _use_wal(database: Database) -> None:
    """Write-ahead logging is a property of the file and is set outside any transaction."""
    raw = database.engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()
