"""The books copied into another database: the same to the last value, or nothing at all."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event, text

from tests import make
from tests.backup.conftest import Vela, held, opened, sell, sold
from vela import schema
from vela.backup import moving
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger.commands import clear_samples, void_sale
from vela.domain.people.access import operator
from vela.errors import Conflict
from vela.seeding import seed_demo
from vela.settings import Settings


@pytest.fixture
def full_books(settings: Settings) -> Settings:
    """Books with some sales voided, and many taken out altogether so that their numbers are gone."""
    with opened(settings) as database:
        with database.transaction() as session:
            seed_demo(session)
        with database.transaction() as session:
            last = make.sale(session, catalog.services(session)[0], notes="Ünïcode 'quoted' \\ 日本")
            void_sale(session, operator(), last.id)
            clear_samples(session, operator())
    return settings


@pytest.fixture
def elsewhere(bare_url: str) -> Iterator[Database]:
    database = Database(bare_url)
    yield database
    database.close()


def test_every_value_of_every_row_is_the_same(full_books: Settings, elsewhere: Database, vela: Vela) -> None:
    before = held(full_books)
    done = vela("copy", "--to", elsewhere.url)
    assert done.exit_code == 0, done.output
    assert "Now set VELA_DATABASE_URL" in done.stderr
    moved = Settings.from_environment({"VELA_DATA_DIR": str(full_books.data_dir), "VELA_DATABASE_URL": elsewhere.url})
    assert held(moved) == before == held(full_books)
    assert sold(moved) == sold(full_books)
    assert vela("check", VELA_DATABASE_URL=elsewhere.url).exit_code == 0
    numbers: list[list[int]] = []
    for settings in (full_books, moved):
        with opened(settings) as database, database.transaction() as session:
            offer = make.offer(session, "After the move")
            numbers.append([offer.id, offer.components[0].id, make.sale(session, offer).id])
    assert numbers[0] == numbers[1]


def test_a_database_that_was_migrated_is_empty_enough(books: Settings, elsewhere: Database, vela: Vela) -> None:
    assert vela("migrate", "--new", VELA_DATABASE_URL=elsewhere.url).exit_code == 0
    assert vela("copy", "--to", elsewhere.url).exit_code == 0
    with elsewhere.reading() as session:
        assert [service.name for service in catalog.services(session)] == ["Atlas"]


def test_books_are_never_copied_over_others(books: Settings, elsewhere: Database, vela: Vela) -> None:
    assert vela("copy", "--to", elsewhere.url).exit_code == 0
    sell(books, "later")
    again = vela("copy", "--to", elsewhere.url)
    assert again.exit_code == 1
    assert "There are books in that database already" in again.stderr
    with elsewhere.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM transactions")) == 3
    assert vela("copy", "--to", books.database_url).exit_code == 2
    assert "VELA_DATABASE_URL must" in vela("copy", "--to", "mysql://there").stderr


def test_a_copy_that_fails_leaves_nothing(books: Settings, elsewhere: Database) -> None:
    def fail(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO month_sums"):
            raise OSError(28, "No space left on device")

    event.listen(elsewhere.engine, "before_cursor_execute", fail)
    with opened(books) as source, pytest.raises(OSError, match="No space"):
        moving.copy_books(source, elsewhere)
    event.remove(elsewhere.engine, "before_cursor_execute", fail)
    assert schema.standing(elsewhere) is None
    assert elsewhere.is_missing == elsewhere.is_sqlite
    with opened(books) as source:
        moving.copy_books(source, elsewhere)
    assert schema.is_current(elsewhere)


def test_a_value_that_changed_on_the_way_is_noticed(books: Settings, elsewhere: Database) -> None:
    """One that no sum would tell: a letter in a note."""

    def spoil(connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO transactions"):
            connection.exec_driver_sql("UPDATE transactions SET notes = 'f1rst' WHERE notes = 'first'")  # pyright: ignore[reportAttributeAccessIssue]

    event.listen(elsewhere.engine, "after_cursor_execute", spoil)
    with opened(books) as source, pytest.raises(Conflict) as refusal:
        moving.copy_books(source, elsewhere)
    assert refusal.value.code == "copy_differs"
    assert "transactions 1" in refusal.value.message
    assert schema.standing(elsewhere) is None


def test_unsound_books_are_not_copied(books: Settings, elsewhere: Database, vela: Vela) -> None:
    with opened(books) as database, database.engine.execution_options(vela_writes=True).begin() as connection:
        connection.execute(text("UPDATE month_sums SET revenue = revenue + 1"))
    done = vela("copy", "--to", elsewhere.url)
    assert done.exit_code == 1
    assert "Mend the books first" in done.stderr
    assert elsewhere.is_missing == elsewhere.is_sqlite
