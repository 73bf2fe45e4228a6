"""Alembic's door into Vela: migrates the connection it is given, or the database of the settings."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from vela import tables
from vela.columns import Instant, MonthText, Scaled
from vela.db import make_engine
from vela.settings import Settings


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as plain ones: a migration must not change when the application does."""
    if kind != "type":
        return False
    if isinstance(item, Scaled):
        return "sa.BigInteger()"
    if isinstance(item, MonthText):
        return "sa.String(length=7)"
    return "sa.DateTime(timezone=True)" if isinstance(item, Instant) else False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        render_item=render_item,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    engine = make_engine(Settings.from_environment().database_url).execution_options(vela_writes=True)
    with engine.connect() as connection:
        migrate(connection)


run()
