"""Closing a month: what it refuses afterwards, what it lets pass, and that no sale slips in between."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests import make
from tests.domain.books import SALMA, act, change, new_offer, refused
from tests.domain.test_at_once import at_once, doing
from vela.clock import today
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.audit.models import AuditEntry
from vela.domain.ledger import closing, commands, expenses, queries, sums
from vela.domain.ledger.closing import close_month, closed_month, closed_months, reopen_month
from vela.domain.ledger.intake import ExpenseChanges, ExpenseFrom, MonthClosing, NewExpense, NewTransaction
from vela.domain.ledger.models import ClosedMonth, OperatingExpense, Transaction
from vela.domain.workspace.intake import WorkspaceChanges
from vela.errors import Conflict, Forbidden, Invalid
from vela.intake import read
from vela.periods import Month

SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))
DEFAULT = 1  # the expense of 800 that all books begin with, of every month


def said(month: Month | str = OCTOBER, reason: str = "Handed to the accountant") -> MonthClosing:
    return read(MonthClosing, {"month": str(month), "reason": reason})


def close(database: Database, month: Month | str = OCTOBER) -> ClosedMonth:
    return act(database, close_month, SALMA, said(month))


def selling(offer: int, month: Month = OCTOBER, quantity: int = 1) -> NewTransaction:
    return read(NewTransaction, {"service_id": offer, "quantity": quantity, "month": str(month)})


def spend(database: Database, **words: Any) -> int:
    return act(database, expenses.add_expense, SALMA, read(NewExpense, {"name": "Rent", "amount": 100} | words)).id


# ---------- closing and reopening


def test_closing_writes_down_the_figures_of_the_month(database: Database) -> None:
    offer = new_offer(database)
    act(database, commands.record_sale, SALMA, selling(offer, quantity=3))
    act(database, commands.record_sale, SALMA, selling(offer, NOVEMBER))
    void = act(database, commands.record_sale, SALMA, selling(offer)).id
    act(database, commands.void_sale, SALMA, void)
    close(database)
    with database.reading() as session:
        [closed] = closed_months(session)
        assert (closed.month, closed.sales) == (OCTOBER, 1)
        assert (closed.revenue, closed.cost, closed.opex) == (3000, 1800, 800)
        assert (closed.closed_by, closed.reason) == ("Salma", "Handed to the accountant")
        assert closed_month(session, NOVEMBER) is None
        assert closing.changed_since_closing(session) == []
        entry = session.get_one(AuditEntry, chain.head(session).entry_id)
        assert entry.action == "close month"
        assert entry.after == {"month": "2026-10", "sales": 1, "revenue": "3000.00", "cost": "1800.00",
                               "opex": "800.00", "reason": "Handed to the accountant"}  # fmt: skip


def test_only_an_admin_closes_and_reopens(database: Database) -> None:
    viewer = make.viewer()
    assert "admin" in refused(Forbidden, database, close_month, viewer, said()).message
    close(database)
    refused(Forbidden, database, reopen_month, viewer, said())


def test_a_month_that_has_not_begun_is_not_closed(database: Database) -> None:
    present = Month.of(today("Africa/Casablanca"))
    refusal = refused(Invalid, database, close_month, SALMA, said(present.next))
    assert [issue.field for issue in refusal.issues] == ["month"]
    close(database, present)


def test_a_closed_month_is_not_closed_again_and_an_open_one_not_reopened(database: Database) -> None:
    assert refused(Conflict, database, reopen_month, SALMA, said()).code == "month_open"
    close(database)
    assert refused(Conflict, database, close_month, SALMA, said()).code == "month_closed"
    act(database, reopen_month, SALMA, said(reason="A sale was forgotten"))
    with database.reading() as session:
        assert closed_months(session) == []
    close(database)


@pytest.mark.parametrize("words", [{"month": "2026-10"}, {"month": "2026-10", "reason": "  "}, {"reason": "why"},
                                   {"month": "2026-13", "reason": "why"}], ids=str)  # fmt: skip
def test_a_month_and_a_reason_are_needed(words: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        read(MonthClosing, words)


def test_after_reopening_a_month_takes_changes_again(database: Database) -> None:
    offer = new_offer(database)
    close(database)
    refused(Conflict, database, commands.record_sale, SALMA, selling(offer))
    act(database, reopen_month, SALMA, said(reason="A sale was forgotten"))
    act(database, commands.record_sale, SALMA, selling(offer))
    close(database)
    with database.reading() as session:
        assert [each.revenue for each in closed_months(session)] == [1000]


# ---------- what a closed month refuses


def test_a_closed_month_refuses_sales_voids_and_reinstatements(database: Database) -> None:
    offer = new_offer(database)
    sold = act(database, commands.record_sale, SALMA, selling(offer)).id
    voided = act(database, commands.record_sale, SALMA, selling(offer)).id
    act(database, commands.void_sale, SALMA, voided)
    close(database)
    for verb, argument in (
        (commands.record_sale, selling(offer)),
        (commands.void_sale, sold),
        (commands.reinstate_sale, voided),
    ):
        refusal = refused(Conflict, database, verb, SALMA, argument)
        assert refusal.code == "month_closed"
        assert "2026-10 is closed" in refusal.message
    assert refused(Conflict, database, commands.record_sale, SALMA, selling(offer)).data["field"] == "month"
    act(database, commands.record_sale, SALMA, selling(offer, NOVEMBER))
    act(database, commands.record_sale, SALMA, selling(offer, SEPTEMBER))


def test_sample_sales_of_a_closed_month_are_not_cleared(database: Database) -> None:
    offer = new_offer(database)
    for month in (OCTOBER, NOVEMBER):
        act(database, commands.record_sale, SALMA, selling(offer, month), sample=True)
    close(database)
    assert refused(Conflict, database, commands.clear_samples, SALMA).code == "month_closed"
    act(database, reopen_month, SALMA, said())
    close(database, SEPTEMBER)
    assert act(database, commands.clear_samples, SALMA) == 2


REFUSED: dict[str, Callable[[Database], tuple[Any, ...]]] = {
    "a new expense of every month": lambda _: (expenses.add_expense, read(NewExpense, {"name": "New", "amount": 1})),
    "a new expense from before on": lambda _: (
        expenses.add_expense, read(NewExpense, {"name": "New", "amount": 1, "first_month": "2026-09"})
    ),
    "a new expense of that month alone": lambda _: (
        expenses.add_expense,
        read(NewExpense, {"name": "New", "amount": 1, "first_month": "2026-10", "last_month": "2026-10"}),
    ),
    "another amount": lambda _: (expenses.change_expense, DEFAULT, read(ExpenseChanges, {"amount": 801})),
    "a later first month": lambda _: (
        expenses.change_expense, DEFAULT, read(ExpenseChanges, {"first_month": "2026-11"})
    ),
    "an earlier last month": lambda _: (
        expenses.change_expense, DEFAULT, read(ExpenseChanges, {"last_month": "2026-09"})
    ),
    "another amount from that month on": lambda _: (
        expenses.change_expense_from, DEFAULT, read(ExpenseFrom, {"amount": 900, "month": "2026-10"})
    ),
    "another amount from before on": lambda _: (
        expenses.change_expense_from, DEFAULT, read(ExpenseFrom, {"amount": 900, "month": "2026-09"})
    ),
    "removing": lambda _: (expenses.remove_expense, DEFAULT),
    "taking a change back": lambda _: (
        expenses.undo_change, DEFAULT, read(ExpenseChanges, {"amount": 700}), read(ExpenseChanges, {"amount": 800})
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_closed_month_refuses_what_would_change_its_expenses(database: Database, what: str) -> None:
    close(database)
    verb, *arguments = REFUSED[what](database)
    refusal = refused(Conflict, database, verb, SALMA, *arguments)
    assert (refusal.code, refusal.data["month"]) == ("month_closed", "2026-10")
    assert "2026-10" in refusal.message


def test_a_removed_expense_is_not_put_back_into_a_closed_month(database: Database) -> None:
    act(database, expenses.remove_expense, SALMA, DEFAULT)
    close(database)
    assert refused(Conflict, database, expenses.put_back_expense, SALMA, DEFAULT).code == "month_closed"
    with database.reading() as session:
        assert [closed.opex for closed in closed_months(session)] == [0]


# ---------- what it lets pass


def test_what_does_not_change_the_figures_of_a_closed_month_passes(database: Database) -> None:
    offer = new_offer(database)
    act(database, commands.record_sale, SALMA, selling(offer))
    later = spend(database, first_month="2026-11")
    earlier = spend(database, last_month="2026-09")
    close(database)
    words = read(ExpenseChanges, {"name": "Servers", "notes": "Rack 4"})
    act(database, expenses.change_expense, SALMA, DEFAULT, words)
    act(database, expenses.change_expense, SALMA, later, read(ExpenseChanges, {"amount": 5}))
    act(database, expenses.remove_expense, SALMA, earlier)
    act(database, expenses.put_back_expense, SALMA, earlier)
    act(database, expenses.change_expense_from, SALMA, DEFAULT, read(ExpenseFrom, {"amount": 900, "month": "2026-11"}))
    spend(database, amount=0)
    act(database, commands.record_sale, SALMA, selling(offer, NOVEMBER))
    change(database, offer, name="Atlas 2")
    act(database, commands.change_settings, SALMA, read(WorkspaceChanges, {"name": "Books"}))
    with database.reading() as session:
        assert closing.changed_since_closing(session) == []
        assert queries.profit_of(session, OCTOBER).opex == 800
        assert queries.profit_of(session, NOVEMBER).opex == 905


def test_the_currency_is_fixed_once_a_month_is_closed(database: Database) -> None:
    euros = read(WorkspaceChanges, {"currency": "EUR"})
    close(database)
    assert refused(Conflict, database, commands.change_settings, SALMA, euros).code == "currency_in_use"
    act(database, reopen_month, SALMA, said())
    act(database, commands.change_settings, SALMA, euros)


# ---------- at the same moment


def written_down(database: Database, month: Month = OCTOBER) -> tuple[int, Decimal, Decimal]:
    with database.reading() as session:
        [closed] = [each for each in closed_months(session) if each.month == month]
        assert sums.check(session) == []
        assert closing.changed_since_closing(session) == []
        return closed.sales, closed.revenue, closed.opex


@pytest.mark.parametrize("closers", [1, 3])
def test_a_sale_is_in_the_figures_that_were_written_down_or_refused(database: Database, closers: int) -> None:
    offer = new_offer(database)
    for _ in range(4):
        work = [doing(database, commands.record_sale, SALMA, selling(offer)) for _ in range(16 - closers)]
        work[8:8] = [doing(database, close_month, SALMA, said()) for _ in range(closers)]
        outcomes = at_once(work)
        refusals = [each for each in outcomes if isinstance(each, Conflict)]
        assert {each.code for each in refusals} <= {"month_closed"}
        assert len([each for each in outcomes if isinstance(each, ClosedMonth)]) == 1
        with database.reading() as session:
            counted = len(queries.transactions(session, month=OCTOBER))
        assert written_down(database) == (counted, 1000 * counted, 800)
        act(database, reopen_month, SALMA, said(reason="Once more"))


def test_a_void_and_an_expense_are_in_the_figures_or_refused(database: Database) -> None:
    offer = new_offer(database)
    sales = [act(database, commands.record_sale, SALMA, selling(offer)).id for _ in range(7)]
    work = [doing(database, commands.void_sale, SALMA, sale) for sale in sales]
    work += [doing(database, expenses.add_expense, SALMA, read(NewExpense, {"name": "New", "amount": 10}))] * 8
    work.insert(7, doing(database, close_month, SALMA, said()))
    outcomes = at_once(work)
    voided = len([each for each in outcomes if isinstance(each, Transaction)])
    added = len([each for each in outcomes if isinstance(each, OperatingExpense)])
    assert written_down(database) == (7 - voided, 1000 * (7 - voided), 800 + 10 * added)


def test_clearing_samples_and_closing_do_not_pass_each_other(database: Database) -> None:
    offer = new_offer(database)
    for month in (SEPTEMBER, OCTOBER):
        act(database, commands.record_sale, SALMA, selling(offer, month), sample=True)
    cleared, _closed = at_once(
        [doing(database, commands.clear_samples, SALMA), doing(database, close_month, SALMA, said())]
    )
    kept = 1 if isinstance(cleared, Conflict) else 0
    assert written_down(database) == (kept, 1000 * kept, 800)
