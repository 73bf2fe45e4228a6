"""An offer and its list price are made to agree, once."""

import pytest

from tests import make
from vela.db import Database
from vela.domain.catalog import list_price, queries
from vela.errors import Conflict, Forbidden


def test_a_discount_takes_the_offer_to_its_list_price_and_no_further(database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 60, 200), list_sell=150)
        line = list_price.discount_to_list(session, make.admin(), offer.id)
        assert (line.name, line.kind, line.totals.sell) == ("Discount", "adjustment", -50)
        assert queries.service(session, offer.id).list_gap == 0
        with pytest.raises(Conflict, match="add up to the list price already"):
            list_price.discount_to_list(session, make.admin(), offer.id)
        assert len(offer.components) == 2


def test_a_surcharge_when_the_list_asks_more(database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 60, 200), list_sell="260.50")
        assert list_price.discount_to_list(session, make.admin(), offer.id).totals.sell == 60.5


def test_the_list_is_set_to_the_sum(database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 60, 200), list_sell=150)
        assert list_price.list_at_sum(session, make.admin(), offer.id).list_sell == 200


def test_neither_without_a_list_price_nor_by_a_viewer(database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas")
        with pytest.raises(Conflict):
            list_price.discount_to_list(session, make.admin(), offer.id)
        for act in (list_price.discount_to_list, list_price.list_at_sum):
            with pytest.raises(Forbidden):
                act(session, make.viewer(), offer.id)
