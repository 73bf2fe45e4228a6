"""A COMMIT of which nobody knows what became: nothing is claimed about it on any face, and a key makes it safe."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from tests import make
from tests.api.conftest import Program, signed_in
from tests.cutting_lines import Line, line_to
from tests.proofs.faults import strace_or_skip
from tests.web.conftest import csrf, htmx, sign_in, submit
from vela.app import create_app
from vela.db import Database
from vela.domain.catalog import queries
from vela.errors import Conflict, Unavailable
from vela.settings import Settings

COMMIT = b"COMMIT\0"  # and not READ COMMITTED, which is how a transaction may begin
WORDS = "did not say whether this was kept"


@pytest.fixture
def line(postgres_database: str, database: Database) -> Iterator[Line]:
    if database.is_sqlite:
        pytest.skip("there is no line to a file")
    url = make_url(postgres_database)
    with line_to(url.host or "127.0.0.1", url.port or 5432) as line:
        yield line


@pytest.fixture
def far(line: Line, database: Database, tmp_path: Path) -> Iterator[Flask]:
    """Vela on the database at the other end of the line."""
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    url = make_url(database.url).set(host="127.0.0.1", port=line.port).update_query_dict({"sslmode": "disable"})
    told = {"VELA_DATA_DIR": str(tmp_path), "VELA_DATABASE_URL": url.render_as_string(hide_password=False)}
    app = create_app(Settings.from_environment(told))
    yield app
    app.extensions["vela"].database.close()


def offers(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(service.name for service in queries.services(session))


def test_a_script_learns_that_it_is_not_known_and_repeats_it_with_its_key(
    line: Line, far: Flask, database: Database
) -> None:
    program: Program = signed_in(far, "salma")
    key = {"Idempotency-Key": "7d2f5c1e-0001"}
    line.cut(COMMIT)
    answer = program.post("/api/services", {"name": "Atlas"}, headers=key)
    assert line.was_cut.is_set()
    assert (answer.status_code, answer.json["error"]) == (503, "OUTCOME_UNKNOWN")
    assert WORDS in answer.json["detail"]
    assert "nothing was changed" not in answer.json["detail"]
    assert "Retry-After" not in answer.headers
    assert offers(database) == ["Atlas"]
    again = program.post("/api/services", {"name": "Atlas"}, headers=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert offers(database) == ["Atlas"]


@pytest.mark.parametrize("scripted", [True, False])
def test_a_person_learns_that_it_is_not_known(line: Line, far: Flask, database: Database, scripted: bool) -> None:
    browser = sign_in(far, "salma")
    csrf(browser, "/")
    line.cut(COMMIT)
    said = {"name": "Atlas"}
    answer = htmx(browser, "POST", "/offers", said) if scripted else submit(browser, "/offers", said)
    assert line.was_cut.is_set()
    assert answer.status_code == 503
    assert WORDS in answer.text
    assert "nothing was changed" not in answer.text
    assert offers(database) == ["Atlas"]


@pytest.mark.parametrize("before", [b"SELECT 1", b"ROLLBACK"])
def test_a_line_that_is_cut_at_anything_else_kept_nothing(
    line: Line, far: Flask, database: Database, before: bytes
) -> None:
    own: Database = far.extensions["vela"].database

    def change() -> None:
        with own.transaction() as session:
            make.offer(session, "Atlas")
            session.flush()
            line.cut(before)
            session.execute(text("SELECT 1"))
            raise Conflict("taken", "as if")

    with pytest.raises(Unavailable) as refusal:
        change()
    assert line.was_cut.is_set()
    assert refusal.value.code == "unreachable"
    assert "nothing was changed" in refusal.value.message
    assert offers(database) == []


def test_what_the_commit_refuses_is_known_not_to_be_kept(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite refuses a row at once")
    engine = create_engine(database.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                                "RAISE EXCEPTION 'as if' USING ERRCODE = '40001'; END $$"))  # fmt: skip
        connection.execute(text("CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON services "
                                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"))  # fmt: skip
    try:
        with pytest.raises(Unavailable) as refusal, database.transaction() as session:
            make.offer(session)
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP FUNCTION refuse() CASCADE"))
        engine.dispose()
    assert refusal.value.code == "busy"
    assert offers(database) == []


# ---------- a file whose disk fails when it has to be sure

WRITER = """
import os, signal, sys
from tests import make
from vela.db import Database
from vela.domain.catalog import queries
from vela.errors import Unavailable

database = Database(sys.argv[1])
with database.transaction() as session:
    make.offer(session, "Before")
try:
    with database.transaction() as session:
        make.offer(session, "Atlas")
except Unavailable as refusal:
    print(refusal.code, "retry_after" in refusal.data, "nothing was changed" in refusal.message)
with database.reading() as session:
    print(len(queries.services(session)), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_disk_that_fails_at_the_commit_is_not_said_to_have_kept_nothing(database: Database, tmp_path: Path) -> None:
    if database.path is None:
        pytest.skip("the files of PostgreSQL belong to its server")
    strace_or_skip()
    database.close()
    syncs = "fdatasync,fsync"
    tracer = ["strace", "-f", "-qq", "-o", str(tmp_path / "strace.log"), "-P", f"{database.path}-wal",
              "-e", f"trace={syncs}", "-e", f"inject={syncs}:error=EIO:when=3+"]  # fmt: skip
    seen = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parent.parent)}
    # A new log is made sure of twice at its first commit; from then on the disk fails.
    done = subprocess.run([*tracer, sys.executable, "-c", WRITER, database.url],
                          env=seen, capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert done.stdout.splitlines() == ["outcome_unknown False False", "2"], done.stderr
    # It was in the log, from which whoever opens the file next takes it.
    assert offers(database) == ["Atlas", "Before"]
