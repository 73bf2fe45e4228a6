"""Settings and users that two people change at once: the second sees both values, keeps what was typed, and decides."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, submit
from vela.db import Database
from vela.domain.ledger.expenses import add_expense, change_expense
from vela.domain.ledger.intake import ExpenseChanges, NewExpense
from vela.domain.ledger.queries import expenses
from vela.domain.people.commands import change_user
from vela.domain.people.intake import UserChanges
from vela.domain.people.queries import user
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace, workspace
from vela.intake import read

BOOKS = {"name": "Ours", "currency": "MAD", "time_zone": "Africa/Casablanca"}


def version_on(page: str, element: str) -> str:
    found = re.search(rf'id="{element}" value="(\d+)"', page)
    assert found, element
    return found[1]


@pytest.fixture
def omar(admin: FlaskClient, database: Database) -> int:
    with database.transaction() as session:
        return make.user(session, "omar").id


def elsewhere(database: Database, user_id: int, **words: Any) -> None:
    with database.transaction() as session:
        change_user(session, make.admin(), user_id, read(UserChanges, words))


def test_the_same_field_of_a_user_is_not_overwritten(admin: FlaskClient, database: Database, omar: int) -> None:
    version = version_on(admin.get("/settings").text, f"user-{omar}-version")
    elsewhere(database, omar, display_name="Omar Alaoui")
    sent = {"display_name": "Omar B", "version": version}
    source = f"input#user-{omar}-display_name"
    told = htmx(admin, "PATCH", f"/settings/users/{omar}", sent, source=source, page="/settings")
    assert told.status_code == 409
    slot = partials(told)[f"user-{omar}-display_name-error"]
    assert "Theirs Omar Alaoui, yours Omar B." in slot
    assert 'data-keep="Omar Alaoui"' in slot
    with database.reading() as session:
        assert user(session, omar).display_name == "Omar Alaoui"
    fresh = re.findall(r'data-mine data-version="(\d+)"', slot)[0]
    assert htmx(admin, "PATCH", f"/settings/users/{omar}", sent | {"version": fresh}, source=source).status_code == 200
    with database.reading() as session:
        assert user(session, omar).display_name == "Omar B"


def test_values_are_told_in_words(admin: FlaskClient, database: Database, omar: int) -> None:
    elsewhere(database, omar, may_record_sales=False)
    elsewhere(database, omar, may_record_sales=True)
    elsewhere(database, omar, display_name="O")
    sent = {"may_record_sales": "false", "version": "1"}
    told = htmx(admin, "PATCH", f"/settings/users/{omar}", sent, source=f"select#user-{omar}-may_record_sales")
    slot = partials(told)[f"user-{omar}-may_record_sales-error"]
    assert "Theirs May record, yours May not record." in slot
    assert 'data-keep="true"' in slot


def test_two_fields_of_a_user_do_not_clash_and_the_answer_brings_the_new_version(
    admin: FlaskClient, database: Database, omar: int
) -> None:
    elsewhere(database, omar, may_record_sales=False)
    said = htmx(admin, "PATCH", f"/settings/users/{omar}", {"display_name": "Omar B", "version": "1"})
    assert said.status_code == 200
    assert 'value="3"' in partials(said)[f"user-{omar}-version"]
    with database.reading() as session:
        assert (user(session, omar).display_name, user(session, omar).may_record_sales) == ("Omar B", False)


def test_without_script_the_row_comes_back_as_typed(admin: FlaskClient, database: Database, omar: int) -> None:
    elsewhere(database, omar, display_name="Omar Alaoui")
    row = {"display_name": "Omar B", "may_record_sales": "true", "version": "1"}
    told = submit(admin, f"/settings/users/{omar}", row)
    assert told.status_code == 409
    assert 'value="Omar B"' in told.text
    assert "changed this to Omar Alaoui meanwhile. Save to have yours." in told.text
    fresh = version_on(told.text, f"user-{omar}-version")
    assert submit(admin, f"/settings/users/{omar}", row | {"version": fresh}).status_code == 303


def test_every_disputed_setting_is_told_and_nothing_is_overwritten(admin: FlaskClient, database: Database) -> None:
    version = version_on(admin.get("/settings").text, "workspace-version")
    theirs = {"name": "Theirs", "time_zone": "Europe/Paris"}
    with database.transaction() as session:
        change_workspace(session, make.admin(), read(WorkspaceChanges, theirs))
    told = htmx(admin, "POST", "/settings/workspace", BOOKS | {"version": version}, source="form#workspace")
    assert told.status_code == 409
    slots = partials(told)
    assert "Theirs Theirs, yours Ours." in slots["workspace-name-error"]
    assert "Theirs Europe/Paris, yours Africa/Casablanca." in slots["workspace-time_zone-error"]
    assert "workspace-currency-error" not in slots
    plain = submit(admin, "/settings/workspace", BOOKS | {"version": version})
    assert plain.status_code == 409
    assert "changed this to Theirs meanwhile" in plain.text
    with database.reading() as session:
        assert workspace(session).name == "Theirs"
    fresh = version_on(plain.text, "workspace-version")
    said = htmx(admin, "POST", "/settings/workspace", BOOKS | {"version": fresh}, source="form#workspace")
    assert f'value="{int(fresh) + 1}"' in partials(said)["workspace-version"]
    with database.reading() as session:
        assert workspace(session).name == "Ours"


def test_an_expense_that_somebody_changed_is_not_removed_unseen(
    app: Flask, admin: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        rent = add_expense(session, make.admin(), read(NewExpense, {"name": "Rent", "amount": 100})).id
    assert f'form="expense-{rent}-form" formaction="/profit/expenses/{rent}/remove' in admin.get("/profit").text
    with database.transaction() as session:
        change_expense(session, make.admin(), rent, read(ExpenseChanges, {"amount": 200}))
    path, source = f"/profit/expenses/{rent}/remove", f"button#expense-{rent}-remove"
    told = htmx(admin, "POST", path, {"version": "1", "name": "Rent"}, source=source, page="/profit")
    assert told.status_code == 409
    parts = partials(told)
    assert f"{make.admin().username} changed this meanwhile" in parts["notices"]
    assert f'id="expense-{rent}-version" value="2"' in parts["expense-rows"]
    assert submit(admin, path, {"version": "1"}).status_code == 409
    with database.reading() as session:
        assert rent in [each.id for each in expenses(session)]
    assert htmx(admin, "POST", path, {"version": "2"}, source=source, page="/profit").status_code == 200
    with database.reading() as session:
        assert rent not in [each.id for each in expenses(session)]
