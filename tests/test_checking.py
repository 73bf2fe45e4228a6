"""The self-check: every kind of damage is found, named in words, stops the books, and a repair lets go of them."""

import re

import pytest
from sqlalchemy import text

from tests import make
from tests.damaging import damage, overwrite_a_page, sound_books, unguarded
from tests.domain.books import SALMA, act, refused
from tests.test_cli import Vela, vela
from vela import checking
from vela.checking import Acceptance, Finding
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.audit.models import AuditEntry, CheckResult
from vela.domain.ledger import queries
from vela.domain.people.access import Act
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace, workspace
from vela.errors import Forbidden, Stopped
from vela.intake import read
from vela.periods import Month

__all__ = ["vela"]
RENAMED = read(WorkspaceChanges, {"name": "Other"})


def check(database: Database) -> list[str]:
    return [each.words for each in checking.check(database)]


def why_stopped(database: Database) -> str:
    with database.reading() as session:
        return chain.head(session).stopped_because


# Damage, and what has to be said of it; the first group is the same on both databases.
DAMAGE = {
    "sum of a month": (
        "UPDATE month_sums SET revenue = revenue + 1 WHERE month = '2026-11' AND service_id = 1",
        r"The kept sum of Atlas in 2026-11 is 2 units, revenue 4400\.01, .*; the sales add up to .*, revenue 4400\.00",
    ),
    "sum that is lost": (
        "DELETE FROM month_sums WHERE month = '2026-11' AND service_id = 2",
        r"The kept sum of Rif in 2026-11 is nothing; the sales add up to 3 units, revenue 3000\.00, cost 1800\.00\.",
    ),
    "sale that is lost": (
        "DELETE FROM transactions WHERE id = 4",
        r"The kept sum of Rif in 2026-11 is 3 units, .*; the sales add up to nothing\.",
    ),
    "amount of a sale": (
        "UPDATE transactions SET revenue = revenue + 100 WHERE id = 3",
        r"Sale 3 stands at revenue 4401\.00, cost 2600\.00; by its prices it is 4400\.00 and 2600\.00\.",
    ),
    "quantity of a sale": ("UPDATE transactions SET quantity = 4 WHERE id = 3", r"Sale 3 stands at revenue 4400\.00"),
    "prices of another offer": (
        "UPDATE transactions SET revision_id = 3 WHERE id = 3",
        r"Sale 3 is of another offer than the prices it was sold at\.",
    ),
    "month of a sale": (
        "UPDATE transactions SET month = '2026-09' WHERE id = 3",
        r"The kept sum of Atlas in 2026-09 is nothing; .*revenue 4400\.00",
    ),
    "void that nobody made": (
        "UPDATE transactions SET voided_at = created_at, voided_by = 'x' WHERE id = 3",
        r"The kept sum of Atlas in 2026-11 .* add up to nothing\.",
    ),
    "total of a revision": (
        "UPDATE revisions SET sell = sell + 1 WHERE id = 1",
        r"Atlas, revision 1, is not the sum of its lines\.",
    ),
    "line of a revision": (
        "UPDATE revision_lines SET cost = cost + 1 WHERE revision_id = 1 AND position = 1",
        r"A line of Atlas, revision 1, is not quantity times price\.",
    ),
    "price in a revision": (
        "UPDATE revision_lines SET unit_sell = unit_sell * 2 WHERE revision_id = 1 AND position = 1",
        r"A line of Atlas, revision 1, is not quantity times price\.",
    ),
    "line that is lost": (
        "DELETE FROM revision_lines WHERE revision_id = 1 AND position = 1",
        r"Atlas, revision 1, is not the sum of its lines\.",
    ),
    "revision that is lost": ("DELETE FROM revisions WHERE id = 1", r"Revisions of Atlas are missing\."),
    "price of the offer now": (
        "UPDATE components SET unit_cost = unit_cost + 1 WHERE id = 1",
        r"Atlas is not what its last revision, 2, says\.",
    ),
    "list price of the offer now": (
        "UPDATE services SET list_sell = 7 WHERE id = 1",
        r"Atlas is not what its last revision, 2, says\.",
    ),
    "figures of a closed month": (
        "UPDATE closed_months SET revenue = revenue + 1",
        r"2026-10 was closed with 2 sales, revenue 7400\.01, .*; now it stands at 2 sales, revenue 7400\.00",
    ),
    "expense of a closed month": (
        "UPDATE operating_expenses SET amount = amount * 2 WHERE id = 1",
        r"2026-10 was closed with .*opex 800\.00; now it stands at .*opex 1600\.00",
    ),
    "entry of the trail": (
        "UPDATE audit_entries SET username = 'nobody' WHERE id = 2",
        r"Entry 2 of the trail of changes: It is not what was written\.",
    ),
    "entries that are lost": (
        "DELETE FROM audit_entries WHERE id IN (2, 3)",
        r"Entry 4 of the trail of changes: Entries 2 to 3 are missing\.",
    ),
    "end of the trail": (
        "DELETE FROM audit_entries WHERE id > 5",
        r"Entry 5 of the trail of changes: The newest entry should be number \d+",
    ),
    "offer that is lost": (
        "DELETE FROM services WHERE id = 2",
        r"\d+ rows of transactions point to something that is not there \(service_id\)\.",
    ),
    "author that is lost": (
        "UPDATE revisions SET user_id = 77 WHERE id = 1",
        r"1 row of revisions points to something that is not there \(user_id\)\.",
    ),
    "month that is none": (
        "UPDATE transactions SET month = '2026-99' WHERE id = 3",
        r"The monthly sums cannot be read: 2026-99\.",
    ),
}  # fmt: skip
SQLITE_ONLY = {
    "date that is none": (
        "UPDATE audit_entries SET at = 'yesterday' WHERE id = 2",
        r"Entry 2 of the trail of changes: It cannot be read at all\.",
    ),
    "amount that is text": (
        "UPDATE month_sums SET revenue = 'much' WHERE service_id = 1 AND month = '2026-11'",
        r"The monthly sums cannot be read: .*much",
    ),
}


def test_sound_books_have_nothing_to_find(database: Database) -> None:
    sound_books(database)
    assert check(database) == []
    assert why_stopped(database) == ""
    with database.reading() as session:
        last = checking.last_result(session)
        assert last is not None
        assert (last.ok, last.findings) == (True, [])


@pytest.mark.parametrize("what", [*DAMAGE, *SQLITE_ONLY])
def test_damage_is_found_named_and_stops_the_books(database: Database, what: str) -> None:
    if what in SQLITE_ONLY and not database.is_sqlite:
        pytest.skip("PostgreSQL stores nothing of another type")
    statement, words = (DAMAGE | SQLITE_ONLY)[what]
    sound_books(database)
    damage(database, statement)
    found = check(database)
    assert [each for each in found if re.search(words, each)], found
    assert found[0][:400] in why_stopped(database)
    with database.reading() as session:
        last = checking.last_result(session)
        assert last is not None
        assert not last.ok
        assert [each["words"] for each in last.findings] == found
    with pytest.raises(Stopped, match=re.escape(found[0][:400])):
        act(database, change_workspace, SALMA, RENAMED)
    with database.reading() as session:
        assert workspace(session).name != RENAMED.name


@pytest.mark.parametrize("table", ["transactions", "revision_lines", "audit_entries"])
def test_a_damaged_page_of_the_file_is_found(database: Database, table: str) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL looks after its own pages")
    sound_books(database)
    overwrite_a_page(database, table)
    found = check(database)
    assert any("damaged" in words or "malformed" in words for words in found), found
    assert found[0][:400] in why_stopped(database)
    with pytest.raises(Stopped):
        act(database, change_workspace, SALMA, RENAMED)


def test_books_stopped_by_wrong_sums_are_let_go_when_they_are_made_anew(database: Database, vela: Vela) -> None:
    sound_books(database)
    damage(database, "UPDATE month_sums SET revenue = revenue + 1 WHERE month = '2026-11'")
    found = vela("check")
    assert found.exit_code == 1
    assert found.stdout.count("The kept sum of") == 2
    assert "2 things are wrong. Vela is read-only" in found.stderr
    assert vela("sums", "rebuild").exit_code == 0
    refused(Stopped, database, change_workspace, SALMA, RENAMED)
    assert vela("check").stdout == "Everything adds up.\n"
    act(database, change_workspace, SALMA, RENAMED)
    with database.reading() as session:
        repairs = session.query(AuditEntry).where(AuditEntry.action == "rebuild sums").all()
        assert [(each.username, each.after) for each in repairs] == [("operator", {"sums": 4})]
        assert list(chain.verify(session)) == []


def test_what_is_accepted_stands_until_something_else_is_found(database: Database, vela: Vela) -> None:
    sound_books(database)
    damage(database, "UPDATE transactions SET revenue = revenue + 100 WHERE id = 3",
           "UPDATE month_sums SET revenue = revenue + 100 WHERE month = '2026-11' AND service_id = 1")  # fmt: skip
    refusal = vela("check", "--accept", " ")
    assert refusal.exit_code == 1
    refused(Stopped, database, change_workspace, SALMA, RENAMED)
    accepted = vela("check", "--accept", "The customer paid more, see order 12")
    assert (accepted.exit_code, accepted.stdout.splitlines()[-1]) == (0, "Everything adds up.")
    act(database, change_workspace, SALMA, RENAMED)
    with database.reading() as session:
        [entry] = session.query(AuditEntry).where(AuditEntry.action == "accept findings").all()
        assert entry.after is not None
        assert entry.after["reason"] == "The customer paid more, see order 12"
        assert entry.after["findings"] == [
            "Sale 3 stands at revenue 4401.00, cost 2600.00; by its prices it is 4400.00 and 2600.00.",
            "Sale 3 is not what the trail says: revenue is 4401.00 and should be 4400.00.",
        ]
    assert check(database) == []
    damage(database, "UPDATE transactions SET revenue = revenue + 100 WHERE id = 3",
           "UPDATE month_sums SET revenue = revenue + 100 WHERE month = '2026-11' AND service_id = 1")  # fmt: skip
    assert [words[:30] for words in check(database)] == [
        "Sale 3 stands at revenue 4402.",
        "Sale 3 is not what the trail s",
    ]
    refused(Stopped, database, change_workspace, SALMA, read(WorkspaceChanges, {"name": "Another"}))


def test_an_accepted_break_of_the_trail_does_not_hide_another(database: Database) -> None:
    sound_books(database)
    damage(database, "UPDATE audit_entries SET username = 'nobody' WHERE id = 2")
    found = checking.check(database)
    act(database, checking.accept, make.admin(), found, read(Acceptance, {"reason": "Known"}))
    assert check(database) == []
    damage(database, "UPDATE audit_entries SET username = 'somebody' WHERE id = 2")
    assert len(check(database)) == 1
    damage(database, "UPDATE audit_entries SET username = 'nobody' WHERE id = 2")
    assert check(database) == []
    damage(database, "UPDATE audit_entries SET username = 'nobody' WHERE id = 3")
    assert [words[:8] for words in check(database)] == ["Entry 3 "]


def test_only_who_may_change_settings_accepts(database: Database) -> None:
    words = read(Acceptance, {"reason": "Because"})
    refusal = refused(Forbidden, database, checking.accept, make.viewer(), [Finding("x", "y")], words)
    assert refusal.data["act"] == Act.CHANGE_SETTINGS.value


def test_only_so_many_results_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "RESULTS_KEPT", 3)
    for _ in range(5):
        assert check(database) == []
    with database.reading() as session:
        assert session.query(CheckResult).count() == 3
        last = checking.last_result(session)
        assert last is not None
        assert last.id == 5


COPIED = """quantity, month, notes, revenue, cost, created_at, created_by_id, created_by, face, sample, voided_at,
voided_by, version, service_id, revision_id"""
COPY_FOUR = f"INSERT INTO transactions (id, {COPIED}) SELECT id + :n, {COPIED} FROM transactions WHERE id <= 4"  # noqa: S608


def test_hundreds_of_findings_stop_the_books_too(database: Database) -> None:
    sound_books(database)
    with unguarded(database) as connection:
        connection.execute(text("UPDATE transactions SET revenue = revenue + 1"))
        for number in range(4, 400, 4):
            connection.execute(text(COPY_FOUR), {"n": number})
    found = check(database)
    assert len(found) == checking.MOST_KEPT
    assert "And 199 more." in why_stopped(database)


def test_a_check_that_passes_changes_no_figure(database: Database) -> None:
    sound_books(database)
    with database.reading() as session:
        before = queries.profits_of(session, [Month(2026, 10), Month(2026, 11)])
    check(database)
    with database.reading() as session:
        assert queries.profits_of(session, [Month(2026, 10), Month(2026, 11)]) == before
