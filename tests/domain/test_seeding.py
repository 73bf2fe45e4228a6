"""Starting data: once and only once, with exactly the owner's figures, and nothing known in production."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from tests import make
from tests.domain.books import SALMA, act, new_offer
from vela.cli.books import bring_up_to_date
from vela.clock import now
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import deactivate
from vela.domain.ledger import queries, sums
from vela.domain.ledger.commands import clear_samples
from vela.domain.ledger.expenses import remove_expense
from vela.domain.ledger.models import Transaction
from vela.domain.people import passwords
from vela.domain.people import queries as people
from vela.domain.people.commands import set_password
from vela.domain.workspace.settings import current_month
from vela.errors import Conflict
from vela.periods import Month, months_ending
from vela.seeding import demo_users, seed_demo, seed_essentials, seed_offers

ATLAS: list[tuple[str, int, int]] = [
    ("HDD (1TB)", 600, 1000), ("RAM (16GB)", 300, 500), ("CPU alloc", 200, 400), ("Casing", 200, 300),
    ("Bandwidth", 200, 500), ("Setup", 300, 600), ("Support", 200, 700),
]  # fmt: skip
BACKUP: list[tuple[str, int, int]] = [
    ("RAM (32GB)", 600, 1000), ("CPU alloc", 300, 600), ("Casing", 200, 300), ("Bandwidth", 200, 500),
    ("Sauvegarde", 300, 500), ("Setup", 200, 400), ("Support", 200, 700),
]  # fmt: skip
OFFERS: dict[str, tuple[str, tuple[int, int], tuple[int, int], list[tuple[str, int, int]]]] = {
    "Atlas": ("1TB Storage", (2000, 4000), (2000, 4000), ATLAS),
    "Atlas+": ("1TB + Backup", (3000, 5700), (2800, 5000), [ATLAS[0], ("SSD (256GB)", 400, 700), *BACKUP]),
    "Rif": ("500GB Server", (1700, 3600), (1700, 3500), [("SSD (500GB)", 300, 600), *ATLAS[1:]]),
    "Rif+": ("500GB + Backup", (2900, 5600), (2200, 4500), [("SSD (500GB)", 300, 600), ATLAS[0], *BACKUP]),
}


def test_the_preset_offers_are_the_owner_s_to_the_dirham(database: Database) -> None:
    assert act(database, seed_offers)
    with database.reading() as session:
        offers = catalog.services(session)
        assert [offer.name for offer in offers] == list(OFFERS)
        for offer in offers:
            description, totals, listed, parts = OFFERS[offer.name]
            assert (offer.description, (offer.list_cost, offer.list_sell)) == (description, listed)
            assert (offer.totals.cost, offer.totals.sell) == totals
            assert [(part.name, part.unit_cost, part.unit_sell) for part in offer.components] == parts
            assert {(part.quantity, part.kind) for part in offer.components} == {(Decimal(1), "part")}


def test_everything_is_loaded_once_and_only_once(database: Database) -> None:
    act(database, seed_demo)
    before = _counts(database)
    for seed in (seed_essentials, seed_offers, seed_demo, seed_essentials):
        assert not act(database, seed)
    assert _counts(database) == before


def test_what_was_taken_away_is_not_loaded_again(database: Database) -> None:
    act(database, seed_demo)
    act(database, remove_expense, SALMA, 1)
    act(database, clear_samples, SALMA)
    for offer in range(1, 5):
        act(database, deactivate, SALMA, offer)
    for seed in (seed_essentials, seed_offers, seed_demo):
        act(database, seed)
    with database.reading() as session:
        assert (queries.expenses(session), catalog.services(session), queries.transactions(session)) == ([], [], [])


def _counts(database: Database) -> tuple[Any, ...]:
    with database.reading() as session:
        return (
            len(catalog.services(session, include_inactive=True)),
            session.scalar(select(func.count()).select_from(Transaction)),
            [expense.amount for expense in queries.expenses(session)],
            [user.username for user in people.users(session)],
        )


def test_a_production_start_has_no_users_and_no_sales(database: Database) -> None:
    assert _counts(database) == (0, 0, [800], [])
    act(database, seed_offers)
    assert _counts(database) == (4, 0, [800], [])


def test_the_default_expense_begins_with_the_books_and_the_demo_s_a_year_before(bare_url: str) -> None:
    database = Database(bare_url)
    bring_up_to_date(database)
    with database.reading() as session:
        now_ = current_month(session)
        assert [queries.profit_of(session, month).opex for month in (now_.previous, now_, now_.next)] == [0, 800, 800]
    act(database, seed_demo)
    with database.reading() as session:
        assert {each.opex for each in queries.profits_of(session, months_ending(now_, 12))} == {800}
    database.close()


def test_offers_of_one_s_own_are_not_mixed_with_the_preset_ones(database: Database) -> None:
    new_offer(database, "Mine")
    assert not act(database, seed_offers)
    assert _counts(database)[0] == 1


def test_books_in_use_get_no_known_passwords(database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "owner", role="admin")
    with pytest.raises(Conflict) as refusal:
        act(database, seed_demo)
    assert refusal.value.code == "in_use"
    assert _counts(database) == (0, 0, [800], ["owner"])


def test_the_demo_has_two_users_whose_passwords_everybody_knows(database: Database) -> None:
    act(database, seed_demo)
    with database.reading() as session:
        users = {user.username: user for user in demo_users(session)}
        assert {name: user.role for name, user in users.items()} == {"admin": "admin", "viewer": "viewer"}
        assert passwords.matches(users["admin"].password_hash, "admin123")
        assert passwords.matches(users["viewer"].password_hash, "viewer123")
        admin = users["admin"].id
    act(database, set_password, SALMA, admin, "a password of one's own")
    with database.reading() as session:
        assert [user.username for user in demo_users(session)] == ["viewer"]


def test_twelve_months_of_sample_sales_lead_to_this_one(database: Database) -> None:
    act(database, seed_demo)
    with database.reading() as session:
        assert sums.check(session) == []
        sales = queries.transactions(session)
        months = months_ending(current_month(session), 12)
        assert all(sale.sample for sale in sales)
        assert {sale.month for sale in sales} == set(months)
        assert {sale.created_by for sale in sales} == {"Salma Bennis", "Youssef Alami"}
        last = queries.profit_of(session, months[-1])
        assert (last.total_revenue, last.total_cost) == (
            4 * 4000 + 3 * 5700 + 4 * 3600 + 5600,
            4 * 2000 + 3 * 3000 + 4 * 1700 + 2900,
        )


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 10, 31, 23, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 1, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC),
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    ],
    ids=str,
)
def test_no_sample_sale_was_made_in_the_future(database: Database, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        act(database, seed_demo)
        with database.reading() as session:
            sales = queries.transactions(session)
            assert max(sale.created_at for sale in sales) <= now()
            before = [sale for sale in sales if sale.month != current_month(session)]
            assert all(Month.of(sale.created_at.date()) == sale.month for sale in before)
