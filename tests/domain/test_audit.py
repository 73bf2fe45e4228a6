"""The trail: one entry for each change, in the transaction of the change, with nothing secret in it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import make
from tests.domain.books import SALMA, act, new_offer, part_id
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import undoing
from vela.domain.catalog.commands import (
    add_component,
    change_service,
    create_service,
    deactivate,
    remove_component,
    revise_component,
)
from vela.domain.catalog.intake import ComponentChanges, NewComponent, NewService, ServiceChanges
from vela.domain.ledger.commands import record_sale, reinstate_sale, void_sale
from vela.domain.ledger.expenses import (
    add_expense,
    change_expense,
    change_expense_from,
    put_back_expense,
    remove_expense,
)
from vela.domain.ledger.intake import ExpenseChanges, ExpenseFrom, NewExpense, NewTransaction
from vela.domain.people import queries, signins
from vela.domain.people.access import Actor, Face, Role
from vela.domain.people.commands import change_user, create_user, set_password
from vela.domain.people.intake import NewToken, NewUser, UserChanges
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace
from vela.intake import read

AGENT = Actor(None, "salma", "Salma", Role.ADMIN, may_record_sales=True, face=Face.AGENT, token_name="laptop")


def entries(database: Database) -> list[AuditEntry]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def steps(database: Database) -> list[tuple[str, str, int, Callable[[Session], object]]]:
    """Every verb that changes something: its action and subject in the trail, how many entries, and how it is done."""
    offer = new_offer(database, "Atlas", ("HDD", 600, 1000))
    hdd = part_id(database, offer, "HDD")
    with database.transaction() as session:
        make.user(session, "other", role="admin")
        user = make.user(session, "salma").id
        sale = make.sale(session, make.offer(session, "Rif")).id
    ssd = read(NewComponent, {"name": "SSD", "unit_cost": 1, "unit_sell": 2})
    new_user = read(NewUser, {"username": "new", "display_name": "New", "password": make.PASSWORD})
    sold = read(NewTransaction, {"service_id": offer, "month": "2026-11"})
    spent = read(NewExpense, {"name": "Rent", "amount": 1})
    later = read(ExpenseFrom, {"amount": 2, "month": "2026-11"})
    offer_words, part_words = read(ServiceChanges, {"name": "A"}), read(ComponentChanges, {"unit_cost": 1})
    return [
        ("create", "service", 1, lambda s: create_service(s, AGENT, read(NewService, {"name": "New"}))),
        ("change", "service", 1, lambda s: change_service(s, AGENT, offer, offer_words)),
        ("add component", "service", 1, lambda s: add_component(s, AGENT, offer, ssd)),
        ("reprice", "service", 1, lambda s: revise_component(s, AGENT, hdd, part_words)),
        ("undo", "service", 1, lambda s: undoing.undo(s, AGENT, offer, 4)),
        ("restore", "service", 1, lambda s: undoing.restore(s, AGENT, offer, 3)),
        ("remove component", "service", 1, lambda s: remove_component(s, AGENT, hdd)),
        ("record sale", "transaction", 1, lambda s: record_sale(s, AGENT, sold)),
        ("change", "service", 1, lambda s: deactivate(s, AGENT, offer)),
        ("void sale", "transaction", 1, lambda s: void_sale(s, AGENT, sale)),
        ("reinstate sale", "transaction", 1, lambda s: reinstate_sale(s, AGENT, sale)),
        ("add expense", "expense", 1, lambda s: add_expense(s, AGENT, spent)),
        ("change expense", "expense", 1, lambda s: change_expense(s, AGENT, 1, read(ExpenseChanges, {"amount": 3}))),
        ("add expense", "expense", 2, lambda s: change_expense_from(s, AGENT, 1, later)),
        ("remove expense", "expense", 1, lambda s: remove_expense(s, AGENT, 1)),
        ("put back expense", "expense", 1, lambda s: put_back_expense(s, AGENT, 1)),
        ("create", "user", 1, lambda s: create_user(s, AGENT, new_user)),
        ("change", "user", 1, lambda s: change_user(s, AGENT, user, read(UserChanges, {"display_name": "S"}))),
        ("set password", "user", 1, lambda s: set_password(s, AGENT, user, "quite another secret")),
        ("create", "token", 1,
         lambda s: signins.create_token(s, AGENT, queries.user(s, user), read(NewToken, {"name": "t"}))),
        ("revoke", "token", 1, lambda s: signins.end_token(s, AGENT, signins.tokens_of(s, user)[0].id)),
        ("change", "workspace", 1, lambda s: change_workspace(s, AGENT, read(WorkspaceChanges, {"name": "Books"}))),
    ]  # fmt: skip


class Interrupted(Exception):
    """Something that goes wrong after a verb and before the end of its transaction."""


def interrupted(session: Session, do: Callable[[Session], object]) -> None:
    do(session)
    session.flush()
    raise Interrupted


def test_every_change_leaves_its_entry_or_neither_is_kept(database: Database) -> None:
    for action, subject, count, do in steps(database):
        before = len(entries(database))
        with pytest.raises(Interrupted):
            act(database, interrupted, do)
        assert len(entries(database)) == before, action
        act(database, do)
        made = entries(database)[before:]
        assert len(made) == count, action
        assert (made[-1].action, made[-1].subject) == (action, subject)
        assert (made[-1].username, made[-1].face, made[-1].token_name) == ("salma", "agent", "laptop")
        assert made[-1].subject_id


def test_an_entry_tells_what_was_and_what_is(database: Database) -> None:
    offer = new_offer(database, "Atlas", ("HDD", 600, 1000))
    hdd = part_id(database, offer, "HDD")
    act(database, revise_component, SALMA, hdd, read(ComponentChanges, {"unit_cost": "640.5", "notes": "dearer"}))
    entry = entries(database)[-1]
    assert entry.before == {f"HDD #{hdd}.unit_cost": "600.00000", f"HDD #{hdd}.notes": ""}
    assert entry.after == {"revision": 2, f"HDD #{hdd}.unit_cost": "640.50000", f"HDD #{hdd}.notes": "dearer"}


def test_a_change_that_changes_nothing_leaves_no_entry(database: Database) -> None:
    offer = new_offer(database)
    before = len(entries(database))
    words: list[tuple[Callable[..., Any], Any]] = [
        (change_service, (offer, read(ServiceChanges, {"name": "Atlas"}))),
        (change_expense, (1, read(ExpenseChanges, {"amount": 800}))),
        (change_workspace, (read(WorkspaceChanges, {"name": "Vela"}),)),
    ]
    for verb, arguments in words:
        act(database, verb, SALMA, *arguments)
    assert len(entries(database)) == before
