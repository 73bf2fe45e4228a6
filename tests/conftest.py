"""What every test can ask for: an empty database (SQLite, and PostgreSQL too), and an application on it."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, make_url, text

from tests import services
from tests.wiping import wipe
from vela import schema
from vela.app import create_app, furnish
from vela.clock import now
from vela.db import Database
from vela.seeding import seed_essentials
from vela.settings import Settings
from vela.wiring import wire

END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
WHOLE = "VELA_TEST_WHOLE"
FACES = (
    *("tests/web/", "tests/api/", "tests/mcp/"),
    *(
        f"tests/test_{name}.py"
        for name in ("walls", "guessing", "second_factor", "signin", "first_run", "three_faces", "read_only")
    ),
    "tests/backup/test_migrating.py",
    # Their long form, `make prove`, meets both.
    *(f"tests/proofs/test_{name}.py" for name in ("clock", "faces_machine", "kills", "load", "races", "repeats")),
)
MEMORY, PLENTY = "/dev/shm", 2 * 1024**3  # noqa: S108  the folder is a fresh one of pytest's own
COUNT_FROM_ONE = "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"

# Examples are few enough for every run; the databases they share are made for it, so a fixture may span them. On a
# clean machine the examples are always the same ones.
hypothesis_settings.register_profile(
    "vela",
    max_examples=60,
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("vela")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the files of tests in memory where there is plenty of it: nobody pulls the plug on a test.

    Whether everything runs is told to the workers, who are given their tests by name.
    """
    if not hasattr(config, "workerinput"):
        os.environ[WHOLE] = "1" if config.args_source is pytest.Config.ArgsSource.TESTPATHS else ""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > PLENTY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a run of everything, a test of a face meets one of the two databases, half of them SQLite and half PostgreSQL.

    What differs between databases stands below the faces, and is always tried on both. VELA_TEST_EVERY=1 tries each
    face on both, too; so does naming tests.
    """
    if not os.environ.get(WHOLE) or os.environ.get("VELA_TEST_EVERY"):
        return
    names = {item.nodeid for item in items}
    left = [item for item in items if _met_elsewhere(item.nodeid, names)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]


def _met_elsewhere(name: str, names: set[str]) -> bool:
    """Whether this test of a face runs on the other database instead."""
    one, other = ("postgresql", "sqlite") if "postgresql" in name else ("sqlite", "postgresql")
    if not name.startswith(FACES) or name.replace(one, other) not in names or one not in name:
        return False
    kept = ("sqlite", "postgresql")[crc32(name.replace("postgresql", "sqlite").encode()) % 2]
    return one != kept


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without data, made once and copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "vela.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """A migrated PostgreSQL database, made once; making one for each test would take longer than most tests do."""
    server, name = services.postgres_url(), f"vela_{uuid.uuid4().hex[:16]}"
    _on_server(server, f"CREATE DATABASE {name}")
    _on_server(server, f"ALTER DATABASE {name} SET synchronous_commit = off")  # nobody pulls the plug on a test
    url = _with_name(server, name)
    database = Database(url)
    schema.upgrade(database)
    database.close()
    yield url
    _on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _empty(url: str) -> None:
    """Take all data out of a PostgreSQL database, and whoever a test before has left connected to it."""
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text(END_OTHERS))
        wipe(connection)
        connection.execute(text(COUNT_FROM_ONE))
    with database.transaction() as session:
        seed_essentials(session)
    database.close()


def _on_server(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _with_name(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database without data for this test, once on each kind of server."""
    if request.param == "sqlite":
        path = tmp_path / "vela.db"
        shutil.copy(request.getfixturevalue("empty_file"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("postgres_database")
    _empty(url)
    yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this test's own without a single table, once on each kind of server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server, name = services.postgres_url(), f"vela_{uuid.uuid4().hex[:16]}"
    _on_server(server, f"CREATE DATABASE {name}")
    yield _with_name(server, name)
    _on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def early_in_a_step() -> Iterator[None]:
    """A clock that has just begun one of the half minutes for which a code is good, so that none ends unnoticed."""
    with time_machine.travel(now().timestamp() // 30 * 30 + 1, tick=True):
        yield


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment({"VELA_DATA_DIR": str(tmp_path), "VELA_DATABASE_URL": database_url})


@pytest.fixture(scope="session")
def unfurnished(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, put together once: its many routes take longer than most tests do."""
    app = create_app(Settings.from_environment({"VELA_DATA_DIR": str(tmp_path_factory.mktemp("unfurnished"))}))
    app.extensions["vela"].database.close()
    app.testing = True
    return app


@pytest.fixture
def app(settings: Settings, unfurnished: Flask) -> Iterator[Flask]:
    vela = wire(settings)
    furnish(unfurnished, vela)
    views, config = dict(unfurnished.view_functions), dict(unfurnished.config)
    yield unfurnished
    vela.database.close()
    unfurnished.view_functions.update(views)  # a test may have put a broken one in place, or another limit
    unfurnished.config.update(config)


os.environ.pop("VELA_API_TOKEN", None)
