"""Sales from a file: every row's fate by the rules of the till, and the same file twice adds nothing."""

import threading
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from tests import make
from tests.domain.books import SALMA, act, new_offer, part_id, person, refused, reprice
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog.commands import change_service, deactivate
from vela.domain.catalog.intake import ServiceChanges
from vela.domain.catalog.models import Service
from vela.domain.importing import sales
from vela.domain.importing.fates import Fate
from vela.domain.importing.sales import SalesChecked
from vela.domain.ledger import closing, retracing, sums
from vela.domain.ledger.commands import void_sale
from vela.domain.ledger.intake import MonthClosing
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Actor, Role
from vela.errors import Conflict, Forbidden, Stale
from vela.intake import read
from vela.sheets.headings import SALES
from vela.sheets.reading import Table, read_sheet

HEADINGS = "month,offer,quantity,notes"
GOOD = ("2026-09,Atlas,2,Order 1", "2026-10,atlas,1,", "2026-10,Rif,3,Order 2")


@pytest.fixture
def offers(database: Database) -> tuple[int, int]:
    return new_offer(database, "Atlas", ("HDD", 600, 1000)), new_offer(database, "Rif", ("SSD", "300.25", 600))


def table(*rows: str, headings: str = HEADINGS) -> Table:
    return read_sheet("\n".join([headings, *rows]).encode(), SALES, needed=sales.NEEDED, mark=".")


def check(database: Database, read_: Table, actor: Actor = SALMA) -> SalesChecked:
    with database.reading() as session:
        return sales.check_sales(session, actor, read_)


def store(database: Database, read_: Table, *, leave_out: bool = False) -> int:
    seen = check(database, read_).mark
    return len(act(database, sales.record_sales, SALMA, read_, seen=seen, leave_out=leave_out))


def fates(database: Database, read_: Table) -> str:
    return " ".join(row.fate for row in check(database, read_).rows)


def complaints(database: Database, *rows: str) -> list[list[str]]:
    return [[each.column for each in row.complaints] for row in check(database, table(*rows)).rows]


def counted(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Transaction)) or 0


def test_the_preview_says_what_each_month_would_gain_and_stores_nothing(
    database: Database, offers: tuple[int, int]
) -> None:
    checked = check(database, table(*GOOD))
    assert [row.fate for row in checked.rows] == [Fate.ADD] * 3
    assert {str(month): (count, worth.sell, worth.cost) for month, (count, worth) in checked.months.items()} == {
        "2026-09": (1, 2000, 1200),
        "2026-10": (2, 2800, Decimal("1500.75")),
    }
    assert (checked.total.sell, checked.total.margin) == (4800, Decimal("2099.25"))
    assert counted(database) == 0


def test_every_good_row_becomes_a_sale_with_an_entry_of_its_own(database: Database, offers: tuple[int, int]) -> None:
    assert store(database, table(*GOOD)) == 3
    with database.reading() as session:
        every = session.scalars(select(Transaction).order_by(Transaction.id)).all()
        assert [(str(each.month), each.service_id, each.quantity, each.notes, each.revenue) for each in every] == [
            ("2026-09", offers[0], 2, "Order 1", 2000),
            ("2026-10", offers[0], 1, "", 1000),
            ("2026-10", offers[1], 3, "Order 2", 1800),
        ]
        told = session.scalars(select(AuditEntry).where(AuditEntry.subject == "transaction").order_by(AuditEntry.id))
        assert [(each.action, each.subject_id, each.face) for each in told] == [
            ("record sale", each.id, "browser") for each in every
        ]
        assert sums.check(session) == []
        assert list(retracing.untold(session)) == []


def test_the_same_file_again_adds_nothing_and_three_more_rows_add_three(
    database: Database, offers: tuple[int, int]
) -> None:
    twice = "2026-10,Rif,3,Order 2"
    assert store(database, table(*GOOD, twice)) == 4
    assert fates(database, table(*GOOD, twice)) == "same same same same"
    assert refused(Conflict, database, sales.record_sales, SALMA, table(*GOOD), seen=check(database, table(*GOOD)).mark)
    assert store(database, table("2026-11,Rif,1,", *GOOD, twice, twice, "2026-09,Atlas,3,Order 1")) == 3
    assert counted(database) == 7


def test_a_voided_or_renamed_sale_stays_known(database: Database, offers: tuple[int, int]) -> None:
    assert store(database, table(GOOD[0])) == 1
    act(database, void_sale, SALMA, 1)
    act(database, deactivate, SALMA, offers[0])
    assert fates(database, table(GOOD[0])) == "same"


def test_sales_that_vela_wrote_into_a_file_are_not_recorded_again(database: Database, offers: tuple[int, int]) -> None:
    with database.transaction() as session:
        make.sale(session, session.get_one(Service, offers[0]), 2, "2026-10")
    headings = "month,offer,quantity,notes,voided by,id"
    rows = ("2026-10,Atlas,2,,,1", "2026-10,Atlas,3,,,1", "2026-10,Atlas,2,,Omar,99", "2026-10,Atlas,2,,,x")
    assert fates(database, table(*rows, headings=headings)) == "same add same add"


def test_what_cannot_be_recorded_is_said_row_by_row_in_the_words_of_the_intake(
    database: Database, offers: tuple[int, int]
) -> None:
    new_offer(database, "Old", ("A", 1, 2))
    act(database, deactivate, SALMA, 3)
    with database.transaction() as session:
        make.offer(session, "Empty", components=[])
    words = read(MonthClosing, {"month": "2026-08", "reason": "Handed in"})
    act(database, closing.close_month, SALMA, words)
    rows = (
        "2026-10,Nowhere,1,", "2026-10,,1,", "soon,Atlas,0,", "2026-10,Atlas,1.5,", "2026-10,Atlas,,",
        "2026-08,Atlas,1,", "2026-10,Old,1,", "2026-10,Empty,1,", f"2026-10,Atlas,1,{'x' * 501}", "2026-10,Atlas,1,ok",
        "2026-10,Atlas,1000001,",
    )  # fmt: skip
    assert complaints(database, *rows) == [
        ["offer"], ["offer"], ["quantity", "month"], ["quantity"], ["quantity"],
        ["month"], ["offer"], ["offer"], ["notes"], [],
        ["quantity"],
    ]  # fmt: skip
    seen = check(database, table(*rows)).mark
    assert refused(Conflict, database, sales.record_sales, SALMA, table(*rows), seen=seen).code == "bad_rows"
    assert store(database, table(*rows), leave_out=True) == 1


def test_a_month_does_not_grow_beyond_what_is_exact_row_by_row(database: Database) -> None:
    new_offer(database, "Dear", *[("Gold", 0, 9_000_000_000)] * 34)
    assert fates(database, table(*["2026-10,Dear,1,"] * 3, "2026-11,Dear,1,")) == "add add bad add"


def test_other_amounts_in_the_file_are_remarked_on(database: Database, offers: tuple[int, int]) -> None:
    rows = ("2026-10,Atlas,2,2000.00,1200", "2026-10,Atlas,2,1900,1200", "2026-10,Atlas,2,2000,1", "2026-10,Atlas,2,,")
    checked = check(database, table(*rows, headings="month,offer,quantity,revenue,cost"))
    assert [bool(row.remark) for row in checked.rows] == [False, True, True, False]
    assert checked.differing == 2


@pytest.mark.parametrize("change", ["price", "closed", "archived"])
def test_what_changed_since_the_preview_is_shown_before_anything_is_stored(
    database: Database, offers: tuple[int, int], change: str
) -> None:
    file = table("2026-08,Atlas,1,", "2026-10,Rif,1,")
    seen = check(database, file).mark
    if change == "price":
        reprice(database, part_id(database, offers[0], "HDD"), unit_sell=1100)
    elif change == "closed":
        words = read(MonthClosing, {"month": "2026-08", "reason": "Handed in"})
        act(database, closing.close_month, SALMA, words)
    else:
        act(database, deactivate, SALMA, offers[0])
    refused(Stale, database, sales.record_sales, SALMA, file, seen=seen, leave_out=True)


def test_offers_that_swapped_names_since_the_preview_are_other_offers(database: Database) -> None:
    with database.transaction() as session:
        one, two = (make.offer(session, name).id for name in ("One", "Two"))
    file = table("2026-10,One,1,")
    seen = check(database, file).mark
    for service_id, name in ((one, "Three"), (two, "One")):
        act(database, change_service, SALMA, service_id, read(ServiceChanges, {"name": name}))
    refused(Stale, database, sales.record_sales, SALMA, file, seen=seen)


def test_who_may_not_record_sales_sees_no_preview(database: Database, offers: tuple[int, int]) -> None:
    looker = make.viewer(may_record_sales=False)
    refused(Forbidden, database, sales.check_sales, looker, table(*GOOD))
    refused(Forbidden, database, sales.record_sales, looker, table(*GOOD), seen="")
    assert check(database, table(*GOOD), person("Viewer", Role.VIEWER)).count(Fate.ADD) == 3


def test_one_file_sent_by_two_at_once_is_recorded_once(database: Database, offers: tuple[int, int]) -> None:
    file = table(*GOOD)
    seen, outcomes, gate = check(database, file).mark, list[str](), threading.Barrier(2)

    def send() -> None:
        gate.wait()
        try:
            outcomes.append(str(len(act(database, sales.record_sales, SALMA, file, seen=seen))))
        except Stale:
            outcomes.append("stale")

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["3", "stale"]
    assert counted(database) == 3


def test_an_offer_is_found_however_its_accents_are_written(database: Database) -> None:
    new_offer(database, "Caf\u00e9", ("HDD", 600, 1000))
    assert fates(database, table("2026-09,Cafe\u0301,1,")) == "add"
