"""PostgreSQL's own tools missing or too old, and the proof of a role that may not make databases."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from tests.backup.conftest import command_of
from vela.backup import making
from vela.settings import Settings

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)


@pytest.fixture
def reader(books: Settings) -> Iterator[Settings]:
    """The same books as a role that reads everything and may make no database."""
    role = f"vela_reader_{uuid.uuid4().hex[:12]}"
    engine = create_engine(books.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN IN ROLE pg_read_all_data")
    url = make_url(books.database_url).set(username=role).render_as_string(hide_password=False)
    yield Settings.from_environment({"VELA_DATA_DIR": str(books.data_dir), "VELA_DATABASE_URL": url})
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP ROLE {role}")
    engine.dispose()


def test_a_role_without_databases_of_its_own_reads_the_archive_whole(reader: Settings) -> None:
    found, _removed = making.make(reader)
    assert (found.manifest.verification, found.manifest.problems) == ("read", [])
    assert found.manifest.verified_at is not None
    found.file.write_bytes(found.file.read_bytes()[:-2000])
    assert making.altered(found) != []
    assert making.verify(reader, found).manifest.verified_at is None


def test_a_tool_that_is_missing_or_too_old_is_named(books: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    folder.mkdir()
    missing = command_of(books)("backup", PATH=str(folder))
    assert missing.exit_code == 1
    assert re.search(r"pg_dump is not installed\. On Debian: apt install postgresql-client-\d+", missing.stderr)
    tool = folder / "pg_dump"
    tool.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    tool.chmod(0o700)
    old = command_of(books)("backup", PATH=str(folder))
    assert old.exit_code == 1
    assert re.search(r"pg_dump is of version 9 and the server of version \d+", old.stderr)
    assert {each.name for each in books.backup_dir.iterdir()} == {".lock"}
