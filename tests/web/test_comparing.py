"""The history of an offer narrowed to its prices, and any two of its revisions side by side."""

import re

import pytest
from flask.testing import FlaskClient

from tests import make
from tests.domain.books import change, new_offer, part_id, reprice
from vela.db import Database
from vela.domain.catalog.commands import add_component, remove_component
from vela.domain.catalog.intake import NewComponent
from vela.intake import read

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def offer(database: Database) -> int:
    """Atlas in five revisions: made, HDD dearer, described, RAM removed, SSD added."""
    offer_id = new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
    reprice(database, part_id(database, offer_id, "HDD"), unit_cost="640.50")
    change(database, offer_id, description="1TB storage")
    with database.transaction() as session:
        remove_component(session, make.admin(), part_id(database, offer_id, "RAM"))
    with database.transaction() as session:
        words = {"name": "SSD <b>", "unit_cost": 400, "unit_sell": 700}
        add_component(session, make.admin(), offer_id, read(NewComponent, words))
    return offer_id


def lines(page: str) -> list[tuple[str, str, list[str]]]:
    """The kind, the name and the cells of each line that is compared."""
    rows = re.findall(r'<tr data-kind="(\w+)"><th[^>]*>(.*?)</th>(.*?)</tr>', page, re.DOTALL)
    plain = [(kind, name, re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)) for kind, name, cells in rows]
    return [
        (kind, name, [" ".join(re.sub("<[^>]+>", "", cell).split()) for cell in cells]) for kind, name, cells in plain
    ]


def test_two_revisions_stand_side_by_side(viewer: FlaskClient, offer: int) -> None:
    page = viewer.get(f"/offers/{offer}/compare?a=1&b=5").text
    assert lines(page) == [
        ("changed", "HDD", ["≠ changed", "1", "600 → 640.50", "1,000", "+40.50", "0"]),
        ("added", "SSD &lt;b&gt;", ["+ added", "1", "400", "700", "+400", "+700"]),
        ("removed", "RAM", ["− removed", "1", "300", "500", "−300", "−500"]),
    ]
    assert re.findall(r'data-total="(\w+)"[^>]*>([^<]+)<', page) == [("cost", "+140.50"), ("sell", "+200")]
    assert "1TB storage" in page
    assert "by" not in lines(page)[0][1]
    back = viewer.get(f"/offers/{offer}/compare?a=5&b=1").text
    assert [kind for kind, *_ in lines(back)] == ["changed", "added", "removed"]
    assert "640.50 → 600" in lines(back)[0][2]


def test_the_latest_stands_beside_the_one_before_unless_others_are_chosen(viewer: FlaskClient, offer: int) -> None:
    page = viewer.get(f"/offers/{offer}/compare").text
    assert "revision 4 and revision 5" in page
    assert [kind for kind, *_ in lines(page)] == ["same", "added"]
    assert "revision 2 and revision 5" in viewer.get(f"/offers/{offer}/compare?a=2").text
    assert "one and the same revision" in viewer.get(f"/offers/{offer}/compare?a=2&b=2").text


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("a=1&b=6", 404, "Atlas has no revision 6."),
        ("a=0&b=1", 404, "Atlas has no revision 0."),
        ("a=999999999", 404, "Its revisions go from 1 to 5."),
        ("a=x", 422, "Write the number of a revision"),
        ("a=-1", 422, "Write the number of a revision"),
        ("b=٣", 422, "Write the number of a revision"),
    ],
)
def test_a_revision_that_is_none_is_refused_in_words(
    viewer: FlaskClient, offer: int, query: str, status: int, words: str
) -> None:
    answer = viewer.get(f"/offers/{offer}/compare?{query}")
    assert (answer.status_code, words in answer.text) == (status, True)
    assert viewer.get("/offers/999/compare").status_code == 404


def test_the_history_offers_two_to_compare_and_price_changes_alone(viewer: FlaskClient, offer: int) -> None:
    page = viewer.get(f"/offers/{offer}/history").text
    assert re.findall(r'id="revision-(\d)"', page) == ["5", "4", "3", "2", "1"]
    assert re.findall(r'name="(\w)" value="(\d)" form="compare" checked', page) == [("b", "5"), ("a", "4")]
    assert f'action="/offers/{offer}/compare"' in page
    assert 'class="v-hist"' in page
    prices = viewer.get(f"/offers/{offer}/history?only=prices").text
    assert re.findall(r'id="revision-(\d)"', prices) == ["5", "4", "2", "1"], "a description is no price"
    assert "640.50" in prices
    assert "1TB storage" not in prices
    assert re.findall(r'id="revision-(\d)"', viewer.get(f"/offers/{offer}/history?only=prices&before=4").text) == [
        "2",
        "1",
    ]
