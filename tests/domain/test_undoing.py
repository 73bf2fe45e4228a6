"""Undo and restore: each kind of change taken back exactly, and never over somebody's later work."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.domain.books import SALMA, act, change, new_offer, part_id, refused, reprice, shown
from vela.db import Database
from vela.domain.catalog import queries, undoing
from vela.domain.catalog.commands import add_component, deactivate, remove_component
from vela.domain.catalog.intake import NewComponent, ServiceChanges
from vela.domain.catalog.revisions import SERVICE_FIELDS
from vela.domain.catalog.several import apply_changes, read_rows
from vela.errors import Conflict
from vela.intake import read

LINES = (("HDD", 600, 1000), ("RAM", 300, 500), ("CPU", 200, 400))


def add(database: Database, service: int, name: str = "SSD", **words: Any) -> int:
    said = read(NewComponent, {"name": name, "unit_cost": 400, "unit_sell": 700} | words)
    return act(database, add_component, SALMA, service, said).id


def remove(database: Database, service: int, name: str) -> None:
    act(database, remove_component, SALMA, part_id(database, service, name))


def edit(database: Database, service: int, line: str, /, **words: Any) -> None:
    reprice(database, part_id(database, service, line), **words)


def several(database: Database, service: int) -> None:
    steps = read_rows(
        [
            {"id": part_id(database, service, "CPU"), "unit_cost": 210, "position": 1},
            {"id": part_id(database, service, "HDD"), "remove": True},
            {"name": "SSD", "unit_cost": 1, "unit_sell": 2, "position": 2},
        ]
    )
    act(database, apply_changes, SALMA, service, steps, read(ServiceChanges, {"description": "2TB"}))


def undo(database: Database, service: int, number: int) -> int:
    return act(database, undoing.undo, SALMA, service, number).number


def standing(database: Database, service: int) -> dict[str, Any]:
    with database.reading() as session:
        found = queries.service(session, service)
        fields = {field: getattr(found, field) for field in SERVICE_FIELDS}
        assert found.version == queries.revisions(session, service)[0].number
        assert queries.revisions(session, service)[0].totals == found.totals
    return fields | {"lines": shown(database, service)}


CHANGES: dict[str, Callable[[Database, int], object]] = {
    "price": lambda database, service: edit(database, service, "HDD", unit_cost=640),
    "both prices and quantity": lambda d, s: edit(d, s, "HDD", unit_cost=640, unit_sell=1100, quantity="2.5"),
    "name": lambda database, service: edit(database, service, "RAM", name="RAM (32GB)"),
    "group and notes": lambda database, service: edit(database, service, "RAM", group="Compute", notes="ECC\nonly"),
    "kind and sign": lambda database, service: edit(database, service, "RAM", kind="adjustment", unit_cost=-5),
    "added at the end": add,
    "added first": lambda database, service: add(database, service, position=1),
    "removed first": lambda database, service: remove(database, service, "HDD"),
    "removed in the middle": lambda database, service: remove(database, service, "RAM"),
    "removed last": lambda database, service: remove(database, service, "CPU"),
    "moved up": lambda database, service: edit(database, service, "CPU", position=1),
    "moved down": lambda database, service: edit(database, service, "HDD", position=3),
    "moved and repriced": lambda database, service: edit(database, service, "HDD", position=2, unit_cost=1),
    "renamed": lambda database, service: change(database, service, name="Atlas II", description="2TB"),
    "list price": lambda database, service: change(database, service, list_cost=1, list_sell=None),
    "target": lambda database, service: change(database, service, target_margin_pct=50),
    "deactivated": lambda database, service: act(database, deactivate, SALMA, service),
    "several at once": several,
    "restored": lambda database, service: act(database, undoing.restore, SALMA, service, 1),
}


def test_every_kind_of_change_can_be_taken_back_and_done_again(database: Database) -> None:
    for kind, change_it in CHANGES.items():
        service = new_offer(database, f"Atlas {kind}", *LINES, list_sell=2000)
        edit(database, service, "CPU", position=2, unit_sell=401)
        before = standing(database, service)
        change_it(database, service)
        after = standing(database, service)
        assert after != before, kind
        assert undo(database, service, 3) == 4
        assert standing(database, service) == before, kind
        assert undo(database, service, 4) == 5
        assert standing(database, service) == after, kind


def test_a_change_is_taken_back_from_under_a_later_one_of_something_else(database: Database) -> None:
    for kind in sorted(set(CHANGES) - {"restored", "removed first", "moved up", "moved down"}):
        service = new_offer(database, f"Atlas {kind}", *LINES, list_sell=2000)
        untouched = {line[1]: line[1:] for line in shown(database, service)}
        CHANGES[kind](database, service)
        add(database, service, "Later", notes="stays")
        undo(database, service, 2)
        lines = {line[1]: line[1:] for line in shown(database, service)}
        assert lines.pop("Later") == ("Later", "", "part", 1, 400, 700, "stays"), kind
        assert lines == untouched, kind


def test_the_beginning_cannot_be_undone(database: Database) -> None:
    service = new_offer(database)
    assert refused(Conflict, database, undoing.undo, SALMA, service, 1).code == "first_revision"


def test_undo_twice_is_overtaken_by_the_first_undo(database: Database) -> None:
    service = new_offer(database, "Atlas", *LINES)
    edit(database, service, "HDD", unit_cost=640)
    undo(database, service, 2)
    assert refused(Conflict, database, undoing.undo, SALMA, service, 2).code == "overtaken"


OVERTAKING: dict[str, tuple[Callable[[Database, int], object], Callable[[Database, int], object]]] = {
    "the same price again": (CHANGES["price"], lambda d, s: edit(d, s, "HDD", unit_cost=650)),
    "the component is gone": (CHANGES["price"], lambda d, s: remove(d, s, "HDD")),
    "the added one was repriced": (CHANGES["added at the end"], lambda d, s: edit(d, s, "SSD", unit_cost=1)),
    "the added one is gone": (CHANGES["added at the end"], lambda d, s: remove(d, s, "SSD")),
    "the removed one is back": (CHANGES["removed last"], lambda d, s: act(d, undoing.restore, SALMA, s, 1)),
    "moved again": (CHANGES["moved up"], lambda d, s: edit(d, s, "RAM", position=1)),
    "renamed again": (CHANGES["renamed"], lambda d, s: change(d, s, name="Atlas III")),
    "the price needs its new kind": (
        lambda d, s: edit(d, s, "RAM", kind="adjustment"),
        lambda d, s: edit(d, s, "RAM", unit_cost=-5),
    ),
}


def test_later_work_on_the_same_thing_is_never_undone_with_it(database: Database) -> None:
    for case, (first, later) in OVERTAKING.items():
        service = new_offer(database, f"Atlas {case}", *LINES)
        first(database, service)
        later(database, service)
        refusal = refused(Conflict, database, undoing.undo, SALMA, service, 2)
        assert refusal.code == "overtaken", case
        assert "Change it by hand" in refusal.message


def test_an_old_name_that_somebody_took_is_not_taken_back(database: Database) -> None:
    service = new_offer(database, "Atlas")
    change(database, service, name="Atlas II")
    new_offer(database, "atlas")
    assert refused(Conflict, database, undoing.undo, SALMA, service, 2).code == "taken"
    assert refused(Conflict, database, undoing.restore, SALMA, service, 1).code == "taken"


def test_undo_does_not_push_an_offer_below_zero(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 10, 10))
    edit(database, service, "HDD", unit_sell=100)
    add(database, service, "Discount", kind="adjustment", unit_cost=0, unit_sell=-50)
    assert refused(Conflict, database, undoing.undo, SALMA, service, 2).code == "below_zero"


def test_restore_brings_back_any_revision_exactly(database: Database) -> None:
    service = new_offer(database, "Atlas", *LINES, list_sell=2000)
    stood = {1: standing(database, service)}
    for kind in ("moved and repriced", "removed in the middle", "added first", "renamed", "kind and sign"):
        if kind == "kind and sign":
            act(database, undoing.restore, SALMA, service, 1)
        else:
            CHANGES[kind](database, service)
        stood[len(stood) + 1] = standing(database, service)
    for step, number in enumerate((3, 1, 6, 2, 5, 4), start=7):
        made = act(database, undoing.restore, SALMA, service, number)
        assert (made.number, made.action) == (step, "restore")
        assert standing(database, service) == stood[number]


def test_a_component_that_came_back_is_the_same_one_at_a_later_version(database: Database) -> None:
    service = new_offer(database, "Atlas", *LINES)
    component = part_id(database, service, "RAM")
    remove(database, service, "RAM")
    undo(database, service, 2)
    with database.reading() as session:
        back = queries.component(session, component)
        assert (back.name, back.position, back.version) == ("RAM", 2, 2)


def test_what_another_session_removed_is_seen_by_one_that_had_read_it(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("a writer on SQLite is alone from its first read")
    service = new_offer(database, "Atlas", *LINES)
    with database.transaction() as session:
        component = queries.service(session, service).components[1].id
        remove(database, service, "RAM")
        undoing.undo(session, SALMA, service, 2)
        assert queries.component(session, component).removed_at is None
    assert [line[1] for line in shown(database, service)] == ["HDD", "RAM", "CPU"]
