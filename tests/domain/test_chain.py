"""The chain of the trail: unbroken whatever happens at once or is taken back, and any tampering is found."""

import itertools
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.domain.books import SALMA, act, new_offer, refused
from tests.domain.test_at_once import at_once, doing
from tests.tampering import EDITS, chained, tampered
from vela import schema
from vela.db import Database
from vela.domain.audit import chain, trail
from vela.domain.audit.chain import Break, verify
from vela.domain.audit.models import AuditEntry
from vela.domain.people.access import operator
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace
from vela.errors import Stopped
from vela.intake import read
from vela.seeding import seed_essentials

ENTRIES = 8


def breaks(database: Database) -> list[Break]:
    with database.reading() as session:
        return list(verify(session))


def noted(session: Session, number: int) -> None:
    trail.record(session, SALMA, "note", "books", number, before={"été": number}, after={"n": number, "b": None})


def numbers(database: Database) -> list[int]:
    with database.engine.connect() as connection:
        return list(connection.scalars(text("SELECT id FROM audit_entries ORDER BY id")))


# ---------- written as one chain


def test_each_entry_follows_the_one_before(database: Database) -> None:
    first = len(numbers(database))
    for number in range(3):
        act(database, noted, number)
    with database.reading() as session:
        entries = session.query(AuditEntry).order_by(AuditEntry.id).all()
        tip = chain.head(session)
        assert [entry.id for entry in entries] == list(range(1, first + 4))
        assert entries[0].prev_hash == "0" * 64
        for entry, following in itertools.pairwise(entries):
            assert following.prev_hash == entry.hash == chain.digest(entry, entry.prev_hash)
        assert (tip.entry_id, tip.hash) == (entries[-1].id, entries[-1].hash)
        assert all(chain.contains(session, entry.hash) for entry in entries)
        assert not chain.contains(session, "f" * 64)
    assert breaks(database) == []


class Interrupted(Exception):
    """Something that goes wrong after a change and before the end of its transaction."""


def test_what_is_rolled_back_leaves_no_gap(database: Database) -> None:
    act(database, noted, 1)
    before = numbers(database)

    def fail(session: Session) -> None:
        noted(session, 2)
        session.flush()
        raise Interrupted

    for _ in range(3):
        with pytest.raises(Interrupted):
            act(database, fail)
    act(database, noted, 3)
    assert numbers(database) == [*before, len(before) + 1]
    assert breaks(database) == []


def test_a_savepoint_that_is_taken_back_leaves_no_entry(database: Database) -> None:
    def several(session: Session) -> None:
        noted(session, 1)
        outer = session.begin_nested()
        noted(session, 2)
        with session.begin_nested():
            noted(session, 3)
        outer.rollback()
        with session.begin_nested():
            noted(session, 4)
            inner = session.begin_nested()
            noted(session, 5)
            inner.rollback()
        noted(session, 6)

    before = len(numbers(database))
    act(database, several)
    with database.reading() as session:
        kept = session.query(AuditEntry).where(AuditEntry.subject == "books").order_by(AuditEntry.id)
        assert [entry.subject_id for entry in kept] == [1, 4, 6]
    assert numbers(database) == list(range(1, before + 4))
    assert breaks(database) == []


def test_sixteen_writers_leave_one_chain(database: Database) -> None:
    before = len(numbers(database))
    for _ in range(3):
        at_once([doing(database, noted, number) for number in range(16)])
    assert numbers(database) == list(range(1, before + 49))
    assert breaks(database) == []


# ---------- protected, and stopped


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET username = 'nobody'", "DELETE FROM audit_entries",
                                       "DELETE FROM audit_entries WHERE id = 1", "TRUNCATE audit_entries"])  # fmt: skip
def test_the_database_itself_refuses_to_edit_the_trail(database: Database, statement: str) -> None:
    if database.is_sqlite and statement.startswith("TRUNCATE"):
        pytest.skip("SQLite has no TRUNCATE")
    act(database, noted, 1)
    before = numbers(database)
    with pytest.raises(DBAPIError, match="trail"), database.engine.begin() as connection:
        connection.execute(text(statement))
    assert numbers(database) == before
    assert breaks(database) == []


def test_stopped_books_take_no_change_but_a_repair(database: Database) -> None:
    act(database, chain.stop, "Sums are wrong.")
    words = read(WorkspaceChanges, {"name": "Other"})
    refusal = refused(Stopped, database, change_workspace, SALMA, words)
    assert refusal.code == "read_only"
    assert "Sums are wrong." in refusal.message

    def repair(session: Session) -> None:
        trail.record(session, operator(), "repair", "books", None, even_when_stopped=True)

    def repair_and_more(session: Session) -> None:
        repair(session)
        noted(session, 1)

    act(database, repair)
    refused(Stopped, database, repair_and_more)
    assert act(database, chain.release)
    act(database, change_workspace, SALMA, words)
    assert not act(database, chain.release)
    assert breaks(database) == []


def test_the_first_reason_for_a_stop_keeps_its_time(database: Database) -> None:
    act(database, chain.stop, "First.")
    with database.reading() as session:
        since = chain.head(session).stopped_at
    act(database, chain.stop, "x" * 600)
    with database.reading() as session:
        tip = chain.head(session)
        assert tip.stopped_at == since
        assert tip.stopped_because == "x" * 500


# ---------- tampered with


@pytest.mark.parametrize("kind", EDITS)
def test_every_kind_of_tampering_is_found(database: Database, kind: str) -> None:
    with chained(database, ENTRIES) as edit:
        for seed in range(300 // len(EDITS) // 2 + 1):
            with tampered(edit, kind, seed) as what:
                assert list(verify(edit)), what
            assert list(verify(edit)) == [], what


def test_an_entry_that_cannot_be_read_is_a_break(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL stores no text where an instant belongs")
    with chained(database, ENTRIES) as edit:
        for column in ("at", "before"):
            with tampered(edit, "unreadable", 1, column=column):
                assert [each.words for each in verify(edit)] == ["It cannot be read at all."]


def test_a_lost_end_stops_every_change(database: Database) -> None:
    act(database, noted, 1)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_head"))
    assert [each.words for each in breaks(database)] == ["The record of the newest entry is missing."]
    refused(Stopped, database, noted, 2)
    act(database, chain.stop, "The end is lost.")
    with database.reading() as session:
        assert chain.head(session).stopped_because == "The end is lost."
    refused(Stopped, database, noted, 2)


# ---------- from before there was a chain

BEFORE_THE_CHAIN = "90d036ccef54"
OLD = """
INSERT INTO audit_entries (id, at, user_id, username, face, token_name, action, subject, subject_id, before, after)
VALUES (:id, '2026-01-02 03:04:05.678901', NULL, 'salma', 'browser', '', 'change', 'service', :id, :before, :after)
"""


def test_old_entries_with_gaps_are_chained_by_the_migration(bare_url: str) -> None:
    database = Database(bare_url)
    database.make_file()
    with database.engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE_THE_CHAIN)
    held: list[dict[str, Any]] = [
        {"id": number, "before": None if number == 3 else '{"name": "caf\\u00e9"}', "after": '{"b": 1, "a": "2.50"}'}
        for number in (3, 4, 9, 40, 41)
    ]
    with database.engine.begin() as connection:
        connection.execute(text(OLD), held)
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session)
    assert numbers(database) == [1, 2, 3, 4, 5, 6]
    assert breaks(database) == []
    with database.reading() as session:
        kept = session.query(AuditEntry).order_by(AuditEntry.id).all()
        assert [entry.subject_id for entry in kept[:5]] == [3, 4, 9, 40, 41]
        assert kept[1].before == {"name": "café"}
    new_offer(database)
    assert breaks(database) == []
    database.close()
