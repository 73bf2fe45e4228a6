"""Operating expenses: which months they cover, splitting, removing, and every refusal."""

from decimal import Decimal
from typing import Any

import pytest

from tests.domain.books import SALMA, YOUSSEF, act, person, refused
from vela.db import Database
from vela.domain.ledger import queries
from vela.domain.ledger.expenses import (
    add_expense,
    change_expense,
    change_expense_from,
    put_back_expense,
    remove_expense,
)
from vela.domain.ledger.intake import ExpenseChanges, ExpenseFrom, NewExpense
from vela.domain.people.access import Role
from vela.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from vela.intake import read
from vela.periods import FIRST_YEAR, Month

VIEWER = person("Viewer", Role.VIEWER)
DEFAULT = 1


def add(database: Database, amount: object, first: str | None = None, last: str | None = None) -> int:
    said = {"name": "Rent", "amount": amount, "first_month": first, "last_month": last, "notes": "n"}
    return act(database, add_expense, SALMA, read(NewExpense, said)).id


def opex(database: Database, *months: str) -> list[Decimal]:
    with database.reading() as session:
        return [found.opex for found in queries.profits_of(session, [Month.parse(month) for month in months])]


def changes(**words: Any) -> ExpenseChanges:
    return read(ExpenseChanges, words)


def from_month(month: str, amount: object = 900) -> ExpenseFrom:
    return read(ExpenseFrom, {"month": month, "amount": amount})


def test_eight_hundred_a_month_from_the_start_and_for_ever(database: Database) -> None:
    assert opex(database, "1900-01", "2026-11", "2999-12") == [800, 800, 800]


def test_an_expense_covers_its_months_and_both_ends(database: Database) -> None:
    act(database, remove_expense, SALMA, DEFAULT)
    add(database, "100.01", "2026-03", "2026-05")
    add(database, 20, None, "2026-04")
    add(database, 3, "2026-05", None)
    add(database, "0.5", "2026-05", "2026-05")
    months = [f"2026-0{number}" for number in range(2, 7)]
    assert opex(database, *months) == [20, Decimal("120.01"), Decimal("120.01"), Decimal("103.51"), 3]


def test_it_cannot_end_before_it_begins(database: Database) -> None:
    said = {"name": "Rent", "amount": 1, "first_month": "2026-05", "last_month": "2026-04"}
    refusal = refused(Invalid, database, add_expense, SALMA, read(NewExpense, said))
    assert [issue.field for issue in refusal.issues] == ["last_month"]
    rent = add(database, 1, "2026-05")
    ends_early = changes(last_month="2026-04")
    assert refused(Invalid, database, change_expense, SALMA, rent, ends_early).issues[0].field == "last_month"


def test_a_correction_is_for_all_its_months_and_null_takes_a_bound_away(database: Database) -> None:
    rent = add(database, 100, "2026-03", "2026-05")
    changed = act(database, change_expense, SALMA, rent, changes(amount="99.50", last_month=None))
    assert (changed.name, changed.first_month, changed.last_month, changed.version) == ("Rent", Month(2026, 3), None, 2)
    assert opex(database, "2026-02", "2026-03", "2030-01") == [800, Decimal("899.50"), Decimal("899.50")]
    assert act(database, change_expense, SALMA, rent, changes(amount="99.5")).version == 2


def test_a_new_amount_from_a_month_on_leaves_the_months_before(database: Database) -> None:
    later = act(database, change_expense_from, SALMA, DEFAULT, from_month("2026-12"))
    assert (later.first_month, later.last_month, later.amount) == (Month(2026, 12), None, 900)
    assert opex(database, "1900-01", "2026-11", "2026-12", "2999-12") == [800, 800, 900, 900]
    act(database, change_expense_from, SALMA, later.id, from_month("2027-01", 0))
    assert opex(database, "2026-11", "2026-12", "2027-01") == [800, 900, 0]


@pytest.mark.parametrize("month", ["2026-02", "2026-03", "2026-06"])
def test_a_split_falls_after_the_first_month_and_not_after_the_last(database: Database, month: str) -> None:
    rent = add(database, 100, "2026-03", "2026-05")
    refusal = refused(Invalid, database, change_expense_from, SALMA, rent, from_month(month))
    assert [issue.field for issue in refusal.issues] == ["month"]


def test_nothing_can_be_split_before_the_books_begin(database: Database) -> None:
    refused(Invalid, database, change_expense_from, SALMA, DEFAULT, from_month(f"{FIRST_YEAR}-01"))
    act(database, change_expense_from, SALMA, DEFAULT, from_month(f"{FIRST_YEAR}-02"))
    assert opex(database, f"{FIRST_YEAR}-01", f"{FIRST_YEAR}-02") == [800, 900]


def test_a_removed_expense_is_in_no_month_until_it_is_put_back(database: Database) -> None:
    act(database, remove_expense, SALMA, DEFAULT)
    assert opex(database, "2026-11") == [0]
    refused(NotFound, database, remove_expense, SALMA, DEFAULT)
    refused(NotFound, database, change_expense, SALMA, DEFAULT, changes(amount=1))
    refused(NotFound, database, change_expense_from, SALMA, DEFAULT, from_month("2026-11"))
    act(database, put_back_expense, SALMA, DEFAULT)
    assert opex(database, "2026-11") == [800]
    assert refused(Conflict, database, put_back_expense, SALMA, DEFAULT).code == "not_removed"


def test_what_is_not_there_is_not_found_and_a_viewer_changes_nothing(database: Database) -> None:
    verbs = (
        (change_expense, changes(amount=1)),
        (change_expense_from, from_month("2026-11")),
        (remove_expense,),
        (put_back_expense,),
    )
    for verb, *words in verbs:
        for nobody in (0, -1, 99, 2**31, 2**63):
            refused(NotFound, database, verb, SALMA, nobody, *words)
        assert refused(Forbidden, database, verb, VIEWER, DEFAULT, *words).code == "forbidden"
    refused(Forbidden, database, add_expense, VIEWER, read(NewExpense, {"name": "Rent", "amount": 1}))


def test_a_stale_correction_names_who_was_first(database: Database) -> None:
    act(database, change_expense, YOUSSEF, DEFAULT, changes(amount=850), version=1)
    refusal = refused(Stale, database, change_expense, SALMA, DEFAULT, changes(amount=900), version=1)
    assert (refusal.data["who"], refusal.data["theirs"], refusal.data["version"]) == ("youssef", 850, 2)
    assert act(database, change_expense, SALMA, DEFAULT, changes(amount=900), version=2).version == 3


def test_a_month_costs_so_much_and_no_more(database: Database) -> None:
    assert refused(
        Conflict, database, add_expense, SALMA, read(NewExpense, {"name": "R", "amount": "9999999999999.99"})
    )
    add(database, "799999999199.99", "2026-03", "2026-05")
    add(database, "799999999199.99", "2026-06", None)
    said = {"name": "R", "amount": "0.01", "first_month": None, "last_month": "2026-03"}
    assert refused(Conflict, database, add_expense, SALMA, read(NewExpense, said)).code == "too_large"
    one_more = changes(amount="800.01")
    assert refused(Conflict, database, change_expense, SALMA, DEFAULT, one_more).code == "too_large"
    act(database, remove_expense, SALMA, DEFAULT)
    add(database, 1)
    assert refused(Conflict, database, put_back_expense, SALMA, DEFAULT).code == "too_large"


@pytest.mark.parametrize("amount", ["-1", "0.001", "10000000000000", "NaN", True, None, "", "٨٠٠"], ids=repr)
def test_an_amount_is_zero_or_more_with_two_decimals(amount: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(NewExpense, {"name": "Rent", "amount": amount})
    assert [issue.field for issue in refusal.value.issues] == ["amount"]
