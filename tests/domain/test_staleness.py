"""Two people at one offer: who edits the same field second hears who was first, and other fields merge."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from tests.domain.books import SALMA, YOUSSEF, act, change, new_offer, part_id, person, refused, reprice
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.catalog.commands import change_service, remove_component, revise_component
from vela.domain.catalog.intake import ComponentChanges, ServiceChanges
from vela.errors import Stale
from vela.intake import read

NADIA = person("Nadia")
VALUES: dict[str, tuple[Any, Any]] = {
    "name": ("Disk", "Drive"),
    "unit_cost": (610, 620),
    "unit_sell": (1010, 1020),
    "quantity": (2, 3),
    "notes": ("theirs", "yours"),
    "group": ("Storage", "Disks"),
}


@pytest.fixture
def component(database: Database) -> int:
    return part_id(database, new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500)), "HDD")


def stale(database: Database, component: int, version: int, **words: Any) -> Stale:
    changes = read(ComponentChanges, words)
    return refused(Stale, database, revise_component, YOUSSEF, component, changes, version=version)


@pytest.mark.parametrize("field", VALUES)
def test_the_second_to_edit_a_field_hears_who_changed_what_and_when(
    database: Database, component: int, field: str
) -> None:
    theirs, yours = VALUES[field]
    with time_machine.travel(datetime(2030, 5, 4, 3, 2, 1, tzinfo=UTC), tick=False):
        reprice(database, component, version=1, actor=SALMA, **{field: theirs})
    refusal = stale(database, component, 1, **{field: yours})
    assert (refusal.code, refusal.data["field"]) == ("stale", field)
    assert (refusal.data["theirs"], refusal.data["yours"]) == (theirs, yours)
    assert (refusal.data["who"], refusal.data["version"]) == ("Salma", 2)
    assert refusal.data["at"] == datetime(2030, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert refusal.message.startswith("Salma changed this meanwhile")


def test_different_fields_of_one_component_merge(database: Database, component: int) -> None:
    reprice(database, component, version=1, actor=SALMA, unit_cost=610)
    merged = reprice(database, component, version=1, actor=YOUSSEF, unit_sell=1020, position=2)
    assert (merged.unit_cost, merged.unit_sell, merged.version) == (610, 1020, 3)


def test_the_one_who_changed_the_field_is_named_and_not_whoever_came_last(database: Database, component: int) -> None:
    reprice(database, component, actor=SALMA, unit_cost=610)
    reprice(database, component, actor=NADIA, name="Disk")
    assert stale(database, component, 1, unit_cost=620).data["who"] == "Salma"
    assert stale(database, component, 1, name="Drive").data["who"] == "Nadia"


def test_a_caller_who_names_no_version_is_not_checked(database: Database, component: int) -> None:
    reprice(database, component, actor=SALMA, unit_cost=610)
    assert reprice(database, component, actor=YOUSSEF, unit_cost=620).unit_cost == 620


def test_the_fresh_version_is_accepted(database: Database, component: int) -> None:
    reprice(database, component, actor=SALMA, unit_cost=610)
    version = stale(database, component, 1, unit_cost=620).data["version"]
    assert reprice(database, component, version=version, actor=YOUSSEF, unit_cost=620).version == 3


def test_saying_the_same_as_the_other_is_no_conflict(database: Database, component: int) -> None:
    reprice(database, component, actor=SALMA, unit_cost=610)
    assert reprice(database, component, version=1, actor=YOUSSEF, unit_cost=610).version == 2


def test_a_field_that_went_there_and_back_is_as_the_caller_read_it(database: Database, component: int) -> None:
    reprice(database, component, actor=SALMA, unit_cost=610)
    reprice(database, component, actor=SALMA, unit_cost=600)
    assert reprice(database, component, version=1, actor=YOUSSEF, unit_cost=620).unit_cost == 620


@pytest.mark.parametrize("version", [2, 7, 2**53 - 1])
def test_a_version_that_never_was_is_no_licence(database: Database, component: int, version: int) -> None:
    assert stale(database, component, version, unit_cost=620).data["version"] == 1


def test_removing_what_somebody_changed_is_stale(database: Database, component: int) -> None:
    reprice(database, component, actor=SALMA, notes="keep this one")
    refusal = refused(Stale, database, remove_component, YOUSSEF, component, version=1)
    assert (refusal.data["who"], refusal.data["theirs"]) == ("Salma", "HDD")
    act(database, remove_component, YOUSSEF, component, version=2)


def test_moving_lines_is_never_in_dispute(database: Database, component: int) -> None:
    reprice(database, component, actor=SALMA, position=2)
    reprice(database, component, version=1, actor=YOUSSEF, position=1, unit_cost=620)


@pytest.mark.parametrize(
    ("field", "theirs", "yours"),
    [("name", "Atlas A", "Atlas B"), ("description", "a", "b"), ("list_sell", 1, None), ("active", False, None)],
)
def test_an_offer_itself_is_guarded_the_same_way(database: Database, field: str, theirs: Any, yours: Any) -> None:
    service = new_offer(database, list_sell=9)
    change(database, service, version=1, actor=SALMA, **{field: theirs})
    change(database, service, actor=NADIA, target_margin_pct=40)
    if field == "active":
        assert change(database, service, version=1, actor=YOUSSEF, active=False).version == 3
        return
    again = read(ServiceChanges, {field: yours})
    refusal = refused(Stale, database, change_service, YOUSSEF, service, again, version=1)
    assert (refusal.data["field"], refusal.data["who"], refusal.data["version"]) == (field, "Salma", 3)
    assert (refusal.data["theirs"], refusal.data["yours"]) == (theirs, yours)


def test_different_fields_of_one_offer_merge(database: Database) -> None:
    service = new_offer(database)
    change(database, service, version=1, actor=SALMA, name="Atlas A")
    merged = change(database, service, version=1, actor=YOUSSEF, list_sell=5)
    assert (merged.name, merged.list_sell, merged.version) == ("Atlas A", 5, 3)
    with database.reading() as session:
        assert len(queries.revisions(session, service)) == 3


@pytest.mark.parametrize("version", [-1, 0, 5, 2**63])
def test_an_offer_at_a_version_that_never_was_is_stale(database: Database, version: int) -> None:
    service = new_offer(database)
    refused(Stale, database, change_service, YOUSSEF, service, read(ServiceChanges, {"name": "B"}), version=version)
