"""A full disk and other faults of the ground: refused in words on every face, nothing half-stored, healed alone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from tests import make
from tests.api.conftest import Program, signed_in
from tests.mcp.conftest import Agent, token_of
from tests.web.conftest import htmx, sign_in, submit
from vela.db import Database
from vela.domain.catalog import queries
from vela.errors import Unavailable

Fault = Callable[[Database], AbstractContextManager[None]]
LONG = "x" * 500


@contextmanager
def full(database: Database) -> Iterator[None]:
    """No room for another page: SQLite counts its pages, PostgreSQL says so when a row is written."""
    if not database.is_sqlite:
        with _refusing_rows(database, "53100"):
            yield
        return

    def limit(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # pyright: ignore[reportAttributeAccessIssue]

    database.engine.dispose()
    event.listen(database.engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", limit)
        database.engine.dispose()


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """What a disk that was mounted anew for reading does to writers."""
    if not database.is_sqlite:
        with _refusing_rows(database, "25006"):
            yield
        return

    def only_read(connection: object, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")  # pyright: ignore[reportAttributeAccessIssue]

    database.engine.dispose()
    event.listen(database.engine, "connect", only_read)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", only_read)
        database.engine.dispose()


@contextmanager
def broken(database: Database) -> Iterator[None]:
    """A server whose disk fails; for a file, see the tests with a process of their own."""
    if database.is_sqlite:
        pytest.skip("a failing disk under a file has a test of its own")
    with _refusing_rows(database, "58030"):
        yield


@contextmanager
def _refusing_rows(database: Database, condition: str) -> Iterator[None]:
    refuse = f"BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = '{condition}'; END"
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$")
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP FUNCTION refuse() CASCADE")


FAULTS = [
    (full, "DISK_FULL", "The disk is full"),
    (read_only, "DISK_READ_ONLY", "may not be written to"),
    (broken, "DISK_FAULT", "The disk reported a fault"),
]


@pytest.fixture
def books(app: Flask) -> Database:
    database = app.extensions["vela"].database
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    return database


def offers(database: Database) -> list[str]:
    with database.reading() as session:
        return [service.name for service in queries.services(session)]


def until_refused(ask: Callable[[str], int]) -> tuple[list[str], str]:
    """Ask for offers until one is refused: the names that were acknowledged, and the one that was not."""
    acknowledged: list[str] = []
    for name in (f"Atlas {number}" for number in range(100)):
        if ask(name) >= 400:
            return acknowledged, name
        acknowledged.append(name)
    pytest.fail("never refused")


@pytest.mark.parametrize(("fault", "code", "words"), FAULTS)
def test_a_script_is_told_and_may_come_back(app: Flask, books: Database, fault: Fault, code: str, words: str) -> None:
    program: Program = signed_in(app, "salma")

    def ask(name: str) -> int:
        return program.post("/api/services", {"name": name, "description": LONG}).status_code

    with fault(books):
        acknowledged, refused = until_refused(ask)
        answer = program.post("/api/services", {"name": refused, "description": LONG})
        assert (answer.status_code, answer.json["error"]) == (503, code), answer.text
        assert words in answer.json["detail"]
        assert int(answer.headers["Retry-After"]) > 0
        assert len(program.get("/api/services").json) == len(acknowledged)
    assert ask(refused) == 201
    assert sorted(offers(books)) == sorted([*acknowledged, refused])


@pytest.mark.parametrize(("fault", "code", "words"), FAULTS)
def test_a_person_is_told_and_may_come_back(app: Flask, books: Database, fault: Fault, code: str, words: str) -> None:
    browser = sign_in(app, "salma")

    def ask(name: str) -> int:
        return submit(browser, "/offers", {"name": name, "description": LONG}).status_code

    with fault(books):
        acknowledged, refused = until_refused(ask)
        said = {"name": refused, "description": LONG}
        fragment = htmx(browser, "POST", "/offers", said)
        page = submit(browser, "/offers", said)
        assert [fragment.status_code, page.status_code] == [503, 503]
        assert words in fragment.text
        assert words in page.text
    assert ask(refused) == 303
    assert sorted(offers(books)) == sorted([*acknowledged, refused])


@pytest.mark.parametrize(("fault", "code", "words"), FAULTS)
def test_an_agent_is_told_and_may_come_back(books: Database, fault: Fault, code: str, words: str) -> None:
    agent = Agent(books, token_of(books, "salma"), "auto")
    with books.transaction() as session:
        atlas = make.offer(session).id

    def said(name: str) -> dict[str, Any]:
        return {"service_id": atlas, "name": name, "unit_cost": 1, "unit_sell": 2, "notes": LONG}

    def ask(name: str) -> int:
        return 503 if agent.call("add_component", **said(name)).is_error else 200

    with fault(books):
        acknowledged, refused = until_refused(ask)
        body, _text = agent.refusal("add_component", **said(refused))
        assert body["error"] == code
        assert words in body["detail"]
    assert ask(refused) == 200
    with books.reading() as session:
        names = [each.name for each in queries.service(session, atlas).components]
    assert names == ["HDD", *acknowledged, refused]


# ---------- a process of its own, whose files may not grow


WRITER = """
import json, resource, signal, sys
from tests import make
from vela.db import Database
from vela.errors import Unavailable

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
database = Database(sys.argv[1])
acknowledged, refused = [], []

def write(name):
    try:
        with database.transaction() as session:
            make.offer(session, name)
    except Unavailable as refusal:
        refused.append(refusal.code)
    else:
        acknowledged.append(name)

for number in range(3):
    write(f"before {number}")
size = database.path.with_name(database.path.name + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(20):
    write(f"during {number}")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for number in range(3):
    write(f"after {number}")
database.close()
print(json.dumps({"acknowledged": acknowledged, "refused": refused}))
"""


@pytest.mark.parametrize("room", [0, 100, 4096, 30_000])
def test_files_that_cannot_grow_lose_nothing_and_heal(database: Database, room: int) -> None:
    if not database.is_sqlite:
        pytest.skip("the files of PostgreSQL belong to its server")
    words = [sys.executable, "-c", WRITER, database.url, str(room)]
    seen = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(words, env=seen, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["refused"]) <= {"disk_full", "disk_fault"}
    assert len(told["refused"]) >= 10
    assert [name for name in told["acknowledged"] if name.startswith("after")] == ["after 0", "after 1", "after 2"]
    assert set(offers(database)) == set(told["acknowledged"])
    with database.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


# ---------- a real disk that is full, where one may be mounted


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    words = ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    if mount is None or umount is None or subprocess.run([mount, *words], capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    yield folder
    subprocess.run([umount, "--lazy", folder], check=True)


def make_offers(database: Database, count: int) -> None:
    with database.transaction() as session:
        for number in range(count):
            make.offer(session, f"During {number}")


def test_a_full_disk_refuses_until_there_is_room(empty_file: Path, small_disk: Path) -> None:
    path = small_disk / "vela.db"
    path.write_bytes(empty_file.read_bytes())
    filler = small_disk / "filler"
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        make.offer(session, "Before")
    filled = 0
    with filler.open("wb", buffering=0) as file:
        while True:
            try:
                filled += file.write(b"x" * 4096)
            except OSError:
                break
    assert filled > 0
    with pytest.raises(Unavailable) as refusal:
        make_offers(database, 50)
    assert refusal.value.code == "disk_full"
    assert offers(database) == ["Before"]
    filler.unlink()
    with database.transaction() as session:
        make.offer(session, "Later")
    assert sorted(offers(database)) == ["Before", "Later"]
    database.close()


def test_a_file_that_vanished_is_not_replaced_by_an_empty_one(database: Database) -> None:
    if not database.is_sqlite or database.path is None:
        pytest.skip("only SQLite is a file")
    database.engine.dispose()
    aside = database.path.with_name("aside.db")
    database.path.rename(aside)
    with pytest.raises(Unavailable) as refusal, database.transaction() as session:
        make.offer(session)
    assert refusal.value.code == "disk_cannot_open"
    assert not database.path.exists()
    aside.rename(database.path)
    with database.transaction() as session:
        make.offer(session)
    assert offers(database) == ["Atlas"]


def test_a_damaged_file_says_so(database: Database) -> None:
    if not database.is_sqlite or database.path is None:
        pytest.skip("only SQLite is a file")
    database.engine.dispose()
    database.path.write_bytes(b"not a database at all, however long one looks at it" * 100)
    with pytest.raises(Unavailable) as refusal, database.reading() as session:
        session.execute(text("SELECT * FROM services"))
    assert refusal.value.code == "damaged"
    assert "vela restore" in refusal.value.message
