"""Any sequence of changes, each through a face chosen by chance, leaves one set of figures, the same on all three."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests import make
from tests.api.conftest import Program
from tests.mcp.conftest import Agent, token_of
from tests.web.conftest import csrf, fresh_key, sign_in
from vela import checking
from vela.db import Database
from vela.periods import Month

EXAMPLES, STEPS = 7, 8
PRICES = st.decimals(0, 5000, places=5)
QUANTITIES = st.decimals(Decimal("0.0001"), 9, places=4)
PICK = st.integers(0, 10**6)
OPEX = 80_000  # centimes a month, in every new set of books


def centimes(exact: Fraction) -> int:
    """An exact amount in whole centimes, halves away from zero."""
    nearest = (2 * abs(exact * 100) + 1) // 2
    return nearest if exact >= 0 else -nearest


@dataclass
class Part:
    """A line as it was said."""

    quantity: Fraction
    cost: Fraction
    sell: Fraction


@dataclass
class Desk:
    """One admin at all three doors of one set of books, and what a careful clerk keeps by hand beside them."""

    program: Program
    agent: Agent
    browser: FlaskClient
    form_token: str
    database: Database
    months: Iterator[Month] = field(default_factory=lambda: (Month(1950, 1).plus(step) for step in count()))
    sold: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))
    spent: Counter[str] = field(default_factory=Counter[str])

    def post(self, path: str, words: dict[str, Any]) -> int:
        """Send a form as a browser without script does; returns the status."""
        said = {name: str(value) for name, value in words.items()} | {"csrf_token": self.form_token} | fresh_key()
        return self.browser.post(path, data=said).status_code

    def get(self, path: str) -> Any:
        answer = self.program.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json


def done_by(
    by_page: Callable[[], int], by_api: Callable[[], Any], by_agent: Callable[[], Any] | None, pick: int
) -> bool:
    """Do an act through one face; whether it was done rather than refused. What agents cannot do, the API does."""
    if pick % 3 == 0:
        status = by_page()
        assert status in (303, 409, 422), status
        return status == 303
    if pick % 3 == 1 and by_agent is not None:
        return not by_agent().is_error
    answer = by_api()
    assert answer.status_code in (200, 201, 204, 409, 422), answer.text
    return answer.status_code < 300


class Faces(RuleBasedStateMachine):
    """The product at its three doors on one side, fractions kept by hand on the other."""

    desk: ClassVar[Desk]
    made: ClassVar[Iterator[int]] = count()
    acts: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.month = str(next(self.desk.months))
        self.now = self.desk.get("/api/pnl")["month"]
        self.offers: dict[int, dict[int, Part]] = {}
        self.sales: dict[int, tuple[str, int, int]] = {}

    def take(self, *ways: Any) -> bool:
        Faces.acts += 1
        return done_by(*ways)

    @rule(pick=PICK)
    @precondition(lambda self: len(self.offers) < 3)
    def create(self, pick: int) -> None:
        words = {"name": f"Offer {next(self.made)}"}
        by_page = lambda: self.desk.post("/offers", words)  # noqa: E731
        assert self.take(by_page, lambda: self.desk.program.post("/api/services", words), None, pick)
        self.offers[self.desk.get("/api/services")[-1]["id"]] = {}

    @rule(pick=PICK, quantity=QUANTITIES, cost=PRICES, sell=PRICES)
    @precondition(lambda self: self.offers)
    def add(self, pick: int, quantity: Decimal, cost: Decimal, sell: Decimal) -> None:
        offer = sorted(self.offers)[pick % len(self.offers)]
        words = {"name": "Part", "quantity": str(quantity), "unit_cost": str(cost), "unit_sell": str(sell)}
        path = f"/services/{offer}/components"
        assert self.take(
            lambda: self.desk.post(f"/offers/{offer}/components", words),
            lambda: self.desk.program.post(f"/api{path}", words),
            lambda: self.desk.agent.call("add_component", service_id=offer, **words),
            pick,
        )
        added = max(line["id"] for line in self.desk.get(f"/api{path}"))
        self.offers[offer][added] = Part(Fraction(quantity), Fraction(cost), Fraction(sell))

    @rule(pick=PICK, cost=PRICES, sell=PRICES)
    @precondition(lambda self: any(self.offers.values()))
    def reprice(self, pick: int, cost: Decimal, sell: Decimal) -> None:
        offer, line = self.some_line(pick)
        words = {"unit_cost": str(cost), "unit_sell": str(sell)}
        assert self.take(
            lambda: self.desk.post(f"/offers/{offer}/components/{line}", words),
            lambda: self.desk.program.put(f"/api/components/{line}", words),
            lambda: self.desk.agent.call("update_component", component_id=line, **words),
            pick,
        )
        self.offers[offer][line].cost, self.offers[offer][line].sell = Fraction(cost), Fraction(sell)

    @rule(pick=PICK)
    @precondition(lambda self: any(self.offers.values()))
    def remove(self, pick: int) -> None:
        offer, line = self.some_line(pick)
        assert self.take(
            lambda: self.desk.post(f"/offers/{offer}/components/{line}/remove", {}),
            lambda: self.desk.program.delete(f"/api/components/{line}"),
            lambda: self.desk.agent.call("delete_component", component_id=line),
            pick,
        )
        del self.offers[offer][line]

    @rule(pick=PICK, quantity=st.integers(1, 99), is_now=st.booleans())
    @precondition(lambda self: self.offers)
    def sell(self, pick: int, quantity: int, is_now: bool) -> None:
        offer = sorted(self.offers)[pick % len(self.offers)]
        month = self.now if is_now else self.month
        words = {"service_id": offer, "quantity": quantity, "month": month}
        done = self.take(
            lambda: self.desk.post("/transactions", words),
            lambda: self.desk.program.post("/api/transactions", words),
            lambda: self.desk.agent.call("add_transaction", **words),
            pick,
        )
        assert done == bool(self.offers[offer])
        if done:
            revenue, cost = (quantity * each for each in self.worth(offer))
            newest = self.desk.get(f"/api/transactions?month={month}&service_id={offer}")[0]
            self.sales[newest["id"]] = (month, revenue, cost)
            self.desk.sold[month].update(revenue=revenue, cost=cost)

    @rule(pick=PICK)
    @precondition(lambda self: self.sales)
    def void(self, pick: int) -> None:
        sale = sorted(self.sales)[pick % len(self.sales)]
        by_page = lambda: self.desk.post(f"/transactions/{sale}/void", {})  # noqa: E731
        assert self.take(by_page, lambda: self.desk.program.delete(f"/api/transactions/{sale}"), None, pick)
        month, revenue, cost = self.sales.pop(sale)
        self.desk.sold[month].subtract({"revenue": revenue, "cost": cost})

    @rule(pick=PICK, amount=st.integers(0, 10**6))
    def spend(self, pick: int, amount: int) -> None:
        words = {
            "name": "Rent",
            "amount": str(Decimal(amount) / 100),
            "first_month": self.month,
            "last_month": self.month,
        }
        by_page = lambda: self.desk.post("/profit/expenses", words)  # noqa: E731
        assert self.take(by_page, lambda: self.desk.program.post("/api/expenses", words), None, pick)
        self.desk.spent[self.month] += amount

    @rule()
    def look(self) -> None:
        self.services_are_those_kept_by_hand()
        for month in (self.month, self.now):
            self.month_is_what_was_kept_by_hand(month)
        board = self.desk.get("/api/dashboard")
        assert board == self.desk.agent.answer("get_dashboard")
        assert board["current"] == self.desk.get("/api/pnl")

    def teardown(self) -> None:
        self.look()
        assert checking.check(self.desk.database) == []

    def some_line(self, pick: int) -> tuple[int, int]:
        lines = [(offer, line) for offer in sorted(self.offers) for line in sorted(self.offers[offer])]
        return lines[pick % len(lines)]

    def worth(self, offer: int) -> tuple[int, int]:
        """What one unit sells for and costs, in centimes, each line rounded by itself."""
        lines = self.offers[offer].values()
        return (
            sum(centimes(line.quantity * line.sell) for line in lines),
            sum(centimes(line.quantity * line.cost) for line in lines),
        )

    def services_are_those_kept_by_hand(self) -> None:
        listed = self.desk.get("/api/services")
        assert listed == self.desk.agent.answer("get_services")["services"]
        page = self.desk.browser.get("/offers").text
        for service in listed:
            if service["id"] in self.offers:
                sell, cost = self.worth(service["id"])
                assert (money(service["sell_price"]), money(service["cost_price"])) == (sell, cost)
                [row] = re.findall(rf'<tr id="offer-{service["id"]}".*?</tr>', page, re.DOTALL)
                assert {shown(sell), shown(cost)} <= amounts(row)

    def month_is_what_was_kept_by_hand(self, month: str) -> None:
        profit = self.desk.get(f"/api/pnl?month={month}")
        assert profit == self.desk.agent.answer("get_pnl", month=month)
        revenue, cost = self.desk.sold[month]["revenue"], self.desk.sold[month]["cost"]
        opex = OPEX + self.desk.spent[month]
        names = ("total_revenue", "total_cost", "gross_profit", "opex", "net_profit")
        assert [money(profit[name]) for name in names] == [revenue, cost, revenue - cost, opex, revenue - cost - opex]
        page = amounts(self.desk.browser.get(f"/profit?month={month}").text)
        assert {shown(each) for each in (revenue, cost, revenue - cost, opex, revenue - cost - opex)} <= page


def money(value: float) -> int:
    """A JSON number of two decimals in centimes."""
    return centimes(Fraction(str(value)))


def shown(value: int) -> Decimal:
    return Decimal(abs(value)) / 100


def amounts(page: str) -> set[Decimal]:
    """Every number in a page, signs left out."""
    return {Decimal(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", page)}


@pytest.fixture
def desk(app: Flask, database: Database) -> Desk:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    token, browser = token_of(database, "salma"), sign_in(app, "salma")
    return Desk(Program(app, token), Agent(database, token, "auto"), browser, csrf(browser), database)


def run_faces(desk: Desk, how: settings) -> int:
    """Try sequences of acts on `desk`; returns how many acts were tried in all."""
    Faces.desk, Faces.acts = desk, 0
    run_state_machine_as_test(Faces, settings=how)
    return Faces.acts


def test_three_faces_are_one_set_of_books(desk: Desk) -> None:
    assert run_faces(desk, settings(max_examples=EXAMPLES, stateful_step_count=STEPS)) > STEPS
