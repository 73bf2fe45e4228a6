"""More sales than one page holds: every page keeps the filters, and the totals are those of all of them."""

import re

import pytest
from flask.testing import FlaskClient

from tests import make
from vela.blueprints.web.transactions import listing
from vela.db import Database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_pages_keep_filters_and_totals(
    viewer: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    with database.transaction() as session:
        offer, other = make.offer(session, "Atlas"), make.offer(session, "Rif")
        for quantity in range(1, 6):
            make.sale(session, offer, quantity, notes="kept")
        make.sale(session, other, 9)
        path = f"/transactions?month=2026-11&offer={offer.id}&q=kept&sort=quantity"
    seen, page = list[str](), ""
    while path:
        page = viewer.get(path).text
        assert re.findall(r'data-total="revenue">([^<]+)<', page) == ["15,000"]
        seen += re.findall(r'aria-label="Sale \d+: ([^"]+)"', page)
        following = re.search(r'href="([^"]+)#sales" rel="next"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == ["1,000", "2,000", "3,000", "4,000", "5,000"]
    assert "5 to 5 of 5" in page
    beyond = viewer.get(f"/transactions?month=2026-11&offer={offer.id}&page=99").text
    assert "5 to 5 of 5" in beyond
