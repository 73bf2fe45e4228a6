"""What an offer cost and sold for over time, and reading its revisions page by page."""

from datetime import UTC, datetime, timedelta

import time_machine

from tests import make
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.catalog.commands import change_service, revise_component
from vela.domain.catalog.history import price_points
from vela.domain.catalog.intake import ComponentChanges, ServiceChanges
from vela.intake import read

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_each_change_of_cost_or_price_is_one_point(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock, database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000))
        part = offer.components[0].id
        for cost in ("610", "620"):
            clock.shift(timedelta(days=10))
            revise_component(session, make.admin(), part, read(ComponentChanges, {"unit_cost": cost}))
        clock.shift(timedelta(days=1))
        change_service(session, make.admin(), offer.id, read(ServiceChanges, {"description": "no price"}))
        points = price_points(session, offer.id, START)
        assert [(point.at - START, int(point.totals.cost)) for point in points] == [
            (timedelta(0), 600),
            (timedelta(days=10), 610),
            (timedelta(days=20), 620),
        ]


def test_what_held_at_the_start_comes_first(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock, database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000))
        clock.shift(timedelta(days=10))
        change = read(ComponentChanges, {"unit_cost": "610"})
        revise_component(session, make.admin(), offer.components[0].id, change)
        since = START + timedelta(days=5)
        assert [int(point.totals.cost) for point in price_points(session, offer.id, since)] == [600, 610]
        later = START + timedelta(days=50)
        assert [int(point.totals.cost) for point in price_points(session, offer.id, later)] == [610]
        assert price_points(session, offer.id + 1, START) == []


def test_revisions_can_be_read_from_a_number_on(database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session)
        for name in ("One", "Two", "Three"):
            change_service(session, make.admin(), offer.id, read(ServiceChanges, {"name": name}))
        found = queries.revisions(session, offer.id, before=4, most=2)
        assert [(each.number, each.name) for each in found] == [(3, "Two"), (2, "One")]
