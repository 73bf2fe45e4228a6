"""Help: every figure explained with numbers that the product computes, and a way there from beside each figure."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import vela
from tests import make
from vela.blueprints.web.explaining import example
from vela.db import Database

TEMPLATES = Path(vela.__file__).parent / "templates"


def topic(page: str, anchor: str) -> str:
    """What the page says about one thing, as it is heard."""
    found = re.search(rf'<article class="v-topic" id="{anchor}".*?</article>', page, re.DOTALL)
    assert found, anchor
    heard = re.sub(r'<span aria-hidden="true">.*?</span>|<[^>]+>', " ", found[0], flags=re.DOTALL)
    return " ".join(heard.split())


def test_figures_are_explained_with_the_numbers_of_atlas(viewer: FlaskClient) -> None:
    page = viewer.get("/help").text
    for anchor, says in {
        "cost": "cost 600, 300, 200, 200, 200, 300, 200. Together that is 2,000.",
        "margin-percent": "Margin percent is 100 times margin, divided by sell. Of each 4,000 that an Atlas",
        "list-price": "Atlas+ is listed at 5,000 and adds up to 5,700: the difference is −700.",
        "what-if": "from 300 to 330 and the margin of Atlas from 2,000 to 1,970, or 49.3%. Sold for 4,060",
        "net-margin": "5,200 of 12,000 is 43.3%.",
        "sums": "That month and one without sales end with 4,400 together: 36.7% of 12,000.",
        "revisions": "It costs 2,030 now: those sold still cost 6,000",
        "rounding": "0.165 exactly, and counts as 0.17. Rif keeps 1,900 of 3,600. That is kept as 52.78%",
        "dash": "a net profit of −800 and a net margin of — (a dash).",
    }.items():
        assert says in topic(page, anchor), anchor


def test_the_numbers_are_computed_and_not_typed(viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "OPEX", example.OPEX + 100)
    assert "6,000 less 900 is 5,100." in topic(viewer.get("/help").text, "net-profit")


def test_every_link_to_an_explanation_finds_it(viewer: FlaskClient) -> None:
    page = viewer.get("/help").text
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    sources = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    asked = set(re.findall(r'why\("([^"]+)"', sources)) | set(re.findall(r'/help#([\w-]+)"', sources))
    assert len(asked) >= 5
    assert asked <= ids


def test_figures_lead_to_their_explanation_by_a_name(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.offer(session)
    page = viewer.get("/").text
    ids = set(re.findall(r' id="([^"]+)"', viewer.get("/help").text))
    assert set(re.findall(r'"/help#([^"]+)"', page + viewer.get("/offers/1").text)) <= ids
    assert 'class="v-why" href="/help#gross-margin" aria-label="Gross margin: what it means"' in page
    assert (
        'class="v-why" href="/help#list-price" aria-label="List price: what it means"' in viewer.get("/offers/1").text
    )
    assert all('href="/help"' in viewer.get(path).text for path in ("/", "/account"))
