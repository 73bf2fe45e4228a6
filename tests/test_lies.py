"""Lies in the books: what adds up and was never done is found by the trail, and what was let stand stays as it was."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests import make
from tests.damaging import damage, sound_books
from tests.domain.books import SALMA, act, refused
from tests.test_checking import RENAMED, check, why_stopped
from tests.test_cli import Vela, vela
from vela import checking
from vela.checking import Acceptance, Finding
from vela.db import Database
from vela.domain.workspace.settings import change_workspace
from vela.errors import Stopped
from vela.intake import read

__all__ = ["vela"]
MORE_OF_ATLAS = "UPDATE month_sums SET revenue = revenue + 1 WHERE month = '2026-11' AND service_id = 1"
NONE_OF_ATLAS = "DELETE FROM month_sums WHERE month = '2026-11' AND service_id = 1"
TWICE_OF_ATLAS = """
UPDATE month_sums SET sales = sales + 1, quantity = quantity * 2, revenue = revenue * 2, cost = cost * 2
WHERE month = '2026-11' AND service_id = 1
"""
ONE_MORE_SALE = """
INSERT INTO transactions (id, quantity, month, notes, revenue, cost, created_at, created_by, face, sample, version,
  service_id, revision_id)
SELECT 99, quantity, month, notes, revenue, cost, created_at, created_by, face, sample, version,
  service_id, revision_id FROM transactions WHERE id = 3
"""

# Lies that agree with themselves everywhere but in the trail.
CONSISTENT = {
    "sale that is gone, and its sum": (
        ("DELETE FROM transactions WHERE id = 3", NONE_OF_ATLAS),
        r"Sale 3 is in the trail and not in the books\.",
    ),
    "sale that nobody made, and its sum": (
        (
            ONE_MORE_SALE,
            TWICE_OF_ATLAS,
        ),
        r"Sale 99 is in the books and not in the trail\.",
    ),
    "void that nobody made, and its sum": (
        (
            "UPDATE transactions SET voided_at = created_at, voided_by = 'x' WHERE id = 3",
            NONE_OF_ATLAS,
        ),
        r"Sale 3 is not what the trail says: voided is True and should be False\.",
    ),
    "expense of an open month": (
        (
            "DELETE FROM closed_months",
            "UPDATE operating_expenses SET amount = 1 WHERE id = 1",
        ),
        r"Operating expense 1 is not what the trail says: amount is 0\.01 and should be 800",
    ),
    "expense that is gone": (
        ("DELETE FROM operating_expenses WHERE id = 1",),
        r"Operating expense 1 is in the trail and not in the books\.",
    ),
    "month that was opened by nobody": (
        ("DELETE FROM closed_months",),
        r"The closing of 2026-10 is in the trail and not in the books\.",
    ),
    "price that nobody changed, wherever it stands": (
        (
            "UPDATE components SET unit_sell = unit_sell + 100000 WHERE id = 3",
            "UPDATE revision_lines SET unit_sell = unit_sell + 100000, sell = sell + 100 WHERE component_id = 3",
            "UPDATE revisions SET sell = sell + 100 WHERE id = 2",
            "UPDATE transactions SET revenue = revenue + 100 * quantity WHERE revision_id = 2",
            "UPDATE month_sums SET revenue = revenue + 100 * quantity WHERE revision_id = 2",
        ),
        r"Atlas, revision 2, is not what the trail says was changed\.",
    ),
}


@pytest.mark.parametrize("what", CONSISTENT)
def test_a_lie_that_adds_up_is_found_by_the_trail(database: Database, what: str) -> None:
    statements, words = CONSISTENT[what]
    sound_books(database)
    damage(database, *statements)
    found = check(database)
    assert [each for each in found if re.search(words, each)], found
    with pytest.raises(Stopped):
        act(database, change_workspace, SALMA, RENAMED)


def test_a_lost_sale_is_not_to_be_repaired_with_the_sums(database: Database, vela: Vela) -> None:
    sound_books(database)
    damage(database, "DELETE FROM transactions WHERE id = 3")
    assert "sums rebuild" not in vela("check").stderr
    assert vela("sums", "rebuild").exit_code == 0
    assert vela("check").exit_code == 1, "the trail still knows the sale"


def test_text_in_a_column_of_amounts_is_found(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL stores nothing of another type")
    sound_books(database)
    damage(database, "UPDATE operating_expenses SET amount = 'abc' WHERE id = 1")
    assert "operating_expenses.amount holds what is no whole number" in check(database)[0]


ONCE_MORE = {
    "sums": "UPDATE month_sums SET revenue = revenue + {n} WHERE month = '2026-11' AND service_id = 1",
    "sale": "UPDATE transactions SET revenue = revenue + {n} WHERE id = 3",
    "revision": "UPDATE revisions SET sell = sell + {n} WHERE id = 1",
    "present": "UPDATE services SET list_sell = {n} WHERE id = 1",
    "month": "UPDATE closed_months SET revenue = revenue + {n}",
    "expense": "UPDATE operating_expenses SET amount = amount + {n} WHERE id = 1",
    "trail": "UPDATE audit_entries SET subject_id = 7{n} WHERE id = 2",
    "orphans": "UPDATE revisions SET user_id = 7{n} WHERE id = 1",
}


@pytest.mark.parametrize("what", ONCE_MORE)
def test_what_was_accepted_counts_again_when_it_changes_again(database: Database, what: str) -> None:
    sound_books(database)
    damage(database, ONCE_MORE[what].format(n=1))
    found = checking.check(database)
    assert found
    act(database, checking.accept, make.admin(), found, read(Acceptance, {"reason": "Known"}))
    assert check(database) == []
    damage(database, ONCE_MORE[what].format(n=2))
    assert check(database) != []


def test_what_was_accepted_is_listed_and_can_be_withdrawn(database: Database, vela: Vela) -> None:
    sound_books(database)
    damage(database, MORE_OF_ATLAS)
    assert vela("check", "--accept", "A typing error of the bank").exit_code == 0
    listed = vela("check", "--accepted").stdout
    assert "A typing error of the bank" in listed
    code = listed.splitlines()[1].split()[0]
    assert "There is no accepted finding" in vela("check", "--withdraw", "nothing").stderr
    assert vela("check", "--withdraw", code).exit_code == 1
    refused(Stopped, database, change_workspace, SALMA, RENAMED)


def test_a_slower_check_does_not_release_what_another_stopped(database: Database) -> None:
    sound_books(database)
    found: list[list[Finding]] = []

    def overtaken(session: Session) -> Iterator[Finding]:
        if not found:
            found.append([])
            damage(database, MORE_OF_ATLAS)
            found.append(checking.check(database))
        yield from ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(checking.PROOFS, "trail", overtaken)
        assert checking.check(database) == []
    assert len(found[1]) == 1
    assert why_stopped(database) == found[1][0].words
