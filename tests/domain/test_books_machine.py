"""Any sequence of edits, sales, voids, undos and closings leaves books that agree with ones kept by hand."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from tests.domain.books import SALMA, act
from tests.wiping import wipe
from vela.checking import findings
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.catalog import undoing
from vela.domain.catalog.commands import (
    activate,
    add_component,
    change_service,
    create_service,
    deactivate,
    remove_component,
    revise_component,
)
from vela.domain.catalog.intake import ComponentChanges, NewComponent, NewService, ServiceChanges
from vela.domain.ledger import queries, sums
from vela.domain.ledger.closing import changed_since_closing, close_month, closed_months, reopen_month
from vela.domain.ledger.commands import record_sale, reinstate_sale, void_sale
from vela.domain.ledger.expenses import add_expense
from vela.domain.ledger.intake import MonthClosing, NewExpense, NewTransaction
from vela.errors import Conflict, Invalid, Refusal
from vela.intake import read
from vela.periods import Month

MONTHS = ["2026-10", "2026-11", "2026-12"]
PRICES = st.decimals(0, 5000, places=5)
PICK = st.integers(0, 10**6)
LINES = "SELECT quantity, unit_cost, unit_sell FROM components WHERE service_id = :id AND removed_at IS NULL"


def centimes(quantity: int, price: int) -> int:
    """A line as stored (four and five decimals) in whole centimes, halves away from zero."""
    exact = Fraction(quantity * price, 10**7)
    nearest = (2 * abs(exact) + 1) // 2
    return nearest if exact >= 0 else -nearest


class Books(RuleBasedStateMachine):
    """The product on one side, a hand-kept list of sales on the other."""

    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        with self.database.transaction() as session:
            wipe(session.connection())
        self.offers: list[int] = []
        self.sales: dict[int, tuple[str, int, int]] = {}  # month, revenue, cost in centimes, of the live ones
        self.voided: dict[int, tuple[str, int, int]] = {}
        self.expenses: list[tuple[int, str, str]] = []
        self.closed: dict[str, tuple[int, int, int, int]] = {}  # sales, and revenue, cost and opex in centimes

    def do(self, verb: Callable[..., Any], *arguments: Any) -> Any:
        return act(self.database, verb, SALMA, *arguments)

    def lines(self, offer: int) -> list[int]:
        with self.database.reading() as session:
            return [component.id for component in catalog.service(session, offer).components]

    # ---------- offers

    @rule(prices=st.lists(st.tuples(PRICES, PRICES), max_size=3))
    @precondition(lambda self: len(self.offers) < 3)
    def create(self, prices: list[tuple[Decimal, Decimal]]) -> None:
        parts = [{"name": f"Part {n}", "unit_cost": cost, "unit_sell": sell} for n, (cost, sell) in enumerate(prices)]
        words = read(NewService, {"name": f"Offer {len(self.offers)}", "components": parts})
        self.offers.append(self.do(create_service, words).id)

    @rule(pick=PICK, cost=PRICES, sell=PRICES, quantity=st.decimals(Decimal("0.0001"), 9, places=4))
    @precondition(lambda self: self.offers)
    def add(self, pick: int, cost: Decimal, sell: Decimal, quantity: Decimal) -> None:
        said = {"name": "Added", "unit_cost": cost, "unit_sell": sell, "quantity": quantity, "position": pick % 4 + 1}
        self.do(add_component, self.offers[pick % len(self.offers)], read(NewComponent, said))

    @rule(pick=PICK, cost=PRICES, sell=PRICES)
    @precondition(lambda self: self.offers)
    def discount(self, pick: int, cost: Decimal, sell: Decimal) -> None:
        said = {"name": "Discount", "kind": "adjustment", "unit_cost": -cost, "unit_sell": -sell}
        with suppress(Conflict):
            self.do(add_component, self.offers[pick % len(self.offers)], read(NewComponent, said))

    @rule(pick=PICK, change=st.fixed_dictionaries({}, optional={"unit_cost": PRICES, "unit_sell": PRICES,
          "position": st.integers(1, 5), "quantity": st.decimals(Decimal("0.5"), 3, places=4)}))  # fmt: skip
    @precondition(lambda self: self.offers)
    def revise(self, pick: int, change: dict[str, Any]) -> None:
        lines = self.lines(self.offers[pick % len(self.offers)])
        if lines:
            with suppress(Conflict, Invalid):
                self.do(revise_component, lines[pick % len(lines)], read(ComponentChanges, change))

    @rule(pick=PICK)
    @precondition(lambda self: self.offers)
    def remove(self, pick: int) -> None:
        lines = self.lines(self.offers[pick % len(self.offers)])
        if lines:
            with suppress(Conflict):
                self.do(remove_component, lines[pick % len(lines)])

    @rule(pick=PICK, verb=st.sampled_from([undoing.undo, undoing.restore]))
    @precondition(lambda self: self.offers)
    def go_back(self, pick: int, verb: Callable[..., Any]) -> None:
        offer = self.offers[pick % len(self.offers)]
        with self.database.reading() as session:
            newest = catalog.service(session, offer).version
        with suppress(Conflict):
            self.do(verb, offer, pick % newest + 1)

    @rule(pick=PICK, verb=st.sampled_from([deactivate, activate]))
    @precondition(lambda self: self.offers)
    def archive(self, pick: int, verb: Callable[..., Any]) -> None:
        self.do(verb, self.offers[pick % len(self.offers)])

    @rule(pick=PICK, price=PRICES)
    @precondition(lambda self: self.offers)
    def list_at(self, pick: int, price: Decimal) -> None:
        words = read(ServiceChanges, {"list_sell": round(price, 2)})
        self.do(change_service, self.offers[pick % len(self.offers)], words)

    # ---------- sales

    @rule(pick=PICK, quantity=st.integers(1, 50), month=st.sampled_from(MONTHS))
    @precondition(lambda self: self.offers)
    def sell(self, pick: int, quantity: int, month: str) -> None:
        offer = self.offers[pick % len(self.offers)]
        with self.database.engine.connect() as connection:
            rows = connection.execute(text(LINES), {"id": offer}).all()
            active = connection.scalar(text("SELECT active FROM services WHERE id = :id"), {"id": offer})
        words = read(NewTransaction, {"service_id": offer, "quantity": quantity, "month": month})
        if not rows or not active or month in self.closed:
            with pytest.raises(Conflict):
                self.do(record_sale, words)
            return
        sale = self.do(record_sale, words)
        cost = quantity * sum(centimes(row.quantity, row.unit_cost) for row in rows)
        revenue = quantity * sum(centimes(row.quantity, row.unit_sell) for row in rows)
        self.sales[sale.id] = (month, revenue, cost)

    @rule(pick=PICK)
    @precondition(lambda self: self.sales)
    def void(self, pick: int) -> None:
        sale = sorted(self.sales)[pick % len(self.sales)]
        if self.sales[sale][0] in self.closed:
            with pytest.raises(Conflict):
                self.do(void_sale, sale)
            return
        self.do(void_sale, sale)
        self.voided[sale] = self.sales.pop(sale)
        with pytest.raises(Refusal):
            self.do(void_sale, sale)

    @rule(pick=PICK)
    @precondition(lambda self: self.voided)
    def reinstate(self, pick: int) -> None:
        sale = sorted(self.voided)[pick % len(self.voided)]
        if self.voided[sale][0] in self.closed:
            with pytest.raises(Conflict):
                self.do(reinstate_sale, sale)
            return
        self.do(reinstate_sale, sale)
        self.sales[sale] = self.voided.pop(sale)

    @rule(amount=st.integers(0, 10**6), first=st.sampled_from(MONTHS), last=st.sampled_from(MONTHS))
    @precondition(lambda self: len(self.expenses) < 4)
    def spend(self, amount: int, first: str, last: str) -> None:
        said = {"name": "Rent", "amount": Decimal(amount) / 100, "first_month": first, "last_month": last}
        if last < first:
            with pytest.raises(Invalid):
                self.do(add_expense, read(NewExpense, said))
            return
        if amount and any(first <= month <= last for month in self.closed):
            with pytest.raises(Conflict):
                self.do(add_expense, read(NewExpense, said))
            return
        self.do(add_expense, read(NewExpense, said))
        self.expenses.append((amount, first, last))

    # ---------- months

    @rule(month=st.sampled_from(MONTHS[:2]))
    def close(self, month: str) -> None:
        words = read(MonthClosing, {"month": month, "reason": "Handed in"})
        if month in self.closed:
            with pytest.raises(Conflict):
                self.do(close_month, words)
            return
        self.do(close_month, words)
        self.closed[month] = self.kept_by_hand(month)

    @rule(month=st.sampled_from(MONTHS[:2]))
    @precondition(lambda self: self.closed)
    def reopen(self, month: str) -> None:
        words = read(MonthClosing, {"month": month, "reason": "Something was forgotten"})
        if month not in self.closed:
            with pytest.raises(Conflict):
                self.do(reopen_month, words)
            return
        self.do(reopen_month, words)
        del self.closed[month]

    def kept_by_hand(self, month: str) -> tuple[int, int, int, int]:
        kept = [(revenue, cost) for when, revenue, cost in self.sales.values() if when == month]
        opex = sum(amount for amount, first, last in self.expenses if first <= month <= last)
        return len(kept), sum(sale[0] for sale in kept), sum(sale[1] for sale in kept), opex

    # ---------- what must hold after every step

    @invariant()
    def every_month_is_what_was_kept_by_hand(self) -> None:
        with self.database.reading() as session:
            assert sums.check(session) == []
            for month, found in zip(MONTHS, queries.profits_of(session, list(map(Month.parse, MONTHS))), strict=True):
                _sales, revenue, cost, opex = self.kept_by_hand(month)
                assert (100 * found.total_revenue, 100 * found.total_cost, 100 * found.opex) == (revenue, cost, opex)
                assert 100 * found.net_profit == revenue - cost - opex
                parts = queries.component_months(session, [Month.parse(month)])
                assert sum(part.totals.cost for part in parts) * 100 == cost
                assert sum(part.totals.sell for part in parts) * 100 == revenue

    @invariant()
    def every_closed_month_is_what_was_written_down(self) -> None:
        with self.database.reading() as session:
            months = closed_months(session)
            assert changed_since_closing(session) == []
        written = {str(c.month): (c.sales, 100 * c.revenue, 100 * c.cost, 100 * c.opex) for c in months}
        assert written == self.closed == {month: self.kept_by_hand(month) for month in self.closed}

    @invariant()
    def nothing_is_found_wrong(self) -> None:
        with self.database.reading() as session:
            assert list(findings(session)) == []

    @invariant()
    def every_sale_is_as_it_was_recorded(self) -> None:
        with self.database.engine.connect() as connection:
            rows = connection.execute(text("SELECT id, month, revenue, cost, voided_at FROM transactions")).all()
        assert {row.id: (row.month, row.revenue, row.cost) for row in rows if not row.voided_at} == self.sales
        assert {row.id: (row.month, row.revenue, row.cost) for row in rows if row.voided_at} == self.voided

    @invariant()
    def every_offer_stands_at_its_latest_revision(self) -> None:
        for offer in self.offers:
            with self.database.reading() as session:
                service = catalog.service(session, offer)
                revisions = catalog.revisions(session, offer)
                assert [revision.number for revision in revisions] == list(range(service.version, 0, -1))
                newest = revisions[0]
                assert [line.position for line in service.components] == list(range(1, len(newest.lines) + 1))
                assert [(line.component_id, line.version, line.unit_cost) for line in newest.lines] == [
                    (component.id, component.version, component.unit_cost) for component in service.components
                ]
                assert (newest.totals, newest.active, newest.list_sell) == (
                    service.totals,
                    service.active,
                    service.list_sell,
                )


def test_books_kept_by_the_product_are_those_kept_by_hand(database: Database) -> None:
    class OnThis(Books):
        pass

    OnThis.database = database
    few = settings(max_examples=8, stateful_step_count=20) if database.is_sqlite else settings(
        max_examples=4, stateful_step_count=15
    )  # fmt: skip
    run_state_machine_as_test(OnThis, settings=few)
