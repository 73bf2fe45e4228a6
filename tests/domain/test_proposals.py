"""Changes that wait for a person: what would happen, exactly once, exactly as shown, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import make
from tests.domain.books import act, everything, new_offer, part_id, refused, reprice
from tests.domain.test_at_once import at_once, kinds
from vela.clock import now
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import add_component
from vela.domain.catalog.intake import NewComponent
from vela.domain.catalog.models import Revision
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger.models import Transaction
from vela.domain.ledger.queries import profit_of
from vela.domain.people import signins
from vela.domain.people.access import Actor, Face, Role, Scope
from vela.domain.proposals import commands, queries
from vela.domain.proposals.commands import GroundMoved, approve, decline, look_again, plan_of
from vela.domain.proposals.kinds import KINDS
from vela.domain.proposals.models import Proposal, State
from vela.domain.proposals.plan import Plan, Priced
from vela.domain.proposals.rehearsing import perform, rehearse
from vela.domain.workspace.settings import current_month
from vela.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from vela.intake import read


@pytest.fixture
def salma(database: Database) -> Actor:
    """A person who has signed in."""
    with database.transaction() as session:
        return signins.actor_for(make.user(session, "salma", role="admin"), Face.BROWSER)


@pytest.fixture
def atlas(database: Database) -> int:
    return new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))


def agent(person: Actor, scope: Scope = Scope.PROPOSE) -> Actor:
    """The person's agent, which holds a token of theirs."""
    return replace(person, face=Face.AGENT, scope=scope, token_name="Laptop")


def propose(database: Database, actor: Actor, change: str, **said: Any) -> Proposal:
    kind = KINDS[change]
    return act(database, commands.propose, actor, kind, read(kind.reads, said, typed=True), lambda done: None)[0]


def rehearsed(database: Database, actor: Actor, change: str, **said: Any) -> Plan:
    kind = KINDS[change]
    return act(database, rehearse, actor, kind, read(kind.reads, said, typed=True), lambda done: done.plan)


def approved(database: Database, actor: Actor, proposal: Proposal) -> Any:
    return act(database, approve, actor, proposal.id, seen=plan_of(proposal).mark)[1]


def totals(database: Database, service_id: int) -> Totals:
    with database.reading() as session:
        return catalog.service(session, service_id).totals


def this_month(database: Database) -> str:
    with database.reading() as session:
        return str(current_month(session))


def test_a_rehearsal_tells_what_would_happen_and_leaves_nothing(database: Database, salma: Actor, atlas: int) -> None:
    month = this_month(database)
    with database.transaction() as session:
        make.sale(session, catalog.service(session, atlas), 3, month)
    hdd, before = part_id(database, atlas, "HDD"), everything(database)
    plan = rehearsed(database, agent(salma), "update_component", component_id=hdd, unit_cost="650.5")
    assert everything(database) == before
    assert [line.model_dump() for line in plan.lines] == [
        {"component_id": hdd, "subject": "HDD", "field": "unit_cost", "before": "600", "after": "650.5"}
    ]
    assert (plan.before, plan.after) == (
        Priced(cost=Decimal(900), sell=Decimal(1500)),
        Priced(cost=Decimal("950.5"), sell=Decimal(1500)),
    )
    assert (plan.margin_change, plan.margin_pct_change) == (Decimal("-50.5"), Decimal("36.63") - Decimal("40.00"))
    assert (plan.profit_change, plan.units, plan.profit_change_at_units) == (0, 3, Decimal("-151.5"))


def test_a_rehearsed_sale_moves_the_profit_of_its_month(database: Database, salma: Actor, atlas: int) -> None:
    said = {"service_id": atlas, "quantity": 2, "month": "2026-10", "notes": "Order 1"}
    plan = rehearsed(database, agent(salma), "add_transaction", **said)
    assert plan.sale is not None
    assert (plan.sale.revenue, plan.sale.cost, plan.sale.voided) == (3000, 1800, False)
    assert (plan.month, plan.profit_change, plan.lines, plan.margin_change) == ("2026-10", 1200, [], 0)


def test_what_comes_and_goes_is_told_with_its_prices(database: Database, salma: Actor, atlas: int) -> None:
    said = {"service_id": atlas, "name": "SSD", "unit_cost": 100, "unit_sell": 180, "quantity": 2}
    added = rehearsed(database, agent(salma), "add_component", **said)
    assert [(line.subject, line.field, line.before) for line in added.lines] == [
        ("SSD", field, None) for field in ("added", "quantity", "unit_cost", "unit_sell")
    ]
    assert [Decimal(line.after or 0) for line in added.lines[1:]] == [2, 100, 180]
    gone = rehearsed(database, agent(salma), "delete_component", component_id=part_id(database, atlas, "RAM"))
    assert [(line.field, line.after) for line in gone.lines if line.field != "position"] == [
        (field, None) for field in ("removed", "quantity", "unit_cost", "unit_sell")
    ]
    assert gone.after == Priced(cost=Decimal(600), sell=Decimal(1000))


def test_nothing_that_is_stored_with_a_component_goes_unsaid(database: Database, salma: Actor, atlas: int) -> None:
    said = {"name": "Rebate", "group": "Terms", "kind": "adjustment", "notes": "Pay to another account"}
    figures = {"unit_cost": 0, "unit_sell": -180}
    added = rehearsed(database, agent(salma), "add_component", service_id=atlas, **said, **figures)
    assert {line.field: line.after for line in added.lines if line.field in said} == {
        field: said[field] for field in ("group", "kind", "notes")
    }
    act(database, add_component, salma, atlas, read(NewComponent, said | figures, typed=True))
    gone = rehearsed(database, agent(salma), "delete_component", component_id=part_id(database, atlas, "Rebate"))
    assert {line.field: line.before for line in gone.lines if line.field in said} == {
        field: said[field] for field in ("group", "kind", "notes")
    }


def test_approved_it_is_done_once_as_shown_and_says_who_and_how(database: Database, salma: Actor, atlas: int) -> None:
    ram = part_id(database, atlas, "RAM")
    proposal = propose(database, agent(salma), "update_component", component_id=ram, unit_sell=550)
    assert totals(database, atlas) == Totals(Decimal(900), Decimal(1500))
    approved(database, salma, proposal)
    assert totals(database, atlas) == Totals(Decimal(900), Decimal(1550))
    refusal = refused(Conflict, database, approve, salma, proposal.id, seen=plan_of(proposal).mark)
    assert (refusal.code, refusal.data["state"]) == ("decided", "approved")
    with database.reading() as session:
        revision = session.scalars(select(Revision).order_by(Revision.id.desc())).first()
        told = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(3)).all()
        stands = queries.proposal(session, salma, proposal.id)
        assert (stands.standing, stands.decided_by) == (State.APPROVED, "Salma")
    assert revision is not None
    assert (revision.author, revision.face) == ("Salma", "proposal")
    assert [(each.action, each.face, each.token_name) for each in reversed(told)] == [
        ("propose", "agent", "Laptop"), ("reprice", "proposal", "Laptop"), ("approve", "browser", ""),
    ]  # fmt: skip


def test_when_the_ground_has_moved_nothing_is_done_until_it_was_looked_at_again(
    database: Database, salma: Actor, atlas: int
) -> None:
    ram = part_id(database, atlas, "RAM")
    proposal = propose(database, agent(salma), "update_component", component_id=ram, unit_sell=550)
    reprice(database, ram, unit_cost=310)
    shown = plan_of(proposal).mark
    refused(GroundMoved, database, approve, salma, proposal.id, seen=shown)
    anew = act(database, look_again, salma, proposal.id)
    assert plan_of(anew).before == Priced(cost=Decimal(910), sell=Decimal(1500))
    assert anew.moved_at is not None
    refused(GroundMoved, database, approve, salma, proposal.id, seen=shown)
    approved(database, salma, anew)
    assert totals(database, atlas) == Totals(Decimal(910), Decimal(1550))


def test_what_others_sell_meanwhile_does_not_move_the_ground(database: Database, salma: Actor, atlas: int) -> None:
    said = {"service_id": atlas, "quantity": 2, "month": "2026-10"}
    sale = propose(database, agent(salma), "add_transaction", **said)
    price = propose(
        database, agent(salma), "update_component", component_id=part_id(database, atlas, "RAM"), quantity=2
    )
    with database.transaction() as session:
        make.sale(session, catalog.service(session, atlas), 7, "2026-10")
    assert isinstance(approved(database, salma, sale), Transaction)
    approved(database, salma, price)
    with database.reading() as session:
        (october,) = {each.month for each in session.scalars(select(Transaction))}
        assert profit_of(session, october).total_revenue == 9 * 1500


def test_a_new_price_moves_the_ground_of_a_sale(database: Database, salma: Actor, atlas: int) -> None:
    sale = propose(database, agent(salma), "add_transaction", service_id=atlas, month="2026-10")
    reprice(database, part_id(database, atlas, "RAM"), unit_sell=400)
    refused(GroundMoved, database, approve, salma, sale.id, seen=plan_of(sale).mark)


@pytest.mark.parametrize("change", ["undo_change", "void_transaction"])
def test_undoing_and_voiding_can_wait_for_a_person_too(
    database: Database, salma: Actor, atlas: int, change: str
) -> None:
    reprice(database, part_id(database, atlas, "RAM"), unit_sell=400)
    with database.transaction() as session:
        sale = make.sale(session, catalog.service(session, atlas), 1, "2026-10").id
    said = {"undo_change": {"service_id": atlas, "revision": 2}, "void_transaction": {"transaction_id": sale}}[change]
    proposal = propose(database, agent(salma), change, **said)
    plan = plan_of(proposal)
    approved(database, salma, proposal)
    with database.reading() as session:
        assert (session.get_one(Transaction, sale).voided_at is None) == (change == "undo_change")
        assert Priced.of(catalog.service(session, atlas).totals) == plan.after
    assert plan.profit_change == (0 if change == "undo_change" else -500)


def test_declined_and_expired_proposals_are_never_done(database: Database, salma: Actor, atlas: int) -> None:
    said = {"component_id": part_id(database, atlas, "RAM"), "unit_sell": 550}
    no, late = (propose(database, agent(salma), "update_component", **said) for _each in range(2))
    act(database, decline, salma, no.id)
    assert refused(Conflict, database, approve, salma, no.id, seen=plan_of(no).mark).data["state"] == "declined"
    with time_machine.travel(now() + commands.LASTS, tick=False):
        for decide in (decline, look_again):
            assert refused(Conflict, database, decide, salma, late.id).data["state"] == "expired"
        assert refused(Conflict, database, approve, salma, late.id, seen=plan_of(late).mark).code == "decided"
        with database.reading() as session:
            assert queries.count_waiting(session, salma) == 0
            assert {each.standing for each in queries.decided(session, salma)} == {State.DECLINED, State.EXPIRED}
    with time_machine.travel(now() + commands.LASTS + commands.REMEMBERED + timedelta(1), tick=False):
        assert act(database, commands.forget_old) == 2


def test_no_token_decides_and_no_viewer_approves_what_they_may_not_do(
    database: Database, salma: Actor, atlas: int
) -> None:
    proposal = propose(
        database, agent(salma), "update_component", component_id=part_id(database, atlas, "RAM"), quantity=2
    )
    mark = plan_of(proposal).mark
    for scope in Scope:
        with_token = replace(agent(salma, scope), token_id=7)
        assert refused(Forbidden, database, approve, with_token, proposal.id, seen=mark).code == "person_needed"
        assert refused(Forbidden, database, decline, with_token, proposal.id).code == "person_needed"
        assert refused(Forbidden, database, look_again, with_token, proposal.id).code == "person_needed"
    with database.transaction() as session:
        omar = signins.actor_for(make.user(session, "omar"), Face.BROWSER)
    refused(NotFound, database, approve, omar, proposal.id, seen=mark)
    with database.reading() as session:
        assert queries.waiting(session, omar) == []
        assert [each.id for each in queries.waiting(session, salma)] == [proposal.id]


def test_a_person_who_lost_the_right_meanwhile_approves_nothing(database: Database, salma: Actor, atlas: int) -> None:
    proposal = propose(
        database, agent(salma), "update_component", component_id=part_id(database, atlas, "RAM"), quantity=2
    )
    now_viewer = replace(salma, role=Role.VIEWER)
    refused(Forbidden, database, approve, now_viewer, proposal.id, seen=plan_of(proposal).mark)


@pytest.mark.parametrize(
    ("scope", "change", "said"),
    [
        (Scope.READ, "add_transaction", {"month": "2026-10"}),
        (Scope.READ, "add_component", {"name": "SSD", "unit_cost": 1, "unit_sell": 2}),
    ],
)
def test_a_token_that_reads_proposes_nothing(
    database: Database, salma: Actor, atlas: int, scope: Scope, change: str, said: dict[str, Any]
) -> None:
    words = read(KINDS[change].reads, {"service_id": atlas} | said, typed=True)
    refused(Forbidden, database, commands.propose, agent(salma, scope), KINDS[change], words, lambda done: None)
    refused(Forbidden, database, rehearse, agent(salma, scope), KINDS[change], words, lambda done: None)


def test_what_could_not_be_done_cannot_be_proposed(database: Database, salma: Actor, atlas: int) -> None:
    for change, said, why in (
        ("add_transaction", {"service_id": 99, "month": "2026-10"}, NotFound),
        ("delete_component", {"component_id": 99}, NotFound),
        ("update_component", {"component_id": part_id(database, atlas, "RAM"), "unit_cost": -1}, Invalid),
        ("undo_change", {"service_id": atlas, "revision": 1}, Conflict),
        ("void_transaction", {"transaction_id": 1}, NotFound),
    ):
        words = read(KINDS[change].reads, said, typed=True)
        refused(why, database, commands.propose, agent(salma), KINDS[change], words, lambda done: None)


def test_proposals_do_not_pile_up_without_end(
    database: Database, salma: Actor, atlas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST_WAITING", 1)
    propose(database, agent(salma), "add_transaction", service_id=atlas, month="2026-10")
    kind = KINDS["add_transaction"]
    words = read(kind.reads, {"service_id": atlas, "month": "2026-10"}, typed=True)
    assert refused(Conflict, database, commands.propose, agent(salma), kind, words, lambda _: None).code == (
        "too_many_waiting"
    )


def test_two_who_approve_at_the_same_moment_do_it_once(database: Database, salma: Actor, atlas: int) -> None:
    proposal = propose(database, agent(salma), "add_transaction", service_id=atlas, month="2026-10")
    outcomes = at_once([lambda: approved(database, salma, proposal)] * 4)
    assert kinds(outcomes) == {"Transaction": 1, "Conflict": 3}
    with database.reading() as session:
        assert len(session.scalars(select(Transaction)).all()) == 1


def test_what_others_do_at_the_same_moment_is_no_effect_of_a_change(
    database: Database, salma: Actor, atlas: int
) -> None:
    rif = new_offer(database, "Rif", ("SSD", 100, 250))

    def doing(change: str, **said: Any) -> Callable[[], object]:
        kind = KINDS[change]
        return lambda: act(database, perform, salma, kind, read(kind.reads, said, typed=True)).plan

    ram, hdd = part_id(database, atlas, "RAM"), part_id(database, atlas, "HDD")
    selling = [doing("add_transaction", service_id=offer, month="2026-10") for offer in (atlas, rif) * 4]
    pricing = [doing("update_component", component_id=part, unit_cost=10) for part in (ram, hdd)]
    plans = [plan for plan in at_once(selling + pricing) if isinstance(plan, Plan)]
    assert len(plans) == 10
    for plan in plans:
        if plan.sale:
            assert (plan.profit_change, plan.lines) == (plan.sale.revenue - plan.sale.cost, [])
            assert plan.before == plan.after
    changes = [(plan.lines[0].subject, plan.profit_change, len(plan.lines)) for plan in plans if not plan.sale]
    assert changes == [("RAM", 0, 1), ("HDD", 0, 1)]


@settings(max_examples=15, deadline=None)
@given(
    cost=st.decimals(0, 5000, places=2), sell=st.decimals(0, 5000, places=2), quantity=st.integers(1, 9),
    sold=st.integers(0, 5),
)  # fmt: skip
def test_what_is_rehearsed_is_what_then_happens(
    database: Database, salma: Actor, cost: Decimal, sell: Decimal, quantity: int, sold: int
) -> None:
    with database.transaction() as session:
        wiped = _fresh_offer(session)
        if sold:
            make.sale(session, catalog.service(session, wiped), sold, str(current_month(session)))
    part = part_id(database, wiped, "RAM")
    said = {"component_id": part, "unit_cost": str(cost), "unit_sell": str(sell), "quantity": quantity}
    try:
        proposal = propose(database, agent(salma), "update_component", **said)
    except Refusal:
        return
    plan = plan_of(proposal)
    assert Priced.of(totals(database, wiped)) == plan.before
    approved(database, salma, proposal)
    assert Priced.of(totals(database, wiped)) == plan.after
    assert plan.units == sold


def _fresh_offer(session: Session) -> int:
    taken = len(catalog.services(session, include_inactive=True))
    return make.offer(session, f"Offer {taken}", ("HDD", 600, 1000), ("RAM", 300, 500)).id
