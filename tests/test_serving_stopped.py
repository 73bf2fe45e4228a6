"""Books in which something is wrong are served all the same, read-only, and the log names what it is."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests import make
from tests.damaging import damage, sound_books
from tests.test_serving import PORT, command, environment, login, running
from vela.db import Database

FOUND = "The kept sum of Atlas in 2026-11 is 2 units, revenue 4400.01"


def rename(token: str) -> int:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    address = f"http://127.0.0.1:{PORT}/api/services/1"
    with urlopen(Request(address, b'{"name": "Other"}', headers, method="PUT"), timeout=10) as response:
        return response.status


def test_what_the_check_at_the_start_finds_stops_the_books_and_not_the_server(bare_url: str, tmp_path: Path) -> None:
    seen = environment(tmp_path, VELA_DATABASE_URL=bare_url)
    assert command(seen, "migrate").returncode == 0
    database = Database(bare_url)
    sound_books(database)
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    damage(database, "UPDATE month_sums SET revenue = revenue + 1 WHERE month = '2026-11' AND service_id = 1")
    with running(seen, "serve"):
        token = json.loads(login("salma", make.PASSWORD))["token"]
        with pytest.raises(HTTPError) as refusal:
            rename(token)
        assert refusal.value.code == 503
        assert FOUND in json.load(refusal.value)["detail"]
        refusal.value.close()
        assert command(seen, "sums", "rebuild").returncode == 0
        assert command(seen, "check").returncode == 0
        assert rename(token) == 200
    database.close()
    assert FOUND in (tmp_path / "home" / "log").read_text()
