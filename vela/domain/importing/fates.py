"""What becomes of a row of a file, and what stands against it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from vela.db import take_turns
from vela.errors import Conflict, Invalid, Issue, NotFound, Refusal, Stale
from vela.language import gettext as _

IMPORTS = 0x696D706F  # what those who bring in files take turns at


class Fate(StrEnum):
    """Added, changes what is there, there already, or cannot be used."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong in a row: the key of the column, empty for the row as a whole, and a sentence."""

    column: str
    words: str


def complaints(refusal: Refusal, names: dict[str, str]) -> list[Complaint]:
    """What a refusal complains about; `names` are the columns of fields that are called otherwise in files."""
    if isinstance(refusal, Invalid):
        issues: Iterable[Issue] = refusal.issues
    else:
        field = "" if isinstance(refusal, NotFound) else refusal.data.get("field") or ""
        issues = [Issue(field, refusal.code, refusal.message)]
    return [Complaint(names.get(issue.field, issue.field), issue.message) for issue in issues]


def mark_of(said: object) -> str:
    """A text that no other fates have, to be sent back by whoever was shown these."""
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:32]


def begin_storing(session: Session) -> None:
    """Wait for others who bring in a file at this moment, so that one file sent by two is stored once."""
    take_turns(session, IMPORTS)


def refuse_unseen(seen: str, stands: str, *, bad: int, new: int, leave_out: bool) -> None:
    """Raises Stale when the fates are not those that were `seen`; Conflict when some rows are bad and are not to be
    left out, or when there is nothing to do."""
    if seen != stands:
        words = _("What this file would do changed since you looked. Look at it again, then decide.")
        raise Stale("stale", words, field="", theirs=stands, yours=seen, who="", at=None, version=None)
    if bad and not leave_out:
        raise Conflict("bad_rows", _("Some rows cannot be used, so nothing was stored."))
    if not new:
        raise Conflict("nothing_new", _("Everything in this file is there already."))
