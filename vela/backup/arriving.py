"""What is done with restored books before they count: compared with what they should hold, and all sign-ins ended."""

from sqlalchemy import inspect, update

from vela.clock import now
from vela.db import Database
from vela.domain.people.models import SignIn
from vela.errors import Conflict
from vela.language import gettext as _
from vela.measuring import Contents


def refuse_difference(wanted: Contents, found: Contents, where: str) -> None:
    """Raises Conflict unless both hold the same; `where` says which books were looked at, or where the old ones are."""
    differences = wanted.differences(found)
    if differences:
        name, should, there = differences[0]
        words = _("What was restored differs: %(name)s should be %(wanted)s and is %(found)s (%(where)s).",
                  name=name, wanted=should, found=there, where=where)  # fmt: skip
        raise Conflict("restore_differs", words)


def end_sign_ins(database: Database) -> None:
    """End every sign-in, whatever version of Vela made the tables: one that was ended since must not live again."""
    if not inspect(database.engine).has_table(SignIn.__tablename__):
        return
    with database.transaction() as session:
        session.execute(
            update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now()),
            execution_options={"synchronize_session": False},
        )
