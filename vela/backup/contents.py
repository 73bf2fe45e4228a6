"""What the books in a database hold, and what is wrong with them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela import checking, schema
from vela.db import Database, damage
from vela.domain.audit.models import AcceptedFinding
from vela.measuring import Contents, measure

MOST_PROBLEMS = 20


def contents_of(database: Database) -> Contents:
    """The contents of a database as it stands. Raises Unavailable."""
    with database.reading() as session:
        return measure(session.connection())


def problems_in(database: Database) -> list[str]:
    """What is wrong with the books in a database, in sentences; none when they are sound.

    Everything that `vela check` looks at, when the schema is this program's; else the file and its foreign keys.
    """
    with database.reading() as session:
        return problems_of(session) if schema.is_current(database) else _of_older_books(session)


def problems_of(session: Session) -> list[str]:
    """What `vela check` finds in books of this program's schema, but for what an operator has accepted."""
    accepted = set(session.scalars(select(AcceptedFinding.code)))
    found = (each.words for each in checking.findings(session) if each.code not in accepted)
    return [words for words, _place in zip(found, range(MOST_PROBLEMS), strict=False)]


def _of_older_books(session: Session) -> list[str]:
    found = damage(session)
    if session.get_bind().dialect.name == "sqlite":
        rows = session.connection().exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MOST_PROBLEMS)
        found += [f"row {row[1]} of {row[0]} points to nothing in {row[2]}" for row in rows]
    return found
