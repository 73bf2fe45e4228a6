"""Files between their preview and their confirmation: kept in the database, each for its own user, for a day."""

import json
import zlib
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import find
from vela.domain.importing.models import LONGEST_NAME, ImportedFile
from vela.domain.people.access import Actor
from vela.errors import Conflict, NotFound, invalid
from vela.language import gettext as _
from vela.sheets.reading import Line, Table
from vela.sheets.unpacking import FIELD

KEPT_FOR = timedelta(hours=24)
MOST_KEPT = 3  # of one user; the oldest goes when a further one comes
BROUGHT_IN = "brought_in"
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it waits: its number, what it was called, and what was read of it."""

    id: int
    name: str
    table: Table


def keep(session: Session, actor: Actor, kind: str, name: str, table: Table) -> ImportedFile:
    """Keep what was read of a file until it is confirmed. Raises Invalid when it is too much to be kept."""
    content = zlib.compress(json.dumps(asdict(table)).encode())
    if len(content) > MOST_BYTES:
        raise invalid(FIELD, "too_large", _("There is too much text in this file. Split it."))
    mine = select(ImportedFile).where(ImportedFile.user_id == (actor.user_id or 0), ImportedFile.content != b"")
    for old in session.scalars(mine.order_by(ImportedFile.id.desc()).offset(MOST_KEPT - 1)).all():
        session.delete(old)
    forget_old(session)
    words = {"name": "".join(sign for sign in name if sign.isprintable())[-LONGEST_NAME:], "content": content}
    kept = ImportedFile(user_id=actor.user_id or 0, kind=kind, created_at=now(), **words)
    session.add(kept)
    session.flush()
    return kept


def brought(session: Session, actor: Actor, kind: str, file_id: int) -> Brought:
    """A file that this user brought. Raises NotFound when it is somebody else's, of another kind, or gone.

    Raises Conflict, with the code `brought_in`, when its rows are in the books already.
    """
    found = find(session, ImportedFile, file_id)
    if found is None or (found.user_id, found.kind) != (actor.user_id, kind) or found.created_at < now() - KEPT_FOR:
        raise NotFound("file", file_id)
    if not found.content:
        words = _("%(name)s was brought in already. Nothing was stored a second time.", name=found.name)
        raise Conflict(BROUGHT_IN, words)
    said = json.loads(zlib.decompress(found.content))
    lines = [Line(**line) for line in said.pop("lines")]
    return Brought(found.id, found.name, Table(lines=lines, **said))


def forget(session: Session, file_id: int) -> None:
    """Drop what was read of a file whose rows are in the books; that it was there is known for a day."""
    session.execute(update(ImportedFile).where(ImportedFile.id == file_id).values(content=b""))


def forget_old(session: Session) -> None:
    """Drop the files that nobody confirmed in time."""
    session.execute(delete(ImportedFile).where(ImportedFile.created_at <= now() - KEPT_FOR))
