"""Finding: what is looked through, in which order it comes, and that neither case nor accents stand between."""

import pytest
from sqlalchemy.orm import Session

from tests import make
from tests.domain.books import act
from vela.db import Database
from vela.domain.catalog.commands import change_service, deactivate, remove_component, revise_component
from vela.domain.catalog.intake import ComponentChanges, ServiceChanges
from vela.domain.insight import finding
from vela.domain.insight.finding import Found
from vela.domain.ledger.commands import void_sale
from vela.folding import folded
from vela.intake import read

MOST = 5


def found(database: Database, text: str, most: int = MOST) -> Found:
    with database.reading() as session:
        return finding.find(session, text, most=most)


def parts(database: Database, text: str) -> list[str]:
    return [f"{each.component.name}/{each.offer}" for each in found(database, text).components]


@pytest.fixture
def books(database: Database) -> Database:
    """Offers and components in three scripts, one offer archived, and two sales with a note, one voided."""
    with database.transaction() as session:
        fill(session)
    return database


def fill(session: Session) -> None:
    atlas = make.offer(session, "Atlas", ("RAM (16GB)", 300, 500), ("Épargne", 1, 2), ("Mémoire RAM", 3, 4))
    make.offer(session, "Ёлка", ("Накопитель Йота", 10, 20), ("İnternet", 1, 2), description="Большой ДИСК")
    old = make.offer(session, "Old Atlas", ("RAM (16GB)", 1, 2), ("Ramp 100%", 1, 2))
    make.sale(session, atlas, 2, "2026-10", notes="Renewal for Café Réunion")
    voided = make.sale(session, atlas, 1, "2026-11", notes="renewal, twice")
    void_sale(session, make.admin(), voided.id)
    deactivate(session, make.admin(), old.id)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epargne", ["Épargne/Atlas"]),
        ("ÉPARGNE", ["Épargne/Atlas"]),
        ("накопитель", ["Накопитель Йота/Ёлка"]),
        ("НАКОП иота", ["Накопитель Йота/Ёлка"]),
        ("internet", ["İnternet/Ёлка"]),
        ("ram", ["RAM (16GB)/Atlas", "RAM (16GB)/Old Atlas", "Ramp 100%/Old Atlas", "Mémoire RAM/Atlas"]),
        ("16gb", ["RAM (16GB)/Atlas", "RAM (16GB)/Old Atlas"]),
        ("gb", ["RAM (16GB)/Atlas", "RAM (16GB)/Old Atlas"]),
        ("ram old", ["RAM (16GB)/Old Atlas", "Ramp 100%/Old Atlas"]),
        ("atlas", []),
        ("100%", ["Ramp 100%/Old Atlas"]),
        ("_", []),
        ("%", ["Ramp 100%/Old Atlas"]),
        ("  ", []),
        ("nothing like it", []),
    ],
)
def test_components_are_found_by_name_and_by_that_of_their_offer(
    books: Database, text: str, expected: list[str]
) -> None:
    assert parts(books, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("atl", ["Atlas", "Old Atlas"]),
        ("елка", ["Ёлка"]),
        ("диск", ["Ёлка"]),
        ("ёлка большой", ["Ёлка"]),
        ("old", ["Old Atlas"]),
    ],
)
def test_offers_are_found_by_name_and_description_and_archived_ones_come_last(
    books: Database, text: str, expected: list[str]
) -> None:
    assert [each.name for each in found(books, text).offers] == expected


def test_what_begins_so_comes_before_what_holds_it_and_what_is_sold_before_what_is_not(database: Database) -> None:
    with database.transaction() as session:
        for name in ("My disk", "Disk old", "Disk", "Disks", "Backdisk"):
            make.offer(session, name)
        for each in finding.find(session, "disk", most=9).offers:
            if each.name in ("Disk old", "Backdisk"):
                deactivate(session, make.admin(), each.id)
        make.offer(session, "Hdisk")
    names = [each.name for each in found(database, "disk", 9).offers]
    assert names == ["Disk", "Disks", "Disk old", "My disk", "Hdisk", "Backdisk"]


def test_sales_are_found_by_their_note_the_live_ones_first(books: Database) -> None:
    sales = found(books, "renewal").sales
    assert [(each.sale.notes, each.offer, each.sale.voided_at is None) for each in sales] == [
        ("Renewal for Café Réunion", "Atlas", True),
        ("renewal, twice", "Atlas", False),
    ]
    assert [each.sale.notes for each in found(books, "cafe reunion").sales] == ["Renewal for Café Réunion"]
    assert [each.sale.notes for each in found(books, "atlas twice").sales] == ["renewal, twice"]


def test_a_new_name_is_found_and_the_old_one_is_not(books: Database) -> None:
    offer = found(books, "atlas").offers[0]
    part = found(books, "epargne").components[0].component
    act(books, change_service, make.admin(), offer.id, read(ServiceChanges, {"name": "Été", "description": "À vendre"}))
    act(books, revise_component, make.admin(), part.id, read(ComponentChanges, {"name": "Dépôt"}))
    assert [[each.name for each in found(books, text).offers] for text in ("atlas", "ete", "a vendre")] == [
        ["Old Atlas"], ["Été"], ["Été"]
    ]  # fmt: skip
    assert [parts(books, text) for text in ("epargne", "DEPOT ete")] == [[], ["Dépôt/Été"]]


def test_only_the_latest_notes_are_looked_through(books: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_NOTES", 1)
    assert [each.sale.notes for each in found(books, "renewal").sales] == ["renewal, twice"]


def test_what_was_removed_is_not_found(books: Database) -> None:
    part = found(books, "epargne").components[0].component
    act(books, remove_component, make.admin(), part.id)
    assert parts(books, "epargne") == []


def test_it_says_whether_there_is_more(books: Database) -> None:
    assert [found(books, "ram", most).more for most in (3, 4)] == [True, False]
    assert [len(found(books, "ram", most).components) for most in (3, 4)] == [3, 4]


def test_the_latest_offers_on_sale(books: Database) -> None:
    with books.reading() as session:
        assert [each.name for each in finding.latest_offers(session, most=5)] == ["Ёлка", "Atlas"]


@pytest.mark.parametrize(
    ("text", "plain"), [("Été", "ete"), ("Ёлка", "елка"), ("STRASSE", "straße"), ("ｆｕｌｌ", "FULL")]
)
def test_folding(text: str, plain: str) -> None:
    assert folded(text) == folded(plain)
