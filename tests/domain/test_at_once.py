"""Many people at the same moment, on real databases: nothing lost, nothing doubled, nobody told that it is locked."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import func, select

from tests import make
from tests.domain.books import SALMA, YOUSSEF, act, new_offer, part, part_id
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import queries as catalog
from vela.domain.catalog import undoing
from vela.domain.catalog.commands import (
    add_component,
    change_service,
    create_service,
    remove_component,
    revise_component,
)
from vela.domain.catalog.intake import ComponentChanges, NewComponent, NewService, ServiceChanges
from vela.domain.ledger import queries, sums
from vela.domain.ledger.commands import clear_samples, record_sale, void_sale
from vela.domain.ledger.expenses import change_expense
from vela.domain.ledger.intake import ExpenseChanges, NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Role, operator
from vela.domain.people.commands import change_user, create_user
from vela.domain.people.intake import NewUser, UserChanges
from vela.domain.people.queries import active_admins
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace, seed_once
from vela.errors import Conflict, NotFound, Refusal, Stale
from vela.intake import read
from vela.periods import Month
from vela.seeding import seed_demo, seed_essentials

NOVEMBER = Month(2026, 11)


def at_once(work: list[Callable[[], object]]) -> list[object]:
    """Do all of it in threads that start together; a refusal is an answer, anything else a failure."""
    barrier = Barrier(len(work))

    def start(each: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return each()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(start, work))


def kinds(outcomes: list[object]) -> Counter[str]:
    return Counter(type(each).__name__ for each in outcomes)


def doing(database: Database, verb: Callable[..., Any], *arguments: Any, **named: Any) -> Callable[[], object]:
    return lambda: act(database, verb, *arguments, **named)


def selling(service: int, quantity: int = 1) -> NewTransaction:
    return NewTransaction(service_id=service, quantity=quantity, month=NOVEMBER)


def test_every_sale_of_eight_sellers_counts_once(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", "600.01", 1000))

    def sell_five() -> None:
        for quantity in range(1, 6):
            act(database, record_sale, SALMA, selling(service, quantity))

    assert kinds(at_once([sell_five] * 8)) == {"NoneType": 8}
    with database.reading() as session:
        assert sums.check(session) == []
        month = queries.profit_of(session, NOVEMBER)
        assert session.scalar(select(func.count()).select_from(Transaction)) == 40
    assert (month.total_revenue, month.total_cost * 100) == (8 * 15 * 1000, 8 * 15 * 60001)


def test_sixteen_writers_are_never_told_that_the_database_is_locked(database: Database) -> None:
    offers = [new_offer(database, f"Offer {number}") for number in range(4)]
    outcomes = at_once([doing(database, record_sale, SALMA, selling(offers[number % 4])) for number in range(16)])
    assert kinds(outcomes) == {"Transaction": 16}


def test_eight_editors_of_one_offer_make_eight_revisions_without_a_gap(database: Database) -> None:
    service = new_offer(database, "Atlas", *((f"Part {number}", 100, 200) for number in range(8)))
    parts = [part_id(database, service, f"Part {number}") for number in range(8)]
    dearer = read(ComponentChanges, {"unit_cost": 101})
    work = [doing(database, revise_component, SALMA, each, dearer, version=1) for each in parts]
    assert kinds(at_once(work)) == {"Component": 8}
    with database.reading() as session:
        revisions = catalog.revisions(session, service)
        assert [each.number for each in revisions] == list(range(9, 0, -1))
        assert sorted(each.cost for each in revisions) == list(range(800, 809))
        assert catalog.service(session, service).version == 9


def test_of_two_editors_of_one_cell_one_wins_and_the_other_hears_of_it(database: Database) -> None:
    service = new_offer(database)
    component = part_id(database, service, "HDD")
    mine, yours = read(ComponentChanges, {"unit_cost": 610}), read(ComponentChanges, {"unit_cost": 620})
    outcomes = at_once(
        [
            doing(database, revise_component, SALMA, component, mine, version=1),
            doing(database, revise_component, YOUSSEF, component, yours, version=1),
        ]
    )
    assert kinds(outcomes) == {"Component": 1, "Stale": 1}
    [stale] = [each for each in outcomes if isinstance(each, Stale)]
    with database.reading() as session:
        kept = part(session, service, "HDD").unit_cost
        assert catalog.service(session, service).version == 2
    assert stale.data["theirs"] == kept
    assert stale.data["who"] == ("Salma" if kept == 610 else "Youssef")


def test_additions_at_one_place_all_arrive_in_one_order(database: Database) -> None:
    service = new_offer(database)
    words = [read(NewComponent, {"name": f"N{n}", "unit_cost": 1, "unit_sell": 2, "position": 1}) for n in range(8)]
    assert kinds(at_once([doing(database, add_component, SALMA, service, each) for each in words])) == {"Component": 8}
    with database.reading() as session:
        lines = catalog.service(session, service).components
        assert [line.position for line in lines] == list(range(1, 10))
        assert lines[-1].name == "HDD"


def test_one_of_several_removes_and_one_of_several_undoes(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 1, 2), ("RAM", 1, 2))
    component = part_id(database, service, "RAM")
    outcomes = at_once([doing(database, remove_component, SALMA, component)] * 4)
    assert kinds(outcomes) == {"Component": 1, "NotFound": 3}
    outcomes = at_once([doing(database, undoing.undo, SALMA, service, 2)] * 4)
    assert kinds(outcomes) == {"Revision": 1, "Conflict": 3}


def test_a_sale_is_worth_what_its_revision_says_while_prices_move(database: Database) -> None:
    service = new_offer(database)
    component = part_id(database, service, "HDD")
    work = [doing(database, record_sale, SALMA, selling(service)) for _ in range(6)]
    work += [
        doing(database, revise_component, SALMA, component, read(ComponentChanges, {"unit_sell": 2000 + number}))
        for number in range(4)
    ]
    at_once(work)
    with database.reading() as session:
        assert sums.check(session) == []
        sales = queries.transactions(session)
        assert len(sales) == 6
        assert [sale.revenue for sale in sales] == [sale.revision.sell for sale in sales]


def test_a_sale_is_voided_once(database: Database) -> None:
    service = new_offer(database)
    sale = act(database, record_sale, SALMA, selling(service, 3)).id
    outcomes = at_once([doing(database, void_sale, SALMA, sale)] * 4)
    assert kinds(outcomes) == {"Transaction": 1, "NotFound": 3}
    with database.reading() as session:
        assert sums.check(session) == []
        assert queries.profit_of(session, NOVEMBER).total_revenue == 0


def test_clearing_samples_loses_no_sale_that_is_made_meanwhile(database: Database) -> None:
    service = new_offer(database)
    other = new_offer(database, "Rif")
    for _ in range(5):
        act(database, record_sale, SALMA, selling(service), sample=True)
    work = [doing(database, record_sale, SALMA, selling(each)) for each in (service, other) * 4]
    at_once([*work, doing(database, clear_samples, SALMA)])
    with database.reading() as session:
        assert sums.check(session) == []
        assert queries.profit_of(session, NOVEMBER).total_revenue == 8000


def test_a_name_goes_to_one_of_several(database: Database) -> None:
    mine, yours = new_offer(database, "Mine"), new_offer(database, "Yours")
    named = read(ServiceChanges, {"name": "Atlas"})
    outcomes = at_once(
        [
            doing(database, create_service, SALMA, read(NewService, {"name": "ATLAS"})),
            doing(database, change_service, SALMA, mine, named),
            doing(database, change_service, YOUSSEF, yours, named),
        ]
    )
    assert kinds(outcomes) == {"Service": 1, "Conflict": 2}
    assert {each.code for each in outcomes if isinstance(each, Conflict)} == {"taken"}


def test_a_username_goes_to_one_of_several(database: Database) -> None:
    words = read(NewUser, {"username": "salma", "display_name": "Salma", "password": make.PASSWORD})
    outcomes = at_once([doing(database, create_user, operator(), words)] * 4)
    assert kinds(outcomes) == {"User": 1, "Conflict": 3}


def test_two_admins_cannot_take_each_other_s_rights(database: Database) -> None:
    with database.transaction() as session:
        first, second = (make.user(session, name, role=Role.ADMIN).id for name in ("first", "second"))
    demote, deactivate = read(UserChanges, {"role": "viewer"}), read(UserChanges, {"active": False})
    outcomes = at_once(
        [
            doing(database, change_user, operator(), first, demote),
            doing(database, change_user, operator(), second, deactivate),
        ]
    )
    assert kinds(outcomes) == {"User": 1, "Conflict": 1}
    with database.reading() as session:
        assert active_admins(session) == 1


def test_one_of_two_corrections_of_an_expense_is_stale(database: Database) -> None:
    amounts = [read(ExpenseChanges, {"amount": amount}) for amount in (900, 1000)]
    outcomes = at_once([doing(database, change_expense, SALMA, 1, words, version=1) for words in amounts])
    assert kinds(outcomes) == {"OperatingExpense": 1, "Stale": 1}


def test_the_first_settings_may_be_said_by_several(database: Database) -> None:
    words = [read(WorkspaceChanges, {"name": f"Books {number}"}) for number in range(4)]
    assert kinds(at_once([doing(database, change_workspace, SALMA, each) for each in words])) == {"Workspace": 4}
    with database.reading() as session:
        changes = select(func.count()).where(AuditEntry.subject == "workspace")
        assert session.scalar(changes) == 4


def test_processes_that_start_at_once_seed_once(database: Database) -> None:
    assert Counter(at_once([doing(database, seed_once, "something")] * 6)) == {True: 1, False: 5}
    outcomes = at_once([doing(database, seed_demo)] * 3 + [doing(database, seed_essentials)] * 3)
    assert Counter(outcomes) == {True: 1, False: 2, None: 3}
    with database.reading() as session:
        assert len(catalog.services(session)) == 4
        assert [expense.amount for expense in queries.expenses(session)] == [800]


def test_a_removed_offer_part_is_not_edited_by_a_late_hand(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 1, 2), ("RAM", 1, 2))
    component = part_id(database, service, "RAM")
    outcomes = at_once(
        [
            doing(database, remove_component, SALMA, component),
            doing(database, revise_component, YOUSSEF, component, read(ComponentChanges, {"unit_cost": 5})),
        ]
    )
    assert kinds(outcomes)["Component"] + sum(isinstance(each, NotFound) for each in outcomes) == 2
    with database.reading() as session:
        found = catalog.service(session, service)
        assert [line.name for line in found.components] == ["HDD"]
        assert catalog.revisions(session, service)[0].totals == found.totals
