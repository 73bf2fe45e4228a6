"""What would be: offers at supposed costs and prices."""

from decimal import Decimal

import pytest

from tests import make
from vela.db import Database
from vela.domain.catalog.commands import deactivate
from vela.domain.insight.what_if import suppose
from vela.errors import Invalid

RAM_UP = {"cost_change": Decimal(10), "sell_change": Decimal(0)}


def test_dearer_ram_moves_the_ram_of_every_offer_and_nothing_else(database: Database) -> None:
    with database.transaction() as session:
        make.offer(session, "Atlas", ("HDD (1TB)", 600, 1000), ("RAM (16GB)", 300, 500))
        make.offer(session, "Plain", ("HDD (1TB)", 600, 1000))
    with database.reading() as session:
        atlas, plain = suppose(session, **RAM_UP, only="ram")
        assert (atlas.scenario.now.cost, atlas.scenario.then.cost) == (Decimal("900.00"), Decimal("930.00"))
        assert atlas.scenario.then.margin_pct == Decimal("38.00")
        assert [(each.component.name, each.unit_cost) for each in atlas.moved] == [("RAM (16GB)", Decimal(330))]
        assert atlas.scenario.price_to_keep_margin == Decimal("1550.00")
        assert plain.scenario.now == plain.scenario.then
        assert plain.moved == []


def test_a_group_is_meant_only_as_a_whole(database: Database) -> None:
    with database.transaction() as session:
        service = make.offer(session, "Atlas", ("HDD", 600, 1000))
        make.component(session, service, "DIMM", 300, 500, group="Memory")
    with database.reading() as session:
        assert [each.component.name for each in suppose(session, **RAM_UP, only="MEMORY")[0].moved] == ["DIMM"]
        with pytest.raises(Invalid, match="Leave it out to move every cost"):
            suppose(session, **RAM_UP, only="memo")


def test_without_a_name_every_cost_and_every_price_moves(database: Database) -> None:
    with database.transaction() as session:
        make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
    with database.reading() as session:
        (atlas,) = suppose(session, cost_change=Decimal(50), sell_change=Decimal(-10), only="")
        assert (atlas.scenario.then.cost, atlas.scenario.then.sell) == (Decimal("1350.00"), Decimal("1350.00"))
        assert len(atlas.moved) == 2


def test_an_archived_offer_is_left_out_and_an_empty_catalog_is_no_mistake(database: Database) -> None:
    with database.reading() as session:
        assert suppose(session, **RAM_UP, only="") == []
    with database.transaction() as session:
        deactivate(session, make.admin(), make.offer(session).id)
    with database.reading() as session:
        assert suppose(session, **RAM_UP, only="") == []
        with pytest.raises(Invalid):
            suppose(session, **RAM_UP, only="HDD")


def test_supposing_stores_nothing(database: Database) -> None:
    with database.transaction() as session:
        make.offer(session)
    with database.reading() as session:
        suppose(session, cost_change=Decimal(10), sell_change=Decimal(10), only="")
    with database.reading() as session:
        (atlas,) = suppose(session, cost_change=Decimal(0), sell_change=Decimal(0), only="")
        assert atlas.scenario.now.cost == Decimal("600.00")
        assert atlas.service.version == 1
