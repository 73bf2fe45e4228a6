"""Sales as a list: what narrows it, what orders it, what it counts and adds up to."""

from dataclasses import replace
from itertools import product

import pytest

from tests import make
from vela.db import Database
from vela.domain.ledger import listing
from vela.domain.ledger.commands import void_sale
from vela.domain.ledger.listing import Wanted
from vela.periods import Month

NOVEMBER = Wanted(Month(2026, 11))


@pytest.fixture
def offers(database: Database) -> list[int]:
    """Atlas sold once and three times, Rif twice and once voided, all in November."""
    with database.transaction() as session:
        atlas, rif = make.offer(session, "Atlas"), make.offer(session, "Rif", ("SSD", "300.01", 500))
        make.sale(session, atlas, 1, notes="Order_1")
        make.sale(session, atlas, 3, notes="order 1")
        make.sale(session, rif, 2)
        void_sale(session, make.admin(), make.sale(session, rif, 9).id)
        make.sale(session, rif, 5, "2026-10")
        return [atlas.id, rif.id]


@pytest.mark.parametrize(
    ("order", "falling", "quantities"),
    [
        ("added", True, [2, 3, 1]),
        ("added", False, [1, 3, 2]),
        ("quantity", False, [1, 2, 3]),
        ("revenue", True, [3, 2, 1]),
        ("margin", True, [3, 1, 2]),
    ],
)
def test_sales_are_ordered(
    database: Database, offers: list[int], order: str, falling: bool, quantities: list[int]
) -> None:
    with database.reading() as session:
        found = listing.sales(session, NOVEMBER, order=order, falling=falling, most=10)
        assert [sale.quantity for sale in found] == quantities
        assert len(listing.sales(session, NOVEMBER, order=order, falling=falling, most=2)) == 2


def test_all_sales_are_those_of_the_list_in_its_order(
    database: Database, offers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "AT_A_TIME", 2)
    with database.reading() as session:
        for order, falling in product(listing.ORDERS, (True, False)):
            shown = listing.sales(session, NOVEMBER, order=order, falling=falling, most=10)
            told = list(listing.all_sales(session, NOVEMBER, order=order, falling=falling))
            assert [sale.id for sale in told] == [sale.id for sale in shown]
            for sale, line in zip(shown, told, strict=True):
                assert (line.offer, line.revision, line.totals) == (
                    sale.service.name,
                    sale.revision.number,
                    sale.totals,
                )


def test_sales_are_narrowed_counted_and_added_up(database: Database, offers: list[int]) -> None:
    with database.reading() as session:
        everything = listing.together(session, NOVEMBER)
        assert (everything.sales, everything.quantity) == (3, 6)
        assert (str(everything.totals.cost), str(everything.totals.sell)) == ("3000.02", "5000.00")
        assert listing.counts(session, replace(NOVEMBER, service_id=offers[0])) == {offers[0]: 2, offers[1]: 1}
        assert listing.together(session, replace(NOVEMBER, service_id=offers[1])).quantity == 2
        assert listing.together(session, replace(NOVEMBER, notes="ORDER")).sales == 2
        assert listing.together(session, replace(NOVEMBER, notes="_")).sales == 1
        assert listing.together(session, replace(NOVEMBER, by="Operator")).sales == 3
        assert listing.together(session, replace(NOVEMBER, voided=True)).quantity == 9
        nothing = listing.together(session, replace(NOVEMBER, by="Nobody"))
        assert (nothing.sales, nothing.quantity, nothing.totals.margin_pct) == (0, 0, None)
        assert listing.sellers(session, NOVEMBER.span) == ["Operator"]
        assert listing.sellers(session, Month(2020, 1).span) == []
