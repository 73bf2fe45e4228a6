"""An upgrade of books with something to lose: backed up first, all or nothing, whatever is killed when."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from tests.backup.conftest import Vela, destroy, held, opened, sell
from vela import schema
from vela.backup.sets import kind_of, sets
from vela.db import Database
from vela.errors import Conflict
from vela.measuring import Contents
from vela.settings import Settings

PROGRAM = Path(sys.executable).with_name("vela")
FIRST_SCHEMA = "90d036ccef54"
KILLS = {"sqlite": 6, "postgresql": 3}

LOSING = '''"""A migration that does harm."""

from alembic import op

revision = "badbadbadbad"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("{harm}")


def downgrade() -> None:
    pass
'''


def take_back(settings: Settings) -> None:
    """The books as the first Vela would have left them."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with opened(settings) as database, database.engine.execution_options(vela_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, FIRST_SCHEMA)


def money(contents: Contents) -> tuple[dict[str, str], int, int]:
    """The sums, sales and trail, which no upgrade changes."""
    sums = {name: total for name, total in contents.sums.items() if not name.startswith("closed_months")}
    return sums, contents.rows["transactions"], contents.rows["audit_entries"]


def environment(settings: Settings) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "VELA_DATA_DIR": str(settings.data_dir),
            "VELA_DATABASE_URL": settings.database_url}  # fmt: skip


def test_what_may_be_lost_is_backed_up_first(books: Settings, vela: Vela) -> None:
    before = money(held(books))
    assert "Backed up" not in vela("migrate").stderr
    take_back(books)
    done = vela("migrate")
    assert done.exit_code == 0, done.output
    (made,) = sets(books.backup_dir)
    assert f"Backed up to {made.folder}" in done.stderr
    assert made.manifest.verified_at is not None
    assert made.manifest.contents.schema_revision == FIRST_SCHEMA
    assert money(made.manifest.contents) == before == money(held(books))
    assert vela("restore", made.name).exit_code == 0
    assert held(books) == made.manifest.contents
    assert vela("migrate").exit_code == 0
    assert vela("check").exit_code == 0


def test_without_a_backup_only_on_request(books: Settings, vela: Vela) -> None:
    take_back(books)
    done = vela("migrate", "--no-backup")
    assert done.exit_code == 0
    assert "there is no way back" in done.stderr
    assert sets(books.backup_dir) == []


def test_no_backup_no_upgrade(books: Settings, vela: Vela) -> None:
    take_back(books)
    books.backup_dir.write_text("a file where the folder should be")
    done = vela("migrate")
    assert done.exit_code == 1
    with opened(books) as database:
        assert schema.standing(database) == FIRST_SCHEMA


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("UPDATE transactions SET revenue = revenue + 1 WHERE id = 1", "migration_loses"),
        ("DELETE FROM month_sums", "migration_loses"),
        ("UPDATE services SET list_sell = 1", "migration_loses"),
        ("DROP TABLE closed_months", "migration_loses"),
        ("DROP TABLE sign_ins", "migration_loses"),
        ("ALTER TABLE operating_expenses RENAME COLUMN amount TO total", "migration_loses"),
    ],
)
def test_a_migration_that_would_change_money_is_taken_back(
    books: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str, code: str
) -> None:
    before = held(books)
    with_another_migration(monkeypatch, tmp_path, harm)
    with opened(books) as database, pytest.raises(Conflict) as refusal:
        schema.upgrade(database)
    assert refusal.value.code == code
    assert held(books) == before


def with_another_migration(monkeypatch: pytest.MonkeyPatch, folder: Path, harm: str, more: str = "") -> None:
    broken = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, broken, ignore=shutil.ignore_patterns("__pycache__"))
    (broken / "versions" / "broken.py").write_text(LOSING.format(head=schema.newest(), harm=harm) + more)
    monkeypatch.setattr(schema, "MIGRATIONS", broken)


def test_what_a_migration_says_it_takes_out_may_go(
    books: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_another_migration(monkeypatch, tmp_path, "DROP TABLE closed_months", 'takes_out = ("closed_months",)\n')
    with opened(books) as database:
        schema.upgrade(database)
    assert "closed_months" not in held(books).rows


def test_an_upgrade_that_fails_again_and_again_leaves_one_backup(
    books: Settings, vela: Vela, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_another_migration(monkeypatch, tmp_path, "DELETE FROM month_sums")
    for _try in range(2):
        assert vela("migrate").exit_code == 1
        assert len(sets(books.backup_dir)) == 1
    sell(books, "later")
    assert vela("migrate").exit_code == 1
    assert len(sets(books.backup_dir)) == 2


# ---------- books that were there and are gone


@pytest.mark.parametrize("words", [("migrate",), ("init",)])
def test_books_that_vanished_are_not_replaced_by_empty_ones(
    books: Settings, vela: Vela, words: tuple[str, ...]
) -> None:
    destroy(books, secret=False)
    done = vela(*words)
    assert done.exit_code == 1
    assert "there have been books of this installation" in done.stderr
    with opened(books) as database:
        assert schema.standing(database) is None
        assert not database.path or not database.path.exists()


def test_a_backup_alone_tells_that_there_were_books(books: Settings, vela: Vela) -> None:
    assert vela("backup").exit_code == 0
    destroy(books, secret=True)
    assert vela("migrate").exit_code == 1
    assert vela("migrate", "--new").exit_code == 0
    assert held(books).rows["transactions"] == 0


def test_killed_at_any_time_a_rerun_succeeds_and_the_sums_are_equal(books: Settings) -> None:
    before = money(held(books))
    take_back(books)
    begun = time.monotonic()
    assert started(books).wait(120) == 0
    took = time.monotonic() - begun
    stood: set[str | None] = set()
    for number in range(KILLS[kind_of(books)]):
        take_back(books)
        run = started(books)
        time.sleep(took * (0.3 + 0.7 * number / KILLS[kind_of(books)]))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        with opened(books) as database:
            stood.add(schema.standing(database))
        assert money(held(books)) == before
        done = subprocess.run(
            [PROGRAM, "migrate", "--no-backup"], env=environment(books), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert money(held(books)) == before
    assert stood <= {FIRST_SCHEMA, schema.newest()}


def started(settings: Settings) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([PROGRAM, "migrate", "--no-backup"], env=environment(settings), start_new_session=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


@pytest.mark.parametrize("words", [("serve",), ("check",), ("user", "list"), ("backup",), ("restore", "latest")])
def test_a_mistyped_folder_is_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    seen = {"PATH": os.environ["PATH"], "VELA_DATA_DIR": str(tmp_path / "mistyped")}
    done = subprocess.run([PROGRAM, *words], env=seen, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not (tmp_path / "mistyped").exists()


def test_only_migrating_makes_the_folder(tmp_path: Path) -> None:
    seen = {"PATH": os.environ["PATH"], "VELA_DATA_DIR": str(tmp_path / "fresh")}
    done = subprocess.run([PROGRAM, "migrate"], env=seen, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    database = Database(f"sqlite:///{tmp_path / 'fresh' / 'vela.db'}")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM services")) == 0
    database.close()
