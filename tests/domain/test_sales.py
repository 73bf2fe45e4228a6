"""Recording and voiding sales: frozen to what was sold, with every refusal, and what a month adds up to."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.domain.books import SALMA, act, change, new_offer, part_id, person, refused, reprice
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog.commands import add_component, deactivate, remove_component
from vela.domain.catalog.intake import NewComponent
from vela.domain.ledger import queries, sums
from vela.domain.ledger.commands import clear_samples, record_sale, reinstate_sale, void_sale
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import MonthSum, Transaction
from vela.domain.people.access import Actor, Face, Role
from vela.errors import Conflict, Forbidden, Invalid, NotFound
from vela.intake import read
from vela.periods import Month
from vela.seeding import seed_demo

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
VIEWER = person("Viewer", Role.VIEWER)
LOOKER = Actor(None, "looker", "Looker", Role.VIEWER, may_record_sales=False, face=Face.API)


def sell(database: Database, service: int, quantity: int = 1, month: Month = NOVEMBER, **named: Any) -> int:
    return act(database, record_sale, SALMA, words(service, quantity, month), **named).id


def words(service: int, quantity: int = 1, month: Month = NOVEMBER, notes: str = "") -> NewTransaction:
    said = {"service_id": service, "quantity": quantity, "month": str(month), "notes": notes}
    return read(NewTransaction, said)


def profit(database: Database, month: Month = NOVEMBER) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    with database.reading() as session:
        assert sums.check(session) == []
        found = queries.profit_of(session, month)
        return found.total_revenue, found.total_cost, found.opex, found.net_profit


# ---------- recording


def test_a_sale_is_worth_quantity_times_the_prices_of_now(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", "600.005", 1000), ("RAM", 300, "500.50"))
    with database.transaction() as session:
        sale = record_sale(session, VIEWER, words(service, 3, notes="Order 1047"))
        assert (sale.cost, sale.revenue, sale.totals.margin) == (
            Decimal("2700.03"),
            Decimal("4501.50"),
            Decimal("1801.47"),
        )
        assert (sale.created_by, sale.face, sale.notes, sale.sample) == ("Viewer", "browser", "Order 1047", False)
        assert (sale.revision.number, sale.service.name) == (1, "Atlas")
    assert profit(database) == (Decimal("4501.50"), Decimal("2700.03"), 800, Decimal("1001.47"))


def test_what_happens_to_the_offer_later_changes_no_sale(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 600, 1000))
    sale = sell(database, service, 2)
    reprice(database, part_id(database, service, "HDD"), unit_cost=9000, quantity=3)
    act(database, add_component, SALMA, service, read(NewComponent, {"name": "SSD", "unit_cost": 1, "unit_sell": 1}))
    act(database, remove_component, SALMA, part_id(database, service, "HDD"))
    change(database, service, name="Renamed")
    act(database, deactivate, SALMA, service)
    assert profit(database) == (2000, 1200, 800, 0)
    with database.reading() as session:
        kept = queries.transaction(session, sale)
        assert (kept.revenue, kept.cost) == (2000, 1200)
        assert (kept.revision.name, [line.unit_cost for line in kept.revision.lines]) == ("Atlas", [600])
        [hdd] = queries.component_months(session, [NOVEMBER])
        assert (hdd.name, hdd.totals.cost, hdd.totals.sell) == ("HDD", 1200, 2000)


def test_only_those_who_may_record_sales(database: Database) -> None:
    service = new_offer(database)
    refusal = refused(Forbidden, database, record_sale, LOOKER, words(service))
    assert "An admin can allow it" in refusal.message
    act(database, record_sale, VIEWER, words(service))


@pytest.mark.parametrize("nobody", [999, 2**31 - 1, 2**31, 2**53 - 1])
def test_an_unknown_offer_cannot_be_sold(database: Database, nobody: int) -> None:
    refused(NotFound, database, record_sale, SALMA, words(nobody))


def test_an_archived_offer_cannot_be_sold(database: Database) -> None:
    service = new_offer(database)
    act(database, deactivate, SALMA, service)
    refusal = refused(Conflict, database, record_sale, SALMA, words(service))
    assert (refusal.code, refusal.data["field"]) == ("service_inactive", "service_id")


def test_an_offer_without_components_has_no_price_to_sell_at(database: Database) -> None:
    service = new_offer(database)
    act(database, remove_component, SALMA, part_id(database, service, "HDD"))
    assert refused(Conflict, database, record_sale, SALMA, words(service)).code == "service_empty"


def test_a_gift_is_a_sale_without_revenue(database: Database) -> None:
    sell(database, new_offer(database, "Gift", ("Card", 5, 0)), 10)
    assert profit(database) == (0, 50, 800, -850)
    with database.reading() as session:
        assert queries.profit_of(session, NOVEMBER).net_margin_pct is None


@pytest.mark.parametrize("quantity", [0, -1, "0", 1.5, "1.5", 1_000_001, True, None, "", "١", "1e3", 10**40], ids=repr)
def test_a_quantity_is_a_whole_number_of_one_or_more(quantity: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(NewTransaction, {"service_id": 1, "quantity": quantity, "month": "2026-11"})
    assert [issue.field for issue in refusal.value.issues] == ["quantity"]


@pytest.mark.parametrize("quantity", [1, 1.0, "1", Decimal("1.000"), " 7 ", 1_000_000], ids=repr)
def test_a_whole_number_may_be_written_in_more_than_one_way(quantity: Any) -> None:
    assert read(NewTransaction, {"service_id": 1, "quantity": quantity, "month": "2026-11"}).quantity == int(quantity)


def test_one_absurd_sale_is_refused_under_its_quantity(database: Database) -> None:
    service = new_offer(database, "Dear", ("Gold", 1, "9999999999"))
    refusal = refused(Invalid, database, record_sale, SALMA, words(service, 81))
    assert [issue.field for issue in refusal.issues] == ["quantity"]
    sell(database, service, 79)


def test_a_month_holds_so_much_and_no_more(database: Database) -> None:
    service = new_offer(database, "Dear", ("Gold", "7999999999.99", 1))
    sale = sell(database, service, 100)
    assert refused(Conflict, database, record_sale, SALMA, words(service, 1)).code == "too_large"
    sell(database, service, 1, DECEMBER)
    act(database, void_sale, SALMA, sale)
    sell(database, service, 1)
    assert refused(Conflict, database, reinstate_sale, SALMA, sale).code == "too_large"
    assert profit(database)[1] == Decimal("7999999999.99")


def test_a_large_part_taken_back_by_an_adjustment_keeps_every_figure_exact(database: Database) -> None:
    """The products of such lines would not fit what a database multiplies exactly."""
    service = new_offer(database, "Odd", ("Part", "9999999999.99", "9999999999.99"))
    reprice(database, part_id(database, service, "Part"), quantity=999)
    discount = {"name": "Back", "kind": "adjustment", "quantity": 999}
    less = {"unit_cost": "-9999999999.98", "unit_sell": "-9999999999.97"}
    act(database, add_component, SALMA, service, read(NewComponent, discount | less))
    for _ in range(3):
        sell(database, service, 1_000_000)
    assert profit(database)[:2] == (Decimal(59_940_000), Decimal(29_970_000))
    with database.reading() as session:
        parts = {each.name: each.totals for each in queries.component_months(session, [NOVEMBER])}
    assert parts["Part"].cost == 3_000_000 * 999 * Decimal("9999999999.99")
    assert parts["Part"].cost + parts["Back"].cost == 29_970_000
    assert parts["Part"].sell + parts["Back"].sell == 59_940_000


# ---------- voiding


def test_a_voided_sale_is_in_no_figure_but_still_there(database: Database) -> None:
    service = new_offer(database)
    sale = sell(database, service, 2)
    act(database, void_sale, SALMA, sale)
    assert profit(database) == (0, 0, 800, -800)
    with database.reading() as session:
        kept = queries.transaction(session, sale)
        assert (kept.voided_by, kept.revenue, kept.version) == ("Salma", 2000, 2)
        assert kept.voided_at is not None
        assert queries.transactions(session, month=NOVEMBER) == []
        assert queries.transactions(session, month=NOVEMBER, include_voided=True) == [kept]
        assert session.scalar(select(MonthSum)) is None


def test_a_void_can_be_taken_back_and_neither_twice(database: Database) -> None:
    sale = sell(database, new_offer(database))
    assert refused(Conflict, database, reinstate_sale, SALMA, sale).code == "not_voided"
    act(database, void_sale, SALMA, sale)
    refused(NotFound, database, void_sale, SALMA, sale)
    act(database, reinstate_sale, SALMA, sale)
    assert profit(database)[:2] == (1000, 600)


@pytest.mark.parametrize("nobody", [0, -1, 999, 2**31, 2**63, 10**30])
def test_an_unknown_sale_is_not_found(database: Database, nobody: int) -> None:
    refused(NotFound, database, void_sale, SALMA, nobody)
    refused(NotFound, database, reinstate_sale, SALMA, nobody)
    with database.reading() as session, pytest.raises(NotFound):
        queries.transaction(session, nobody)


def test_a_viewer_records_but_does_not_void(database: Database) -> None:
    sale = act(database, record_sale, VIEWER, words(new_offer(database))).id
    refused(Forbidden, database, void_sale, VIEWER, sale)
    act(database, void_sale, SALMA, sale)
    refused(Forbidden, database, reinstate_sale, VIEWER, sale)
    refused(Forbidden, database, clear_samples, VIEWER)


# ---------- months


def test_months_do_not_mix(database: Database) -> None:
    service = new_offer(database)
    for month, quantity in ((NOVEMBER, 1), (DECEMBER, 2), (Month(1900, 1), 3), (Month(2999, 12), 4)):
        sell(database, service, quantity, month)
        assert profit(database, month)[:2] == (1000 * quantity, 600 * quantity)
    assert profit(database, Month(2026, 10)) == (0, 0, 800, -800)


def test_an_empty_month_is_zeros_and_unknown_margins(database: Database) -> None:
    with database.reading() as session:
        empty = queries.profit_of(session, NOVEMBER)
    assert (empty.total_revenue, empty.total_cost, empty.gross_profit) == (0, 0, 0)
    assert (empty.gross_margin_pct, empty.net_margin_pct) == (None, None)
    assert (empty.opex, empty.net_profit) == (800, -800)


def test_sales_are_listed_by_month_and_offer_newest_first(database: Database) -> None:
    atlas, rif = new_offer(database, "Atlas"), new_offer(database, "Rif")
    first, second, third = sell(database, atlas), sell(database, rif), sell(database, atlas, month=DECEMBER)
    with database.reading() as session:
        assert [sale.id for sale in queries.transactions(session)] == [third, second, first]
        assert [sale.id for sale in queries.transactions(session, month=NOVEMBER)] == [second, first]
        assert [sale.id for sale in queries.transactions(session, service_id=atlas)] == [third, first]
        assert [sale.id for sale in queries.transactions(session, most=1)] == [third]


def test_components_add_up_to_the_month(database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
    with database.reading() as session:
        month = queries.transactions(session, most=1)[0].month
        found = queries.profit_of(session, month)
        parts = queries.component_months(session, [month])
    assert sum(part.totals.cost for part in parts) == found.total_cost > 0
    assert sum(part.totals.sell for part in parts) == found.total_revenue
    assert {part.name: part.offers for part in parts}["HDD (1TB)"] == 3


# ---------- the kept sums


def test_a_tampered_sum_is_found_and_mended(database: Database) -> None:
    service = new_offer(database)
    sell(database, service, 2)
    sell(database, service, 1, DECEMBER)
    with database.transaction() as session:
        session.execute(update(MonthSum).where(MonthSum.month == NOVEMBER).values(revenue=Decimal("1999.99")))
        session.execute(update(MonthSum).where(MonthSum.month == DECEMBER).values(month=Month(2027, 1)))
    with database.reading() as session:
        november, december, january = sums.check(session)
    assert (november.month, november.kept and november.kept.revenue, november.true and november.true.revenue) == (
        NOVEMBER,
        Decimal("1999.99"),
        2000,
    )
    assert (december.kept, january.true) == (None, None)
    with database.transaction() as session:
        assert sums.rebuild(session) == 2
    assert profit(database)[:2] == (2000, 1200)


def test_a_sale_that_bypassed_the_sums_is_found(database: Database) -> None:
    sale = sell(database, new_offer(database))
    with database.transaction() as session:
        session.execute(update(Transaction).where(Transaction.id == sale).values(quantity=5))
    with database.reading() as session:
        [wrong] = sums.check(session)
        assert (wrong.kept and wrong.kept.quantity, wrong.true and wrong.true.quantity) == (1, 5)


def test_the_sums_are_kept_per_revision_and_vanish_with_their_last_sale(database: Database) -> None:
    service = new_offer(database)
    old = sell(database, service, 2)
    sell(database, service, 3)
    reprice(database, part_id(database, service, "HDD"), unit_sell=1100)
    sell(database, service, 1)
    with database.reading() as session:
        rows = session.execute(
            select(MonthSum.sales, MonthSum.quantity, MonthSum.revenue).order_by(MonthSum.revision_id)
        )
        assert [tuple(row) for row in rows] == [(2, 5, 5000), (1, 1, 1100)]
    act(database, void_sale, SALMA, old)
    assert profit(database)[0] == 4100


# ---------- samples


def test_clearing_removes_the_samples_and_nothing_else(database: Database) -> None:
    service = new_offer(database)
    mine = sell(database, service, 2)
    samples = [sell(database, service, 1, sample=True) for _ in range(3)]
    act(database, void_sale, SALMA, samples[0])
    with database.reading() as session:
        assert queries.has_samples(session)
    assert act(database, clear_samples, SALMA) == 3
    with database.reading() as session:
        assert not queries.has_samples(session)
        assert [sale.id for sale in queries.transactions(session, include_voided=True)] == [mine]
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.action, last.before) == ("clear samples", {"sales": 3, "ids": samples})
    assert profit(database)[:2] == (2000, 1200)
    assert act(database, clear_samples, SALMA) == 0
