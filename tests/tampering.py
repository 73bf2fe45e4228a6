"""Editing the trail straight in SQL, past everything that guards it, and taking each edit back."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.orm import Session

from tests.domain.books import SALMA
from vela.db import Database
from vela.domain.audit import trail
from vela.tables import metadata

ENTRIES: Table = metadata.tables["audit_entries"]
HEAD: Table = metadata.tables["audit_head"]
TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"

FIELDS = ("at", "user_id", "username", "face", "token_name", "request_id", "action", "subject", "subject_id",
          "before", "after", "prev_hash", "hash")  # fmt: skip
MUCH = 30
EDITS = (*FIELDS, "delete", "swap", "insert", "cut", "renumber", "head number", "head hash")


@contextmanager
def chained(database: Database, count: int) -> Generator[Session]:
    """A session in which the trail may be edited; it holds at least `count` entries, and nothing in it is kept."""
    with database.transaction() as session:
        for number in range(count):
            words = {"name": f"Offer {number}", "price": "12.50", "count": number, "gone": None, "on": True}
            trail.record(session, SALMA, "change", "service", number + 1, before={"name": "é"}, after=words)
    with Session(database.engine) as session:
        _unguard(session)
        yield session
        session.rollback()


def _unguard(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for name in list(session.scalars(text(TRIGGERS))):
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        session.execute(text("SET LOCAL session_replication_role = replica"))


@contextmanager
def tampered(session: Session, kind: str, seed: int, column: str = "") -> Generator[str]:
    """One edit of this kind, taken back afterwards; says what it was. The same `seed` makes the same edit."""
    savepoint = session.begin_nested()
    what = _edit(session, kind, Random(seed), column)  # noqa: S311 nothing here is secret
    session.expire_all()
    yield what
    savepoint.rollback()
    session.expire_all()


def _edit(session: Session, kind: str, random: Random, column: str) -> str:
    rows = [dict(row) for row in session.execute(select(ENTRIES).order_by(ENTRIES.c.id)).mappings()]
    row, other = random.sample(rows, 2)
    place = ENTRIES.c.id == row["id"]
    match kind:
        case "delete":
            session.execute(delete(ENTRIES).where(place))
        case "cut":
            session.execute(delete(ENTRIES).where(ENTRIES.c.id >= row["id"]))
        case "swap":
            _swap(session, row["id"], other["id"])
        case "insert":
            # A hash that stands in the trail already is refused by the table itself.
            hashes = {"prev_hash": rows[-1]["hash"], "hash": f"{random.getrandbits(256):064x}"}
            invented = row | hashes | {"id": random.choice((rows[-1]["id"] + 1, 0)), "username": "nobody"}
            session.execute(insert(ENTRIES).values(invented))
        case "renumber":
            session.execute(update(ENTRIES).where(place).values(id=random.choice((0, rows[-1]["id"] + 5))))
        case "head number":
            session.execute(update(HEAD).values(entry_id=random.choice((0, rows[-2]["id"], rows[-1]["id"] + 1))))
        case "head hash":
            session.execute(update(HEAD).values(hash=random.choice((rows[-2]["hash"], "0" * 64))))
        case "unreadable":
            statement = f"UPDATE audit_entries SET {column} = 'no such thing' WHERE id = :id"  # noqa: S608
            session.execute(text(statement), {"id": row["id"]})
        case _:
            session.execute(update(ENTRIES).where(place).values({kind: _other(kind, row[kind], random)}))
    return f"{kind} at entry {row['id']}"


def _swap(session: Session, one: int, two: int) -> None:
    """Two entries change places, each with its own hashes."""
    for old, new in ((one, -1), (two, one), (-1, two)):
        session.execute(update(ENTRIES).where(ENTRIES.c.id == old).values(id=new))


def _other(field: str, value: Any, random: Random) -> Any:
    """Something that is not `value`, and often very like it."""
    match field:
        case "at":
            return value + random.choice((1, -1)) * timedelta(microseconds=random.choice((1, 10**6, 10**10)))
        case "user_id" | "subject_id":
            return random.choice([each for each in (None, 0, 7, (value or 1) + 1) if each != value])
        case "before" | "after":
            return _other_json(value, random)
        case "prev_hash" | "hash":
            at = random.randrange(64)
            return (
                value[:at] + random.choice([each for each in "0123456789abcdef" if each != value[at]]) + value[at + 1 :]
            )
        case _ if value and len(value) > MUCH:  # as long as its column may be
            return value[:-1] + ("y" if value[-1] == "x" else "x")
        case _:
            return random.choice((f"{value}x", f" {value}", value[:-1] if value else "z", f"{value}\u00e9"))


def _other_json(value: Any, random: Random) -> Any:
    if value is None:
        return random.choice(({}, {"name": "x"}))
    changed = json.loads(json.dumps(value))
    key = random.choice(sorted(changed)) if changed else "new"
    choice = random.randrange(4)
    if choice == 0 or key not in changed:
        changed["invented"] = 1
    elif choice == 1:
        del changed[key]
    elif choice == 2:
        changed[key] = [changed[key]]
    else:
        changed[f"{key} "] = changed.pop(key)
    return changed
