"""Taking everything out of a database between tests, past the triggers that guard the trail."""

from sqlalchemy import Connection, insert, text

from vela.domain.audit.models import NOTHING_YET, AuditHead
from vela.tables import metadata

GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def wipe(connection: Connection) -> None:
    """Remove every row; what is left is what a migration leaves."""
    on_sqlite = connection.dialect.name == "sqlite"
    guards = connection.execute(text(GUARDS)).all() if on_sqlite else []
    for name, _sql in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    if not on_sqlite:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    for _name, sql in guards:
        connection.execute(text(sql))
    if not on_sqlite:
        connection.execute(text("SET LOCAL session_replication_role = origin"))
    connection.execute(insert(AuditHead).values(id=1, entry_id=0, hash=NOTHING_YET, stopped_because=""))
