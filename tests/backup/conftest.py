"""What the tests of backups share: books with something in them, and a writer that does not stop."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, make_url, text

from tests import make, services
from vela import schema
from vela.backup.contents import contents_of
from vela.backup.sets import kind_of
from vela.cli import main
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger import queries as ledger
from vela.measuring import Contents
from vela.seeding import seed_essentials
from vela.settings import Settings

Vela = Callable[..., Result]

# For what is the same on both and takes a server long to prepare.
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def command_of(settings: Settings) -> Vela:
    def run(*words: str, **environment: str) -> Result:
        said = {"VELA_DATA_DIR": str(settings.data_dir), "VELA_DATABASE_URL": settings.database_url, **environment}
        return CliRunner(env=said).invoke(main, list(words))

    return run


def drop_beside(url: str, start: str) -> None:
    """Remove the databases of the server at `url` whose names begin so."""
    engine = create_engine(services.postgres_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        names = connection.execute(text("SELECT datname FROM pg_database WHERE starts_with(datname, :s)"), {"s": start})
        for name in names.scalars().all():
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of books of this test's own, migrated and without data; restoring replaces the whole database."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'vela.db'}"
    else:
        name = f"vela_{uuid.uuid4().hex[:16]}"
        server = services.postgres_url()
        _on_server(server, f"CREATE DATABASE {name}")
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
    settings = Settings.from_environment({"VELA_DATA_DIR": str(folder), "VELA_DATABASE_URL": url})
    settings.secret()
    with opened(settings) as database:
        schema.upgrade(database)
        with database.transaction() as session:
            seed_essentials(session)
    yield settings
    if request.param == "postgresql":
        drop_beside(url, str(make_url(url).database))


def _on_server(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def vela(settings: Settings) -> Vela:
    """Runs one command against the books of this test."""
    return command_of(settings)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def held(settings: Settings) -> Contents:
    with opened(settings) as database:
        return contents_of(database)


def sell(settings: Settings, *notes: str) -> None:
    """Record one sale for each note."""
    with opened(settings) as database:
        for note in notes:
            sell_in(database, note)


def sell_in(database: Database, note: str) -> None:
    with database.transaction() as session:
        make.sale(session, catalog.services(session)[0], notes=note)


def sold(settings: Settings) -> list[str]:
    """The notes of all sales."""
    with opened(settings) as database, database.reading() as session:
        return [sale.notes for sale in ledger.transactions(session)]


@pytest.fixture
def books(settings: Settings) -> Settings:
    """Books with an admin, an offer and three sales."""
    with opened(settings) as database, database.transaction() as session:
        make.user(session, "salma", role="admin")
        make.offer(session)
    sell(settings, "first", "second", "third")
    return settings


def destroy(settings: Settings, *, secret: bool) -> None:
    """Take the books away, and the secret if that is wanted."""
    if secret:
        settings.secret_file.unlink()
    if kind_of(settings) == "sqlite":
        for path in settings.data_dir.glob("vela.db*"):
            path.unlink()
        return
    with opened(settings) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


class Writer:
    """Records sales one after the other, as fast as it can, and remembers those that were acknowledged."""

    def __init__(self, settings: Settings) -> None:
        self.acknowledged: list[str] = []
        self._database = Database(settings.database_url)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        while not self._ended.is_set():
            note = f"written {len(self.acknowledged)}"
            sell_in(self._database, note)
            self.acknowledged.append(note)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._database.close()

    def wait_for(self, count: int) -> None:
        """Return when so many more sales were acknowledged than now."""
        wanted = len(self.acknowledged) + count
        while len(self.acknowledged) < wanted:
            assert self._thread.is_alive()
            self._ended.wait(0.005)
