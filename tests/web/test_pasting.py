"""A block pasted into the components of an offer: as typed, all or nothing, one revision, refusals at their cells."""

import html
import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import fresh_key, htmx, partials, submit
from tests.web.test_offer_grid import Grid, grid_of, text
from vela.db import Database
from vela.domain.catalog import queries


@pytest.fixture
def database_url(empty_file: Path, tmp_path: Path) -> str:
    shutil.copy(empty_file, tmp_path / "vela.db")
    return f"sqlite:///{tmp_path / 'vela.db'}"


@pytest.fixture
def grid(admin: FlaskClient, database: Database) -> Grid:
    return grid_of(admin, database)


def paste(grid: Grid, at: str, block: str, first: int = 0, **more: str) -> TestResponse:
    """Paste as the page does, with all rows from number `first` on."""
    rows = {line.id: line.version for line in grid.offer().components}
    said = {"at": at, "block": block, "rows": " ".join(f"{each}:{rows[each]}" for each in grid.ids[first:])}
    return htmx(grid.client, "POST", f"/offers/{grid.offer_id}/paste", said | more, source="form#paste")


def lines(grid: Grid) -> list[tuple[str, str, str, str, str]]:
    return [
        (each.name, plain(each.quantity), plain(each.unit_cost), plain(each.unit_sell), each.notes)
        for each in grid.offer().components
    ]


def plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


START = [("HDD", "1", "600", "1000", ""), ("RAM", "1", "300", "500", ""), ("CPU", "1", "200", "400", "")]


def unchanged(grid: Grid) -> bool:
    return lines(grid) == START and grid.offer().version == 1


def test_cells_go_right_and_down_as_typed_and_are_one_revision_with_one_undo(grid: Grid) -> None:
    answer = partials(paste(grid, "unit_cost", "1.234,50\t2 000\r\n310\t0,5\r\n", 1))
    assert lines(grid)[1:] == [("RAM", "1", "1234.5", "2000", ""), ("CPU", "1", "310", "0.5", "")]
    assert grid.offer().version == 2
    assert "Pasted. Components changed: 2, added: 0." in answer["toasts"]
    assert answer["undos"].count("hx-post") == 1
    assert f"component-{grid.ids[1]}-unit_cost-error" in answer
    assert text(answer[f"offer-{grid.offer_id}-cost"]) == "2,144.50"
    assert "grid-rows" not in answer, "what is typed elsewhere stays"
    htmx(grid.client, "POST", f"/offers/{grid.offer_id}/revisions/2/undo", {})
    assert lines(grid) == START


def test_rows_below_the_last_become_components_when_the_block_begins_with_names(grid: Grid) -> None:
    answer = partials(paste(grid, "name", 'CPU\t2\t200\t400\t"a\nb"\n\nSSD\t\t10\t20\nNVMe\t3\t1\t2', 2))
    assert lines(grid)[2:] == [
        ("CPU", "2", "200", "400", "a\nb"), ("SSD", "1", "10", "20", ""), ("NVMe", "3", "1", "2", ""),
    ]  # fmt: skip
    assert grid.offer().version == 2
    assert "Pasted. Components changed: 1, added: 2." in answer["toasts"]
    assert "NVMe" in answer["grid-rows"]


def test_what_has_no_place_is_said(grid: Grid) -> None:
    answer = partials(paste(grid, "unit_sell", "410\tnote\ttoo much\n1\n2\n", 2))
    assert lines(grid)[2] == ("CPU", "1", "200", "410", "note")
    assert "for there is no component for them: 2." in answer["toasts"]
    assert "for there is no field for them: 1." in answer["toasts"]


def test_ragged_rows_leave_what_they_do_not_hold(grid: Grid) -> None:
    paste(grid, "name", "Disk\nRAM\t1\t301\n")
    assert lines(grid)[:2] == [("Disk", "1", "600", "1000", ""), ("RAM", "1", "301", "500", "")]


def test_every_refused_cell_says_so_in_its_slot_and_nothing_is_stored(grid: Grid) -> None:
    refused = paste(grid, "unit_cost", "610\t<b>\nabc\t\n210\t410")
    assert refused.status_code == 422
    answer, first, second = partials(refused), *grid.ids[:2]
    assert 'data-pasted="&lt;b&gt;"' in answer[f"component-{first}-unit_sell-error"]
    assert 'data-pasted="abc"' in answer[f"component-{second}-unit_cost-error"]
    assert 'data-pasted=""' in answer[f"component-{second}-unit_sell-error"]
    assert f"component-{first}-unit_cost-error" not in answer
    assert "Nothing was pasted." in answer["notices"]
    assert unchanged(grid)


def test_a_new_row_that_is_refused_is_named(grid: Grid) -> None:
    refused = paste(grid, "name", "CPU\t1\t201\nSSD\tmany\t1\t2\n\t1\t1\t2", 2)
    assert refused.status_code == 422
    told = text(html.unescape(partials(refused)["notices"]))
    assert "Row 2 of what was pasted, quantity “many”:" in told
    assert "Row 3 of what was pasted, name “”: Give it a name." in told
    assert unchanged(grid)


def test_sums_that_cannot_be_are_refused_as_a_whole(grid: Grid) -> None:
    many = "\n".join(f"Part {number}\t1\t1\t1" for number in range(201))
    refused = paste(grid, "name", many, 3)
    assert refused.status_code == 409
    assert "An offer holds at most 200 components." in partials(refused)["notices"]
    assert unchanged(grid)


def test_what_somebody_else_changed_is_not_overwritten(grid: Grid) -> None:
    seen = " ".join(f"{each}:1" for each in grid.ids)
    grid.patch(0, "unit_cost", "650")
    refused = paste(grid, "unit_cost", "610\t1010\n310\t510", rows=seen)
    assert refused.status_code == 409
    slot = partials(refused)[f"component-{grid.ids[0]}-unit_cost-error"]
    assert "Theirs 650, yours 610." in text(slot)
    assert 'data-pasted="610"' in slot
    assert "data-mine" in slot
    assert grid.line(1).unit_cost == 300
    assert paste(grid, "notes", "x", rows=seen).status_code == 200, "another field of it is not in dispute"


def test_a_row_that_is_gone_is_named(grid: Grid) -> None:
    htmx(grid.client, "DELETE", grid.path(1))
    refused = htmx(
        grid.client, "POST", f"/offers/{grid.offer_id}/paste",
        {"at": "notes", "block": "x\ny", "rows": f"{grid.ids[0]}:1 {grid.ids[1]}:1"}, source="form#paste",
    )  # fmt: skip
    assert refused.status_code == 422
    assert "Row 2 of what was pasted:" in partials(refused)["notices"]
    assert grid.line(0).notes == ""


def test_the_same_values_change_nothing(grid: Grid) -> None:
    answer = partials(paste(grid, "unit_cost", "600\n300\n200"))
    assert "Nothing to change." in answer["toasts"]
    assert "undos" not in answer
    assert unchanged(grid)


def test_sent_twice_it_is_done_once(grid: Grid) -> None:
    key = fresh_key()
    for _ in range(2):
        assert paste(grid, "name", "SSD\t1\t1\t2", 3, **key).status_code == 200
    assert grid.names() == ["HDD", "RAM", "CPU", "SSD"]


@pytest.mark.parametrize(
    "said", [{"at": "margin"}, {"at": ""}, {"at": "name", "block": ""}, {"at": "name", "rows": "x"}]
)
def test_what_is_no_paste_changes_nothing(grid: Grid, said: Mapping[str, str]) -> None:
    htmx(grid.client, "POST", f"/offers/{grid.offer_id}/paste", {"block": "", "rows": "", **said})
    assert unchanged(grid)


def test_only_who_may_change_offers_may_paste(grid: Grid, viewer: FlaskClient) -> None:
    grid.client = viewer
    assert paste(grid, "unit_cost", "1").status_code == 403
    assert unchanged(grid)


def test_a_plain_form_is_led_to_the_offer(grid: Grid) -> None:
    path = f"/offers/{grid.offer_id}/paste"
    done = submit(grid.client, path, {"at": "unit_cost", "block": "1", "rows": f"{grid.ids[0]}:1"})
    assert (done.status_code, done.location) == (303, f"/offers/{grid.offer_id}")
    assert submit(grid.client, path, {"at": "unit_cost", "block": "x", "rows": f"{grid.ids[0]}:2"}).status_code == 422
    with grid.database.reading() as session:
        assert queries.service(session, grid.offer_id).version == 2


def test_a_price_below_zero_is_for_adjustments(grid: Grid) -> None:
    refused = paste(grid, "unit_cost", "610\n-5\n210")
    slot = partials(refused)[f"component-{grid.ids[1]}-unit_cost-error"]
    assert "Only an adjustment may go below 0." in text(slot)
    assert unchanged(grid)
