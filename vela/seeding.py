"""Starting data: what every installation has, the preset offers, and the demo with its sample sales."""

import itertools
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from vela import clock
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import create_service
from vela.domain.catalog.intake import NewService
from vela.domain.catalog.preset import preset_offers
from vela.domain.ledger import queries
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.expenses import add_expense, change_expense
from vela.domain.ledger.intake import ExpenseChanges, NewExpense, NewTransaction
from vela.domain.people import queries as people
from vela.domain.people.access import Actor, Face, operator
from vela.domain.people.commands import create_user
from vela.domain.people.intake import DemoUser
from vela.domain.people.models import User
from vela.domain.people.signins import actor_for
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace, current_month, seed_once
from vela.errors import Conflict
from vela.intake import read
from vela.language import gettext as _
from vela.periods import Month, months_ending

DEFAULT_OPEX = {"name": "Operating expenses", "amount": 800}
DEMO_NAME = "Atlas Hosting"
DEMO_USERS = (
    {
        "username": "admin",
        "display_name": "Salma Bennis",
        "password": "admin123",
        "role": "admin",
    },
    {
        "username": "viewer",
        "display_name": "Youssef Alami",
        "password": "viewer123",
        "role": "viewer",
    },
)

# Units sold of Atlas, Atlas+, Rif and Rif+ in each of the last twelve months, oldest first.
_SAMPLE_UNITS = (
    (1, 1, 2, 0), (2, 1, 1, 1), (1, 1, 2, 1), (2, 1, 3, 0), (2, 2, 2, 1), (3, 1, 2, 1),
    (2, 2, 3, 1), (2, 1, 3, 1), (1, 1, 1, 1), (3, 2, 3, 1), (3, 2, 3, 2), (4, 3, 4, 1),
)  # fmt: skip
_SAMPLE_OFFERS = ("Atlas", "Atlas+", "Rif", "Rif+")
_SAMPLE_NOTES = (
    "",
    "Renewal",
    "",
    "Order 1047, second node",
    "",
    "Two trays, same customer",
    "Migrated from Atlas",
)


def seed_essentials(session: Session, *, since: Month | None = None) -> None:
    """What no installation is without: the default operating expenses, from the month `since` on. Loaded once, ever."""
    if seed_once(session, "essentials"):
        add_expense(session, operator(), read(NewExpense, {**DEFAULT_OPEX, "first_month": since}))


def seed_offers(session: Session) -> bool:
    """The four preset offers. Loaded once, ever, and only into an empty catalog; returns whether they were."""
    if catalog.services(session, include_inactive=True) or not seed_once(session, "offers"):
        return False
    for words in preset_offers():
        create_service(session, operator(), read(NewService, words))
    return True


def seed_demo(session: Session) -> bool:
    """Demo users, and twelve months of sample sales on the preset offers. Loaded once, ever; returns whether now.

    Raises Conflict in books that somebody keeps already: known passwords and invented sales do not belong there.
    """
    in_use = people.users(session) or catalog.services(session, include_inactive=True)
    if not seed_once(session, "demo"):
        return False
    if in_use:
        words = _("These books are in use already, so no example data is put into them. Serve them with `vela serve`.")
        raise Conflict("in_use", words)
    seed_offers(session)
    _spread_expenses(session)
    change_workspace(session, operator(), read(WorkspaceChanges, {"name": DEMO_NAME}))
    users = [create_user(session, operator(), read(DemoUser, words), demo=True) for words in DEMO_USERS]
    _seed_sales(session, [actor_for(user, Face.COMMAND) for user in users])
    return True


def _spread_expenses(session: Session) -> None:
    """Let the expenses of books that began this month count in the months of the sample sales too."""
    for expense in queries.expenses(session):
        if expense.first_month is not None:
            change_expense(session, operator(), expense.id, ExpenseChanges(first_month=None))


def demo_users(session: Session) -> list[User]:
    """The active users whose passwords everybody knows."""
    return [user for user in people.users(session) if user.demo and user.active]


def _seed_sales(session: Session, sellers: list[Actor]) -> None:
    offers = {service.name: service for service in catalog.services(session)}
    notes, seller = itertools.cycle(_SAMPLE_NOTES), itertools.cycle(sellers)
    for month, units in zip(months_ending(current_month(session), len(_SAMPLE_UNITS)), _SAMPLE_UNITS, strict=True):
        batches = [
            (name, quantity) for name, sold in zip(_SAMPLE_OFFERS, units, strict=True) for quantity in _batches(sold)
        ]
        for (name, quantity), moment in zip(batches, _spread(month, len(batches)), strict=True):
            words = NewTransaction(service_id=offers[name].id, quantity=quantity, month=month, notes=next(notes))
            record_sale(session, next(seller), words, sample=True).created_at = moment


def _batches(units: int) -> list[int]:
    """Units as a few sales of one or two: 4 becomes 2, 1, 1."""
    return [2] + [1] * (units - 2) if units > 1 else [1] * units


def _spread(month: Month, count: int) -> list[datetime]:
    """`count` moments spread over the days of a month, none of them in the future."""
    morning = datetime(month.year, month.number, 1, 9, tzinfo=UTC)
    first, last = min(clock.now(), morning), min(clock.now(), morning + timedelta(days=month.days - 1))
    return [first + (last - first) * step / max(1, count) for step in range(count)]
