"""Several changes of one offer at once: one revision for all of them, or every complaint and nothing done."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from tests.domain.books import SALMA, YOUSSEF, act, change, new_offer, part_id, person, refused, reprice, shown
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import queries, undoing
from vela.domain.catalog.intake import MOST_COMPONENTS, ServiceChanges
from vela.domain.catalog.several import apply_changes, read_rows
from vela.domain.people.access import Role
from vela.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from vela.intake import read

Rows = Sequence[Mapping[str, Any]]
LINES = (("HDD", 600, 1000), ("RAM", 300, 500), ("CPU", 200, 400))


@pytest.fixture
def offer(database: Database) -> int:
    return new_offer(database, "Atlas", *LINES)


def apply(database: Database, offer: int, rows: Rows, **words: Any) -> int:
    said = read(ServiceChanges, words) if words else None
    return act(database, apply_changes, SALMA, offer, read_rows(rows), said).version


def complaints(database: Database, offer: int, rows: Rows) -> list[tuple[str, str]]:
    error = refused(Invalid, database, apply_changes, SALMA, offer, read_rows(rows))
    return [(issue.field, issue.code) for issue in error.issues]


def brief(database: Database, offer: int) -> list[tuple[Any, ...]]:
    return [(line[1], line[5], line[6]) for line in shown(database, offer)]


def test_all_changes_are_one_revision_that_one_undo_takes_back(database: Database, offer: int) -> None:
    before = shown(database, offer)
    rows: Rows = [
        {"id": part_id(database, offer, "RAM"), "unit_cost": "310", "quantity": 2},
        {"id": part_id(database, offer, "HDD"), "remove": True},
        {"name": "SSD", "unit_cost": 400, "unit_sell": 700, "group": "Storage", "position": 1},
        {"name": "Setup", "unit_cost": 0, "unit_sell": "50.5"},
    ]
    assert apply(database, offer, rows, description="Faster") == 2
    after = [("SSD", 400, 700), ("RAM", 310, 500), ("CPU", 200, 400), ("Setup", 0, 50.5)]
    assert [line[0] for line in shown(database, offer)] == [1, 2, 3, 4]
    assert brief(database, offer) == after
    with database.reading() as session:
        made = queries.revision(session, offer, 2)
        assert (made.action, made.author, made.description, made.cost) == ("change components", "Salma", "Faster", 1220)
        told = select(AuditEntry.action).where(AuditEntry.subject == "service").order_by(AuditEntry.id)
        assert list(session.scalars(told)) == ["create", "change components"]
    act(database, undoing.undo, SALMA, offer, 2)
    assert shown(database, offer) == before


def test_nothing_new_said_leaves_no_revision(database: Database, offer: int) -> None:
    rows: Rows = [{"id": part_id(database, offer, "RAM"), "unit_cost": 300, "position": 2}]
    assert apply(database, offer, rows, name="Atlas") == 1
    assert apply(database, offer, []) == 1


def test_words_about_the_offer_alone_are_a_plain_change(database: Database, offer: int) -> None:
    assert apply(database, offer, [], description="New") == 2
    with database.reading() as session:
        assert queries.revision(session, offer, 2).action == "change"


def test_sums_are_judged_when_all_is_done(database: Database) -> None:
    offer = new_offer(database, "Rif", ("HDD", 600, 1000))
    rows: Rows = [
        {"name": "Discount", "kind": "adjustment", "unit_cost": 0, "unit_sell": -1500},
        {"id": part_id(database, offer, "HDD"), "unit_sell": 2000},
    ]
    assert apply(database, offer, rows) == 2
    refusal = refused(Conflict, database, apply_changes, SALMA, offer, read_rows([rows[0]]))
    assert refusal.code == "below_zero"
    many: Rows = [{"name": "A", "unit_cost": 1, "unit_sell": 1}] * MOST_COMPONENTS
    assert refused(Conflict, database, apply_changes, SALMA, offer, read_rows(many)).code == "too_many"


def test_every_row_that_cannot_be_read_is_named(database: Database) -> None:
    with pytest.raises(Invalid) as refusal:
        read_rows(
            [
                {"name": "A", "unit_cost": 1, "unit_sell": 1},
                {"name": "", "unit_cost": "x", "unit_sell": 1},
                {"id": 5, "quantity": 0, "unit_cost": "1.1234567"},
                {"id": "five"},
                {"id": 5, "weight": 3},
            ]
        )
    assert [(issue.field, issue.code) for issue in refusal.value.issues] == [
        ("rows[1].name", "required"),
        ("rows[1].unit_cost", "number"),
        ("rows[2].unit_cost", "decimals"),
        ("rows[2].quantity", "number"),
        ("rows[3].id", "quantity"),
        ("rows[4].weight", "unknown_field"),
    ]


def test_every_row_that_cannot_be_done_is_named_and_nothing_is(database: Database, offer: int) -> None:
    ram, elsewhere = part_id(database, offer, "RAM"), part_id(database, new_offer(database, "Rif"), "HDD")
    rows: Rows = [
        {"id": ram, "unit_cost": 310},
        {"id": ram, "unit_sell": 510},
        {"id": elsewhere, "unit_cost": 1},
        {"id": 2**40, "remove": True},
        {"name": "Gift", "unit_cost": 1, "unit_sell": -1},
        {"id": part_id(database, offer, "CPU"), "unit_cost": -1},
    ]
    assert complaints(database, offer, rows) == [
        ("rows[1].id", "twice"),
        ("rows[2].id", "component_not_found"),
        ("rows[3].id", "component_not_found"),
        ("rows[4].unit_sell", "number"),
        ("rows[5].unit_cost", "number"),
    ]


def test_what_somebody_changed_meanwhile_is_named_in_its_row(database: Database, offer: int) -> None:
    ram, cpu, hdd = (part_id(database, offer, name) for name in ("RAM", "CPU", "HDD"))
    for component in (ram, cpu, hdd):
        reprice(database, component, actor=YOUSSEF, unit_cost=999)
    rows: Rows = [
        {"id": ram, "version": 1, "unit_sell": 510},
        {"id": cpu, "version": 1, "unit_cost": 210},
        {"id": hdd, "version": 1, "remove": True},
    ]
    assert complaints(database, offer, rows) == [("rows[1].unit_cost", "stale"), ("rows[2]", "stale")]
    fresh = [{**row, "version": 2} for row in rows]
    assert apply(database, offer, fresh) == 5
    assert brief(database, offer) == [("RAM", 999, 510), ("CPU", 210, 400)]


def test_the_offer_itself_is_guarded_too(database: Database, offer: int) -> None:
    change(database, offer, actor=YOUSSEF, description="theirs")
    words = read(ServiceChanges, {"description": "mine"})
    assert refused(Stale, database, apply_changes, SALMA, offer, [], words, version=1).data["field"] == "description"
    new_offer(database, "Rif")
    words = read(ServiceChanges, {"name": "rif"})
    assert refused(Conflict, database, apply_changes, SALMA, offer, [], words).code == "taken"


def test_who_may_not_and_what_is_not_there(database: Database, offer: int) -> None:
    refused(Forbidden, database, apply_changes, person("Viewer", Role.VIEWER), offer, [])
    refused(NotFound, database, apply_changes, SALMA, 999, [])


def test_rows_that_no_offer_could_hold_are_refused_before_they_are_looked_at() -> None:
    """The first thousand would be tried one by one while everybody else who writes waits."""
    assert len(read_rows([{"name": "SSD", "unit_cost": 1, "unit_sell": 1}] * 2 * MOST_COMPONENTS)) == 400
    with pytest.raises(Conflict, match="at most 200 components"):
        read_rows([{}] * (2 * MOST_COMPONENTS + 1))
