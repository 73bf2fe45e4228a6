"""The components of an offer in a browser: each act on a row, with htmx and without script, and each refusal."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import make
from tests.web.conftest import htmx, partials, submit
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.catalog.commands import remove_component
from vela.domain.catalog.models import Component, Service


@dataclass
class Grid:
    """An offer of three lines, and the ways to ask for changes of it."""

    client: FlaskClient
    database: Database
    offer_id: int
    ids: list[int]

    def path(self, at: int, act: str = "") -> str:
        return f"/offers/{self.offer_id}/components/{self.ids[at]}{act}"

    def patch(self, at: int, field: str, value: str, **more: str) -> TestResponse:
        """One cell of one row, as the grid sends it."""
        source = f"input#component-{self.ids[at]}-{field}"
        return htmx(self.client, "PATCH", self.path(at), {field: value, **more}, source=source)

    def offer(self) -> Service:
        with self.database.reading() as session:
            return queries.service(session, self.offer_id)

    def line(self, at: int) -> Component:
        return next(each for each in self.offer().components if each.id == self.ids[at])

    def names(self) -> list[str]:
        return [each.name for each in self.offer().components]


def grid_of(client: FlaskClient, database: Database) -> Grid:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500), ("CPU", 200, 400), list_sell=2000)
        return Grid(client, database, offer.id, [each.id for each in offer.components])


@pytest.fixture
def grid(admin: FlaskClient, database: Database) -> Grid:
    return grid_of(admin, database)


def value_of(html: str) -> str:
    found = re.search(r'value="([^"]*)"', html)
    assert found, html
    return found[1]


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# ---------- one cell


def test_a_cell_is_saved_and_all_that_depends_on_it_comes_back(grid: Grid) -> None:
    answer = partials(grid.patch(0, "unit_cost", "640,50", version="1"))
    component, offer = f"component-{grid.ids[0]}", f"offer-{grid.offer_id}"
    assert value_of(answer[f"{component}-unit_cost-error"]) == "640.50"
    assert answer[f"{component}-margin"] == "359.50"
    assert answer[f"{component}-margin_pct"] == "36.0%"
    assert value_of(answer[f"{component}-version"]) == "2"
    assert text(answer[f"{offer}-cost"]) == text(answer[f"{offer}-foot-cost"]) == "1,140.50"
    assert "v-bump" in answer[f"{offer}-cost"]
    assert text(answer[f"{offer}-sell"]) == "1,900"
    assert "v-bump" not in answer[f"{offer}-sell"]
    assert text(answer[f"{offer}-margin"]) == text(answer[f"{offer}-foot-margin"]) == "759.50"
    assert "margin at list 43.0%" in text(answer[f"{offer}-at_list"])
    assert "HDD 640.50 56%" in text(answer[f"{offer}-split"])
    assert "Cost 1,140.50 1,140.50 0" in text(answer["what-if-out"])
    assert "HDD unit cost just now, Salma in the browser 600 to 640.50" in text(answer[f"{offer}-past"])
    assert "Last change by Salma" in answer[f"{offer}-last"]
    assert answer["announce"] == "Saved. Cost 1,140.50, margin 759.50."
    assert "HDD unit cost is now 640.50, was 600." in answer["toasts"]
    assert f"/offers/{grid.offer_id}/revisions/2/undo" in answer["toasts"]


def test_the_field_that_is_typed_in_is_never_part_of_an_answer(grid: Grid) -> None:
    answer = grid.patch(0, "unit_cost", "700").text
    assert 'class="v-in"' not in answer
    assert "hx-patch" not in answer


def test_a_column_is_repainted_when_its_decimals_change(grid: Grid) -> None:
    first = partials(grid.patch(0, "unit_cost", "600.25"))
    assert first[f"component-{grid.ids[2]}-margin"] == "200.00"
    second = partials(grid.patch(1, "unit_cost", "301"))
    assert f"component-{grid.ids[2]}-margin" not in second
    third = partials(grid.patch(0, "unit_cost", "600"))
    assert third[f"component-{grid.ids[2]}-margin"] == "200"


@pytest.mark.parametrize(
    ("field", "typed", "stored", "shown"),
    [
        ("name", " NVMe ", "NVMe", "NVMe"),
        ("quantity", "1.5", "1.5000", "1.5"),
        ("unit_cost", "1 000", "1000.00000", "1,000"),
        ("unit_sell", "0.00042", "0.00042", "0.00042"),
        ("notes", "Seagate", "Seagate", "Seagate"),
        ("group", "Storage", "Storage", "Storage"),
        ("kind", "adjustment", "adjustment", "adjustment"),
    ],
)
def test_each_field_can_be_edited(grid: Grid, field: str, typed: str, stored: str, shown: str) -> None:
    answer = partials(grid.patch(0, field, typed))
    assert value_of(answer[f"component-{grid.ids[0]}-{field}-error"]) == shown
    assert str(getattr(grid.line(0), field)) == stored
    assert ("toasts" in answer) == (field in ("quantity", "unit_cost", "unit_sell"))
    assert "/revisions/2/undo" in answer["undos"]


def test_the_same_value_again_changes_nothing(grid: Grid) -> None:
    answer = partials(grid.patch(0, "unit_cost", "600.00"))
    assert value_of(answer[f"component-{grid.ids[0]}-unit_cost-error"]) == "600"
    assert set(answer) == {f"component-{grid.ids[0]}-unit_cost-error", "announce"}
    assert grid.offer().version == 1


@pytest.mark.parametrize(
    ("field", "typed", "complaint"),
    [
        ("unit_cost", "4oo", "Enter a number"),
        ("unit_cost", "", "Enter a number"),
        ("unit_cost", "NaN", "Enter a number"),
        ("unit_cost", "1e5", "Enter a number"),
        ("unit_cost", "-1", "Only an adjustment may go below 0."),
        ("unit_cost", "1.123456", "Use at most 5 decimals."),
        ("unit_sell", "99999999999999", "That is too large."),
        ("quantity", "0", "Enter a number above 0"),
        ("name", "  ", "Give it a name."),
        ("name", "x" * 81, "Use at most 80 characters."),
        ("kind", "toy", "Choose part or adjustment."),
        ("colour", "blue", "There is no field named colour here."),
    ],
)
def test_a_refusal_stands_beside_its_cell(grid: Grid, field: str, typed: str, complaint: str) -> None:
    response = grid.patch(0, field, typed)
    assert response.status_code == 422
    slot = partials(response)[f"component-{grid.ids[0]}-{field}-error"]
    assert complaint in slot
    assert 'role="alert"' in slot
    assert grid.offer().version == 1


def test_a_refusal_of_the_row_stands_beside_the_cell_that_was_changed(grid: Grid) -> None:
    grid.patch(0, "kind", "adjustment")
    grid.patch(0, "unit_sell", "-100")
    back = grid.patch(0, "kind", "part")
    assert "Only an adjustment may go below 0." in partials(back)[f"component-{grid.ids[0]}-kind-error"]
    whole = grid.patch(0, "unit_sell", "-9000")
    assert whole.status_code == 409
    assert "would add up to less than 0" in partials(whole)[f"component-{grid.ids[0]}-unit_sell-error"]


# ---------- somebody else was quicker


def test_the_second_to_edit_a_cell_decides(grid: Grid) -> None:
    grid.patch(0, "unit_cost", "450", version="1")
    response = grid.patch(0, "unit_cost", "420", version="1")
    assert response.status_code == 409
    answer = partials(response)
    slot = answer[f"component-{grid.ids[0]}-unit_cost-error"]
    assert "Salma changed this just now." in slot
    assert "Theirs 450, yours 420." in slot
    assert re.search(r'data-keep="450" data-version="2"', slot)
    assert re.search(r'data-mine data-version="2"', slot)
    assert text(answer[f"offer-{grid.offer_id}-cost"]) == "950"
    assert grid.line(0).unit_cost == 450
    assert grid.patch(0, "unit_cost", "420", version="2").status_code == 200


def test_two_people_may_change_different_cells_of_one_row(grid: Grid) -> None:
    assert grid.patch(0, "unit_cost", "450", version="1").status_code == 200
    assert grid.patch(0, "unit_sell", "900", version="1").status_code == 200


def test_a_row_that_somebody_removed_says_so(grid: Grid) -> None:
    with grid.database.transaction() as session:
        remove_component(session, make.admin(), grid.ids[0])
    response = grid.patch(0, "unit_cost", "1")
    assert response.status_code == 404
    answer = partials(response)
    assert "Somebody removed this component meanwhile" in answer["notices"]
    assert "HDD" not in answer["grid-rows"]
    assert submit(grid.client, grid.path(0), {"unit_cost": "1"}).status_code == 404


def test_a_removal_of_what_changed_meanwhile_is_held_back(grid: Grid) -> None:
    grid.patch(0, "unit_cost", "450", version="1")
    response = htmx(grid.client, "DELETE", grid.path(0) + "?version=1", source="button#remove")
    assert response.status_code == 409
    answer = partials(response)
    assert "Salma changed this meanwhile." in answer["notices"]
    assert 'value="450"' in answer["grid-rows"]
    assert grid.names() == ["HDD", "RAM", "CPU"]


def test_a_version_that_is_none_is_refused(grid: Grid) -> None:
    assert grid.patch(0, "unit_cost", "450", version="latest").status_code == 422


def test_a_component_of_another_offer_is_not_found(grid: Grid) -> None:
    with grid.database.transaction() as session:
        other = make.offer(session, "Rif")
    path = f"/offers/{grid.offer_id}/components/{other.components[0].id}"
    for response in (
        htmx(grid.client, "PATCH", path, {"unit_cost": "1"}),
        htmx(grid.client, "DELETE", path),
        submit(grid.client, path + "/remove"),
        submit(grid.client, path + "/move", {"position": "1"}),
    ):
        assert response.status_code == 404


# ---------- adding, removing, moving


def test_a_component_is_added_at_the_end(grid: Grid) -> None:
    sent = {"name": "NVMe", "quantity": "2", "unit_cost": "10.5", "unit_sell": "20", "notes": ""}
    answer = partials(
        htmx(grid.client, "POST", f"/offers/{grid.offer_id}/components", sent, source="form#component-new")
    )
    assert 'value="NVMe"' in answer["grid-rows"]
    assert text(answer[f"offer-{grid.offer_id}-cost"]) == "1,121"
    assert "Added: NVMe." in answer["toasts"]
    assert grid.names() == ["HDD", "RAM", "CPU", "NVMe"]


def test_a_refused_new_component_keeps_what_was_typed(grid: Grid) -> None:
    path = f"/offers/{grid.offer_id}/components"
    sent = {"name": "", "quantity": "0", "unit_cost": "x", "unit_sell": "20"}
    answer = partials(htmx(grid.client, "POST", path, sent, source="form#component-new"))
    for field in ("name", "quantity", "unit_cost"):
        assert 'role="alert"' in answer[f"component-new-{field}-error"]
    plain = submit(grid.client, path, sent)
    assert plain.status_code == 422
    assert "Give it a name." in plain.text
    assert re.search(r'id="component-new-unit_cost"[^>]*value="x"', plain.text)
    assert grid.names() == ["HDD", "RAM", "CPU"]


def test_adding_without_script(grid: Grid) -> None:
    page = grid.client.get(f"/offers/{grid.offer_id}?add=1").text
    assert re.search(r'id="grid-new">', page)
    sent = {"name": "NVMe", "quantity": "1", "unit_cost": "10", "unit_sell": "20", "notes": ""}
    added = submit(grid.client, f"/offers/{grid.offer_id}/components", sent)
    assert (added.status_code, added.headers["Location"]) == (303, f"/offers/{grid.offer_id}")
    assert 'value="NVMe"' in grid.client.get(added.headers["Location"]).text


def test_a_component_is_removed_and_put_back(grid: Grid) -> None:
    response = htmx(grid.client, "DELETE", grid.path(1) + "?version=1")
    answer = partials(response)
    assert "RAM removed. Atlas now costs 800." in answer["toasts"]
    assert "is-gone" in answer[f"component-{grid.ids[1]}"]
    assert list(answer)[-1] == f"component-{grid.ids[1]}"
    assert grid.names() == ["HDD", "CPU"]
    back = partials(htmx(grid.client, "POST", f"/offers/{grid.offer_id}/revisions/2/undo"))
    assert 'value="RAM"' in back["grid-rows"]
    assert text(back[f"offer-{grid.offer_id}-cost"]) == "1,100"
    assert {"undo-2", "toast-2"} <= set(back)
    assert grid.names() == ["HDD", "RAM", "CPU"]


def test_removing_without_script(grid: Grid) -> None:
    removed = submit(grid.client, grid.path(1, "/remove"))
    assert (removed.status_code, removed.headers["Location"]) == (303, f"/offers/{grid.offer_id}")
    assert grid.names() == ["HDD", "CPU"]


@pytest.mark.parametrize(
    ("at", "position", "order"), [(2, "1", "CPU HDD RAM"), (0, "2", "RAM HDD CPU"), (0, "99", "RAM CPU HDD")]
)
def test_a_component_is_moved(grid: Grid, at: int, position: str, order: str) -> None:
    answer = partials(htmx(grid.client, "POST", grid.path(at, "/move"), {"position": position}))
    assert re.findall(r'name="name" value="([^"]+)"', answer["grid-rows"]) == order.split()
    assert "is now number" in answer["announce"]
    assert grid.names() == order.split()


def test_moving_without_script(grid: Grid) -> None:
    moved = submit(grid.client, grid.path(0, "/move"), {"position": "2"})
    assert (moved.status_code, moved.headers["Location"]) == (303, f"/offers/{grid.offer_id}")
    assert grid.names() == ["RAM", "HDD", "CPU"]
    assert submit(grid.client, grid.path(0, "/move"), {"position": "up"}).status_code == 422


# ---------- a row without script, and whoever may not


def test_a_row_is_saved_as_a_form(grid: Grid) -> None:
    sent = {"name": "Disk", "quantity": "2", "unit_cost": "610", "unit_sell": "1,000", "notes": "new", "version": "1"}
    saved = submit(grid.client, grid.path(0), sent | {"group": "Storage", "kind": "part"})
    assert (saved.status_code, saved.headers["Location"]) == (303, f"/offers/{grid.offer_id}")
    line = grid.line(0)
    assert (line.name, line.unit_cost, line.unit_sell, line.group) == ("Disk", 610, 1000, "Storage")


def test_a_refused_row_comes_back_as_it_was_typed(grid: Grid) -> None:
    refused = submit(grid.client, grid.path(0), {"name": "Disk", "unit_cost": "many", "version": "1"})
    assert refused.status_code == 422
    assert re.search(rf'id="component-{grid.ids[0]}-unit_cost"[^>]*value="many"', refused.text)
    assert re.search(rf'id="component-{grid.ids[0]}-name"[^>]*value="Disk"', refused.text)
    assert "Enter a number" in refused.text


def test_a_stale_row_without_script_says_who(grid: Grid) -> None:
    grid.patch(0, "unit_cost", "450", version="1")
    refused = submit(grid.client, grid.path(0), {"unit_cost": "420", "version": "1"})
    assert refused.status_code == 409
    assert "Salma changed this meanwhile." in refused.text
    assert re.search(rf'id="component-{grid.ids[0]}-unit_cost"[^>]*value="420"', refused.text)


def test_a_viewer_is_refused_every_act(viewer: FlaskClient, database: Database) -> None:
    grid = grid_of(viewer, database)
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", grid.path(0), {"unit_cost": "1"}),
        ("DELETE", grid.path(0), {}),
        ("POST", grid.path(0, "/move"), {"position": "2"}),
        ("POST", f"/offers/{grid.offer_id}/components", {"name": "x", "unit_cost": "1", "unit_sell": "1"}),
    ]
    for method, path, data in asked:
        assert htmx(viewer, method, path, data).status_code == 403
    assert submit(viewer, grid.path(0), {"unit_cost": "1"}).status_code == 403
    assert grid.offer().version == 1


def test_a_sign_in_that_ended_leads_back_here(grid: Grid) -> None:
    grid.client.delete_cookie("token")
    path = f"/offers/{grid.offer_id}"
    response = htmx(grid.client, "PATCH", grid.path(0), {"unit_cost": "1"}, page=path)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == f"/login?next=%2Foffers%2F{grid.offer_id}&ended=1"


def test_without_script_a_row_that_changed_meanwhile_is_not_removed(grid: Grid) -> None:
    page = grid.client.get(f"/offers/{grid.offer_id}").text
    assert f'form="component-{grid.ids[1]}-form" formaction="{grid.path(1, "/remove")}"' in page
    assert grid.patch(1, "unit_cost", "310").status_code == 200
    row = {"version": "1", "name": "RAM", "unit_cost": "300"}
    refused = submit(grid.client, grid.path(1, "/remove"), row)
    assert refused.status_code == 409
    assert "changed this meanwhile" in refused.text
    assert 'value="310"' in refused.text
    assert grid.names() == ["HDD", "RAM", "CPU"]
    assert submit(grid.client, grid.path(1, "/remove"), row | {"version": "2"}).status_code == 303
    assert grid.names() == ["HDD", "CPU"]
