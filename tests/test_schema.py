"""The schema: up from nothing, the same as the models, down again, all of it or nothing, on both databases."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from tests import make
from vela import schema
from vela.db import Database
from vela.domain.insight import finding
from vela.errors import Conflict
from vela.seeding import seed_demo
from vela.tables import metadata

BROKEN = '''"""A migration that fails half way."""

import sqlalchemy as sa
from alembic import op

revision = "badbadbadbad"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("halfway", sa.Column("id", sa.Integer(), nullable=False))
    op.execute("UPDATE workspace SET name = 'half'")
    op.execute("DELETE FROM no_such_table")


def downgrade() -> None:
    op.drop_table("halfway")
'''


@pytest.fixture
def bare(bare_url: str) -> Iterator[Database]:
    database = Database(bare_url)
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_up_from_nothing_makes_every_table_of_the_models(bare: Database) -> None:
    assert schema.standing(bare) is None
    assert not schema.is_current(bare)
    schema.upgrade(bare)
    assert tables(bare) == set(metadata.tables)
    assert schema.standing(bare) == schema.newest()
    assert schema.is_current(bare)


def test_the_migrated_database_is_what_the_models_say(bare: Database) -> None:
    schema.upgrade(bare)
    with bare.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_checks_and_uniqueness_are_in_the_database_itself(bare: Database) -> None:
    schema.upgrade(bare)
    inspector = inspect(bare.engine)
    for table in metadata.sorted_tables:
        wanted = {str(each.name) for each in table.constraints if type(each).__name__ == "CheckConstraint"}
        assert {str(each["name"]) for each in inspector.get_check_constraints(table.name)} == wanted
        unique = {str(each.name) for each in table.constraints if type(each).__name__ == "UniqueConstraint"}
        assert {str(each["name"]) for each in inspector.get_unique_constraints(table.name)} == unique


def test_upgrading_again_changes_nothing(bare: Database) -> None:
    schema.upgrade(bare)
    with bare.transaction() as session:
        seed_demo(session)
    schema.upgrade(bare)
    with bare.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM services")) == 4


def test_down_to_nothing_and_up_again(bare: Database) -> None:
    schema.upgrade(bare)
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with bare.engine.execution_options(vela_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert tables(bare) == set()
    schema.upgrade(bare)
    assert tables(bare) == set(metadata.tables)


def test_what_is_there_already_is_folded(bare: Database) -> None:
    schema.upgrade(bare)
    with bare.transaction() as session:
        make.sale(session, make.offer(session, "Ёлка", ("Épargne", 1, 2), description="Été"), notes="Café")
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with bare.engine.execution_options(vela_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "6e0a4d7b95c2-1")
    schema.upgrade(bare)
    with bare.reading() as session:
        found = [finding.find(session, text, most=5) for text in ("елка", "ete", "epargne", "cafe")]
        assert [len(each.offers) + len(each.components) + len(each.sales) for each in found] == [1, 1, 1, 1]


def test_a_database_of_a_newer_vela_is_left_alone(bare: Database) -> None:
    schema.upgrade(bare)
    with bare.engine.execution_options(vela_writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'fromthefuture'"))
    with pytest.raises(Conflict) as refusal:
        schema.upgrade(bare)
    assert refusal.value.code == "newer_schema"
    with pytest.raises(Conflict):
        schema.require_current(bare)
    assert schema.standing(bare) == "fromthefuture"


def test_a_database_that_was_never_migrated_is_not_served(bare: Database) -> None:
    with pytest.raises(Conflict) as refusal:
        schema.require_current(bare)
    assert refusal.value.code == ("no_database" if bare.is_sqlite else "no_schema")
    schema.upgrade(bare)
    schema.require_current(bare)


def test_a_migration_that_fails_leaves_nothing_behind(
    bare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(bare)
    with bare.transaction() as session:
        seed_demo(session)
    head = schema.newest()
    broken = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, broken, ignore=shutil.ignore_patterns("__pycache__"))
    (broken / "versions" / "broken.py").write_text(BROKEN.format(head=head))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", broken)
        with pytest.raises(Exception, match="no_such_table"):
            schema.upgrade(bare)
    assert tables(bare) == set(metadata.tables)
    assert schema.standing(bare) == head
    with bare.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM workspace WHERE name = 'half'")) == 0
        assert connection.scalar(text("SELECT count(*) FROM transactions")) > 0
    schema.upgrade(bare)


def test_several_processes_may_upgrade_at_once(bare_url: str) -> None:
    def upgrade(_: int) -> str | None:
        database = Database(bare_url)
        try:
            schema.upgrade(database)
            return schema.standing(database)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(upgrade, range(4))) == {schema.newest()}


def test_a_file_is_made_for_write_ahead_logging_and_for_its_owner_alone(bare: Database) -> None:
    if not bare.is_sqlite:
        pytest.skip("only SQLite is a file")
    schema.upgrade(bare)
    with bare.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    path = Path(str(bare.engine.url.database))
    assert {each.stat().st_mode & 0o077 for each in path.parent.glob("bare.db*")} == {0}
