"""Changing offers: each verb, each of its refusals, and what every change leaves behind."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import make
from tests.domain.books import SALMA, act, change, new_offer, part_id, person, refused, reprice, shown
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import queries, undoing
from vela.domain.catalog.commands import (
    activate,
    add_component,
    change_service,
    create_service,
    deactivate,
    remove_component,
    revise_component,
)
from vela.domain.catalog.intake import MOST_COMPONENTS, ComponentChanges, NewComponent, NewService, ServiceChanges
from vela.domain.catalog.models import Revision
from vela.domain.people.access import Role
from vela.errors import Conflict, Forbidden, Invalid, NotFound
from vela.intake import read

VIEWER = person("Viewer", Role.VIEWER)
PART: dict[str, Any] = {"name": "SSD", "unit_cost": 400, "unit_sell": 700}
NOBODY = [0, -1, 999, 2**31, 2**63, 10**30]


def names(database: Database, service_id: int) -> list[str]:
    return [line[1] for line in shown(database, service_id)]


def numbers(database: Database, service_id: int) -> list[int]:
    with database.reading() as session:
        return [revision.number for revision in queries.revisions(session, service_id)][::-1]


# ---------- who may


def test_a_viewer_changes_nothing(database: Database) -> None:
    service = new_offer(database)
    component = part_id(database, service, "HDD")
    for verb, *arguments in (
        (create_service, read(NewService, {"name": "Rif"})),
        (change_service, service, read(ServiceChanges, {"name": "Rif"})),
        (deactivate, service),
        (activate, service),
        (add_component, service, read(NewComponent, PART)),
        (revise_component, component, read(ComponentChanges, {"unit_cost": 1})),
        (remove_component, component),
        (undoing.undo, service, 1),
        (undoing.restore, service, 1),
    ):
        refusal = refused(Forbidden, database, verb, VIEWER, *arguments)
        assert refusal.code == "forbidden"
        assert "An admin can" in refusal.message


def test_what_is_not_there_is_not_found(database: Database) -> None:
    service = new_offer(database)
    for nobody, (verb, *arguments) in product(NOBODY, _on_nobody(service)):
        words = [nobody if each is None else each for each in arguments]
        assert refused(NotFound, database, verb, SALMA, *words).data["id"] == nobody


def _on_nobody(service: int) -> tuple[tuple[Any, ...], ...]:
    """Every verb that names a thing; None stands for the thing that is not there."""
    return (
        (change_service, None, read(ServiceChanges, {"name": "Rif"})),
        (deactivate, None),
        (add_component, None, read(NewComponent, PART)),
        (revise_component, None, read(ComponentChanges, {"unit_cost": 1})),
        (remove_component, None),
        (undoing.undo, None, 1),
        (undoing.undo, service, None),
        (undoing.restore, service, None),
    )


# ---------- creating and naming


def test_an_offer_starts_with_its_components_in_order(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500), list_cost=800, list_sell="1400.50")
    with database.reading() as session:
        found = queries.service(session, service)
        assert [(line.position, line.name) for line in found.components] == [(1, "HDD"), (2, "RAM")]
        assert (found.totals.cost, found.totals.sell, found.list_gap) == (900, 1500, Decimal("-99.50"))
        assert found.version == 1
        assert queries.revisions(session, service)[0].totals == found.totals


def test_an_offer_may_start_empty(database: Database) -> None:
    with database.transaction() as session:
        assert create_service(session, SALMA, read(NewService, {"name": "Empty"})).totals.sell == 0


def test_a_name_is_taken_in_any_case(database: Database) -> None:
    new_offer(database, "Atlas")
    other = new_offer(database, "Rif")
    for name in ("Atlas", "ATLAS", "atlas", "  Atlas "):
        refusal = refused(Conflict, database, create_service, SALMA, read(NewService, {"name": name}))
        assert (refusal.code, refusal.data["field"]) == ("taken", "name")
        assert (
            refused(Conflict, database, change_service, SALMA, other, read(ServiceChanges, {"name": name})).code
            == "taken"
        )


def test_a_name_is_taken_as_people_read_it(database: Database) -> None:
    new_offer(database, "Straße é")
    for same in ("STRASSE É", "strasse e\u0301"):
        assert refused(Conflict, database, create_service, SALMA, read(NewService, {"name": same})).code == "taken"


def test_an_archived_offer_keeps_its_name(database: Database) -> None:
    act(database, deactivate, SALMA, new_offer(database, "Atlas"))
    refusal = refused(Conflict, database, create_service, SALMA, read(NewService, {"name": "atlas"}))
    assert "archived" in refusal.message


def test_an_offer_may_change_the_case_of_its_own_name(database: Database) -> None:
    service = new_offer(database, "Atlas")
    assert change(database, service, name="ATLAS").name == "ATLAS"
    assert refused(Conflict, database, create_service, SALMA, read(NewService, {"name": "Atlas"})).code == "taken"


def test_a_name_that_was_given_up_is_free(database: Database) -> None:
    change(database, new_offer(database, "Atlas"), name="Atlas II")
    assert new_offer(database, "Atlas")


def test_a_name_may_be_as_long_as_a_name_can_be(database: Database) -> None:
    longest = "\u0390" * 80  # one letter that becomes three when cases are folded
    assert change(database, new_offer(database), name=longest).name == longest


# ---------- changing


def test_absent_fields_keep_their_value_and_null_clears(database: Database) -> None:
    service = new_offer(database, list_cost=100, list_sell=200, target_margin_pct="45.5", description="1TB")
    change(database, service, list_sell=None)
    with database.reading() as session:
        found = queries.service(session, service)
        assert (found.list_cost, found.list_sell, found.target_margin_pct) == (100, None, Decimal("45.50"))
        assert found.description == "1TB"


def test_saying_what_is_so_already_leaves_no_revision(database: Database) -> None:
    service = new_offer(database)
    component = part_id(database, service, "HDD")
    change(database, service, name="Atlas", active=True)
    reprice(database, component, unit_cost="600.00000", name="HDD")
    act(database, activate, SALMA, service)
    assert numbers(database, service) == [1]


def test_deactivating_hides_and_activating_brings_back(database: Database) -> None:
    service = new_offer(database)
    act(database, deactivate, SALMA, service)
    with database.reading() as session:
        assert queries.services(session) == []
        assert [each.id for each in queries.services(session, include_inactive=True)] == [service]
        assert not queries.service(session, service).active
    act(database, activate, SALMA, service)
    with database.reading() as session:
        assert [each.id for each in queries.services(session)] == [service]


# ---------- components


@pytest.mark.parametrize(
    ("position", "order"),
    [(None, ["HDD", "RAM", "CPU", "SSD"]), (1, ["SSD", "HDD", "RAM", "CPU"]), (2, ["HDD", "SSD", "RAM", "CPU"]),
     (4, ["HDD", "RAM", "CPU", "SSD"]), (100_000, ["HDD", "RAM", "CPU", "SSD"])],
)  # fmt: skip
def test_a_component_is_added_where_it_was_asked_for(
    database: Database, position: int | None, order: list[str]
) -> None:
    service = new_offer(database, "Atlas", ("HDD", 1, 2), ("RAM", 1, 2), ("CPU", 1, 2))
    act(database, add_component, SALMA, service, read(NewComponent, PART | {"position": position}))
    assert [line[:2] for line in shown(database, service)] == list(enumerate(order, start=1))


@pytest.mark.parametrize(
    ("name", "position", "order"),
    [("CPU", 1, ["CPU", "HDD", "RAM"]), ("HDD", 3, ["RAM", "CPU", "HDD"]), ("HDD", 2, ["RAM", "HDD", "CPU"]),
     ("RAM", 99, ["HDD", "CPU", "RAM"])],
)  # fmt: skip
def test_a_component_moves_among_the_others(database: Database, name: str, position: int, order: list[str]) -> None:
    service = new_offer(database, "Atlas", ("HDD", 1, 2), ("RAM", 1, 2), ("CPU", 1, 2))
    moved = reprice(database, part_id(database, service, name), position=position)
    assert [line[:2] for line in shown(database, service)] == list(enumerate(order, start=1))
    assert moved.version == 1


def test_removing_closes_the_gap_and_cannot_be_done_twice(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 1, 2), ("RAM", 1, 2), ("CPU", 1, 2))
    component = part_id(database, service, "RAM")
    act(database, remove_component, SALMA, component)
    assert [line[:2] for line in shown(database, service)] == [(1, "HDD"), (2, "CPU")]
    refused(NotFound, database, remove_component, SALMA, component)
    refused(NotFound, database, revise_component, SALMA, component, read(ComponentChanges, {"unit_cost": 1}))


def test_a_change_moves_the_totals_of_its_offer_at_once(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
    with database.transaction() as session:
        component = revise_component(
            session,
            SALMA,
            queries.service(session, service).components[0].id,
            read(ComponentChanges, {"unit_cost": 640}),
        )
        assert component.service.totals.cost == 940
        assert component.service.version == 2


@pytest.mark.parametrize("field", ["unit_cost", "unit_sell"])
def test_only_an_adjustment_may_be_below_zero(database: Database, field: str) -> None:
    service = new_offer(database)
    component = part_id(database, service, "HDD")
    below = read(NewComponent, PART | {field: -1})
    assert refused(Invalid, database, add_component, SALMA, service, below).issues[0].field == field
    lower = read(ComponentChanges, {field: "-0.01"})
    assert refused(Invalid, database, revise_component, SALMA, component, lower).issues[0].field == field
    act(database, add_component, SALMA, service, read(NewComponent, PART | {field: -1, "kind": "adjustment"}))


def test_a_negative_price_in_a_new_offer_is_named_where_it_stands(database: Database) -> None:
    words = read(NewService, {"name": "Rif", "components": [PART, PART | {"unit_cost": -1, "unit_sell": -2}]})
    refusal = refused(Invalid, database, create_service, SALMA, words)
    assert [issue.field for issue in refusal.issues] == ["components.1.unit_cost", "components.1.unit_sell"]


def test_an_adjustment_below_zero_cannot_become_a_part(database: Database) -> None:
    service = new_offer(database)
    discount = act(
        database, add_component, SALMA, service,
        read(NewComponent, {"name": "Discount", "unit_cost": 0, "unit_sell": -100, "kind": "adjustment"}),
    )  # fmt: skip
    become = read(ComponentChanges, {"kind": "part"})
    assert refused(Invalid, database, revise_component, SALMA, discount.id, become).issues[0].field == "unit_sell"
    both = reprice(database, discount.id, kind="part", unit_sell=100)
    assert (both.kind, both.unit_sell) == ("part", 100)


def test_an_offer_never_falls_below_zero(database: Database) -> None:
    service = new_offer(database)
    too_much = {"name": "Discount", "unit_cost": 0, "unit_sell": "-1000.01", "kind": "adjustment"}
    assert refused(Conflict, database, add_component, SALMA, service, read(NewComponent, too_much)).code == "below_zero"
    act(database, add_component, SALMA, service, read(NewComponent, too_much | {"unit_sell": -1000}))
    component = part_id(database, service, "HDD")
    refusal = refused(
        Conflict, database, revise_component, SALMA, component, read(ComponentChanges, {"unit_sell": 999})
    )
    assert refusal.code == "below_zero"
    assert refused(Conflict, database, remove_component, SALMA, component).code == "below_zero"


def test_absurd_sums_are_refused_and_the_largest_one_is_not(database: Database) -> None:
    service = new_offer(database)
    component = part_id(database, service, "HDD")
    absurd = read(ComponentChanges, {"unit_cost": "9999999999.99999", "quantity": "9999999.9999"})
    assert refused(Conflict, database, revise_component, SALMA, component, absurd).code == "too_large"
    reprice(database, component, unit_cost="9999999999.99999", quantity=1000)
    more = read(NewComponent, PART)
    assert refused(Conflict, database, add_component, SALMA, service, more).code == "too_large"
    with database.reading() as session:
        assert queries.service(session, service).totals.cost == Decimal("9999999999999.99")


def test_a_large_part_cannot_hide_behind_an_adjustment(database: Database) -> None:
    service = new_offer(database)
    huge = {"name": "Huge", "unit_cost": "9999999999", "unit_sell": 0, "quantity": 9999}
    assert refused(Conflict, database, add_component, SALMA, service, read(NewComponent, huge)).code == "too_large"


def test_an_offer_holds_so_many_components_and_no_more(database: Database) -> None:
    lines = [PART | {"name": f"Part {number}"} for number in range(MOST_COMPONENTS)]
    with database.transaction() as session:
        service = create_service(session, SALMA, read(NewService, {"name": "Large", "components": lines})).id
    assert refused(Conflict, database, add_component, SALMA, service, read(NewComponent, PART)).code == "too_many"
    act(database, remove_component, SALMA, part_id(database, service, "Part 7"))
    act(database, add_component, SALMA, service, read(NewComponent, PART))
    assert refused(Conflict, database, undoing.undo, SALMA, service, 2).code == "too_many"
    with pytest.raises(Invalid, match="too many"):
        read(NewService, {"name": "Larger", "components": [*lines, PART]})


# ---------- what every change leaves


def test_revisions_are_numbered_without_gaps_and_the_offer_stands_at_the_last(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
    component = part_id(database, service, "HDD")
    reprice(database, component, unit_cost=640)
    refused(Invalid, database, revise_component, SALMA, component, read(ComponentChanges, {"unit_cost": -1}))
    act(database, remove_component, SALMA, component)
    change(database, service, name="Atlas 2")
    act(database, undoing.undo, SALMA, service, 3)
    act(database, deactivate, SALMA, service)
    assert numbers(database, service) == [1, 2, 3, 4, 5, 6]
    with database.reading() as session:
        assert queries.service(session, service).version == 6
        entries = select(func.count()).where(AuditEntry.subject == "service", AuditEntry.subject_id == service)
        assert session.scalar(entries) == 6


def test_a_revision_never_changes_after_it_was_made(database: Database) -> None:
    service = new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
    kept = _frozen(database, service)
    reprice(database, part_id(database, service, "HDD"), unit_cost=640, name="Disk", quantity=2)
    act(database, remove_component, SALMA, part_id(database, service, "RAM"))
    change(database, service, name="Atlas 2", list_sell=5000)
    act(database, undoing.restore, SALMA, service, 1)
    assert _frozen(database, service)[:1] == kept


def _frozen(database: Database, service_id: int) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        every = session.scalars(select(Revision).where(Revision.service_id == service_id).order_by(Revision.number))
        return [
            (each.name, each.list_sell, each.cost, each.sell, each.at, [(ln.name, ln.unit_cost) for ln in each.lines])
            for each in every
        ]


def test_a_revision_says_who_made_it_and_how(database: Database) -> None:
    service = new_offer(database)
    reprice(database, part_id(database, service, "HDD"), unit_cost=640)
    with database.reading() as session:
        revision = queries.revision(session, service, 2)
        assert (revision.author, revision.face, revision.action) == ("Salma", "browser", "reprice")
        assert (revision.cost, revision.lines[0].unit_cost, revision.lines[0].version) == (640, 640, 2)


def test_the_trail_tells_two_components_of_one_name_apart(database: Database) -> None:
    service = new_offer(database, "Atlas", ("Disk", 1, 2), ("Disk", 3, 4))
    with database.reading() as session:
        second = queries.service(session, service).components[1].id
    reprice(database, second, position=1)
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert sorted((entry.before or {}).values()) == [1, 2]


def test_the_builders_speak_for_the_operator(database: Database) -> None:
    with database.transaction() as session:
        assert queries.revisions(session, make.offer(session).id)[0].author == make.admin().display_name
