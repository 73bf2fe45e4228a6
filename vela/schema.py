"""The schema of the database: which migrations there are, where it stands, and bringing it up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select

from vela.db import Database
from vela.errors import Conflict
from vela.language import gettext as _

UPGRADING = 0x76656C61  # what two processes that upgrade at once take turns at
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def newest() -> str | None:
    """The revision this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def standing(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    return standing(database) == newest()


def require_current(database: Database) -> None:
    """Raises Conflict, saying what to do, unless the schema is the one this program needs."""
    at = standing(database)
    if at == newest():
        return
    _refuse_newer(at)
    if at is None:
        raise Conflict("no_schema", _("The database is empty. Run `vela migrate` first."))
    raise Conflict("old_schema", _("The database was made by an older Vela. Run `vela migrate` first."))


def _refuse_newer(at: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if at is not None and at not in known:
        words = _("This database was made by a newer Vela. Install that version, or restore a backup.")
        raise Conflict("newer_schema", words)


def upgrade(database: Database) -> None:
    """Bring the schema up to date, all of it or nothing. Raises Conflict when it was made by a newer Vela."""
    _refuse_newer(standing(database))
    if database.is_sqlite:
        _use_wal(database)
    config = _config()
    with database.engine.execution_options(vela_writes=True).begin() as connection:
        if not database.is_sqlite:  # there, whoever writes is alone already
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADING)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _use_wal(database: Database) -> None:
    """Write-ahead logging is a property of the file and is set outside any transaction."""
    raw = database.engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()
