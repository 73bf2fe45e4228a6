"""How much script of our own each page loads: what it is really served, compressed together."""

import gzip
import re

from flask.testing import FlaskClient

from tests.test_templates import PAGES, demo

__all__ = ["demo"]
MOST_BYTES = 15_000
OWN = re.compile(r'<script src="(/(?:static/js|scripts)/[^"]+)"')


def test_no_page_loads_much_script(demo: FlaskClient) -> None:
    sizes = {page: size(demo, page) for page in (*PAGES, "/login")}
    assert {page: count for page, count in sizes.items() if count > MOST_BYTES} == {}
    assert sizes["/offers/2"] > sizes["/"] > 0


def size(client: FlaskClient, page: str) -> int:
    """The bytes of a page's own scripts, compressed as one."""
    together = b""
    for path in OWN.findall(client.get(page).text):
        with client.get(path) as response:
            assert response.status_code == 200, path
            together += response.data
    return len(gzip.compress(together))
