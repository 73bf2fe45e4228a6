"""How much script of our own each page loads, measured on what it is really served."""

import gzip
import re

from flask.testing import FlaskClient

from tests.test_templates import PAGES, demo

__all__ = ["demo"]
MOST_BYTES = 15_000
OWN = re.compile(r'<script src="(/static/js/[^"]+)"')


def test_no_page_loads_much_script(demo: FlaskClient) -> None:
    sizes = {page: sum(size(demo, path) for path in OWN.findall(demo.get(page).text)) for page in (*PAGES, "/login")}
    assert {page: count for page, count in sizes.items() if count > MOST_BYTES} == {}
    assert sizes["/offers/2"] > sizes["/"] > 0


def size(client: FlaskClient, path: str) -> int:
    with client.get(path) as response:
        assert response.status_code == 200, path
        return len(gzip.compress(response.data))
