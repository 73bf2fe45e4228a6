"""Offers from a file: one revision for each that changes, and what Vela wrote itself changes nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import make
from tests.domain.books import SALMA, act, change, new_offer, part_id, refused, reprice, shown
from vela.db import Database
from vela.domain.catalog import queries, undoing
from vela.domain.catalog.commands import create_service, deactivate
from vela.domain.catalog.intake import NewService
from vela.domain.catalog.models import Service
from vela.domain.importing import offers
from vela.domain.importing.fates import Fate
from vela.domain.importing.offers import OffersChecked
from vela.errors import Conflict, Forbidden, Stale
from vela.intake import read
from vela.language import LANGUAGES, speaking
from vela.sheets.files import FORMATS
from vela.sheets.headings import OFFERS, Filled, Row
from vela.sheets.reading import Table, read_sheet
from vela.sheets.writing import DIALECTS, About

HEADINGS = "offer,description,list price,component,group,quantity,unit cost,unit sell,notes"
ABOUT = About(ZoneInfo("Africa/Casablanca"), "MAD", datetime(2026, 11, 21, 8, 30, tzinfo=UTC), {})


def table(*rows: str, headings: str = HEADINGS) -> Table:
    return read_sheet("\n".join([headings, *rows]).encode(), OFFERS, needed=offers.NEEDED, mark=".")


def check(database: Database, file: Table) -> OffersChecked:
    return act(database, offers.check_offers, SALMA, file)


def store(database: Database, file: Table, *, leave_out: bool = False) -> OffersChecked:
    seen = check(database, file).mark
    return act(database, offers.store_offers, SALMA, file, seen=seen, leave_out=leave_out)


def fates(checked: OffersChecked) -> str:
    return " ".join(row.fate for row in checked.rows)


def complaints(checked: OffersChecked) -> dict[int, list[str]]:
    return {row.line.number: [each.column for each in row.complaints] for row in checked.rows if row.complaints}


def versions(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {each.name: each.version for each in queries.services(session, include_inactive=True)}


def atlas(database: Database) -> int:
    with database.reading() as session:
        return next(each.id for each in queries.services(session, include_inactive=True) if each.name == "Atlas")


NEW = (
    "Atlas,1TB Storage,2000,HDD,Storage,1,600,1000,",
    ",,,RAM,Compute,2,300.5,500,fast",
    "Rif,,,SSD,,1,300,600,",
)


def test_new_offers_are_made_with_their_components_in_order(database: Database) -> None:
    checked = check(database, table(*NEW))
    assert (fates(checked), [each.name for each in checked.offers]) == ("add add add", ["Atlas", "Rif"])
    assert versions(database) == {}
    assert store(database, table(*NEW)).count(Fate.ADD) == 2
    assert versions(database) == {"Atlas": 1, "Rif": 1}
    assert [(line[1], line[2], line[4], line[5], line[7]) for line in shown(database, atlas(database))] == [
        ("HDD", "Storage", 1, 600, ""),
        ("RAM", "Compute", 2, Decimal("300.5"), "fast"),
    ]


def test_an_offer_that_is_there_is_changed_in_one_revision_that_one_undo_takes_back(database: Database) -> None:
    store(database, table(*NEW))
    before = shown(database, atlas(database))
    file = table(
        "ATLAS,2TB Storage,2000,hdd,storage,1,650,1000,",
        "Atlas,,,RAM,Compute,,,,",
        "Atlas,,,SSD,Storage,1,400,700,",
    )
    checked = check(database, file)
    assert fates(checked) == "change change add"  # the note of RAM is emptied
    told = {(each.subject, each.field): (each.before, each.after) for row in checked.rows for each in row.changes}
    assert told == {
        ("Atlas", "description"): ("1TB Storage", "2TB Storage"),
        ("HDD", "unit_cost"): (600, 650),
        ("RAM", "notes"): ("fast", ""),
    }
    expected = checked.offers[0].after
    assert store(database, file).offers[0].after == expected
    with database.reading() as session:
        assert queries.service(session, atlas(database)).totals == expected
    assert versions(database) == {"Atlas": 2, "Rif": 1}
    assert [(line[1], line[5]) for line in shown(database, atlas(database))] == [
        ("HDD", 650),
        ("RAM", Decimal("300.5")),
        ("SSD", 400),
    ]
    act(database, undoing.undo, SALMA, atlas(database), 2)
    assert shown(database, atlas(database)) == before


def test_components_that_are_not_in_the_file_and_columns_that_it_has_not_are_left_alone(database: Database) -> None:
    store(database, table(*NEW))
    assert fates(check(database, table("Atlas,HDD,650", headings="offer,component,unit cost"))) == "change"
    store(database, table("Atlas,RAM,310", headings="offer,component,unit cost"))
    assert [(line[1], line[5], line[6], line[7]) for line in shown(database, atlas(database))] == [
        ("HDD", 600, 1000, ""),
        ("RAM", 310, 500, "fast"),
    ]
    with database.reading() as session:
        offer = queries.service(session, atlas(database))
        assert (offer.description, offer.list_sell) == ("1TB Storage", 2000)


def test_equal_components_are_told_apart_by_their_order(database: Database) -> None:
    twin = new_offer(database, "Twin", ("Disk", 1, 2), ("Disk", 3, 4))
    checked = store(database, table("Twin,Disk,1,2", "Twin,Disk,3,5", headings="offer,component,unit cost,unit sell"))
    assert fates(checked) == "same change"
    assert [line[5:7] for line in shown(database, twin)] == [(1, 2), (3, 5)]


def test_a_row_without_a_group_is_about_the_component_of_its_name(database: Database) -> None:
    store(database, table(*NEW))
    file = table("Atlas,HDD,,650", "Atlas,RAM,Other,1", headings="offer,component,group,unit cost")
    assert fates(check(database, file)) == "bad bad"  # a RAM of another group is new, and says no price
    assert fates(store(database, table("Atlas,HDD,,650", headings="offer,component,group,unit cost"))) == "change"
    first = shown(database, atlas(database))[0]
    assert (first[1], first[2], first[5]) == ("HDD", "Storage", 650)


def test_an_offer_with_a_bad_row_is_left_out_as_a_whole(database: Database) -> None:
    new_offer(database, "Good", ("SSD", 1, 2))
    file = table(
        "Atlas,,,HDD,,1,x,1000,", "Atlas,,,RAM,,0,300,-5,", "Atlas,,,CPU,,1,200,400,",
        "Rif,one,,SSD,,1,300,600,", ",other,,RAM,,1,300,600,",
        "Big,,,A,,1,10000000000,1,", ",,,,,,,,x",
        "Good,,-1,SSD,,1,300,600,", ",,,Gift,,1,0,x,",
        "Poor,,,SSD,,1,300,-600,",
    )  # fmt: skip
    checked = check(database, file)
    assert complaints(checked) == {
        2: ["unit_cost"], 3: ["quantity"], 6: ["description"], 7: ["unit_cost"],
        8: ["component", "unit_cost", "unit_sell"], 9: ["list_sell"], 10: ["unit_sell"], 11: ["unit_sell"],
    }  # fmt: skip
    assert set(fates(checked).split()) == {Fate.BAD}
    assert fates(check(database, table("Good,-2", headings="offer,unit sell"))) == "bad"


def test_rows_that_are_good_are_stored_when_the_bad_ones_are_left_out(database: Database) -> None:
    file = table(*NEW, "Bad,,,HDD,,1,x,1,", ",,,RAM,,1,2,3,")
    checked = check(database, file)
    assert (fates(checked), complaints(checked)) == ("add add add bad bad", {5: ["unit_cost"]})
    assert refused(Conflict, database, offers.store_offers, SALMA, file, seen=checked.mark).code == "bad_rows"
    store(database, file, leave_out=True)
    assert versions(database) == {"Atlas": 1, "Rif": 1}


def test_what_changed_since_the_preview_is_shown_before_anything_is_stored(database: Database) -> None:
    store(database, table(*NEW))
    file = table("Atlas,,,HDD,Storage,1,650,1000,")
    seen = check(database, file).mark
    reprice(database, part_id(database, atlas(database), "HDD"), unit_cost=640)
    refused(Stale, database, offers.store_offers, SALMA, file, seen=seen)
    refused(Conflict, database, offers.store_offers, SALMA, table(*NEW[2:]), seen=check(database, table(*NEW[2:])).mark)


def test_a_viewer_brings_no_offers(database: Database) -> None:
    refused(Forbidden, database, offers.check_offers, make.viewer(), table(*NEW))
    refused(Forbidden, database, offers.store_offers, make.viewer(), table(*NEW), seen="")


# ---------- there and back again


def rows_of(offer: Service) -> Iterable[Row]:
    head = (offer.name, offer.description, offer.active, offer.list_cost, offer.list_sell, offer.target_margin_pct)
    for part in offer.components:
        yield (
            *head, part.name, part.group, part.kind, part.quantity, part.unit_cost, part.unit_sell, part.notes,
            None, None, None, None,
        )  # fmt: skip
    if not offer.components:
        yield (*head, "", "", None, None, None, None, "", None, None, None, None)


def exported(database: Database, ending: str, language: str) -> bytes:
    file = BytesIO()
    with database.reading() as session, speaking(language):
        every = queries.services(session, include_inactive=True)
        rows = [row for offer in every for row in rows_of(offer)]
        FORMATS[ending].write(Filled(OFFERS, rows), ABOUT, file)
    return file.getvalue()


def standing(database: Database) -> list[Any]:
    with database.reading() as session:
        return [list(rows_of(each)) for each in queries.services(session, include_inactive=True)]


NAMES = st.text(st.sampled_from("aÄß=+-@'\" ,;é1к"), min_size=1, max_size=6).filter(lambda text: bool(text.strip()))
PRICES = st.decimals(0, 99999, places=5).map(str)
PARTS = st.fixed_dictionaries(
    {
        "name": NAMES, "group": st.sampled_from(["", "Disks", "disks", "=x"]), "unit_cost": PRICES, "unit_sell": PRICES,
        "quantity": st.decimals("0.0001", 999, places=4).map(str), "notes": st.sampled_from(["", "two\nlines", "'=1"]),
        "kind": st.sampled_from(["part", "adjustment"]),
    }
)  # fmt: skip
SETS = st.lists(
    st.fixed_dictionaries(
        {
            "name": NAMES, "description": st.sampled_from(["", "-10 %", "a;b,c"]), "active": st.booleans(),
            "list_sell": st.none() | st.decimals(0, 9999, places=2).map(str),
            "target_margin_pct": st.none() | st.decimals(0, 100, places=2).map(str),
            "components": st.lists(PARTS, max_size=4),
        }
    ),
    min_size=1, max_size=3, unique_by=lambda said: str(said["name"]).strip().casefold(),
)  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25)
@given(
    said=SETS,
    ending=st.sampled_from(["csv", "xlsx"]),
    writer=st.sampled_from(LANGUAGES),
    reader=st.sampled_from(LANGUAGES),
)
def test_what_is_exported_comes_back_unchanged_here_and_in_empty_books(
    database: Database, said: list[dict[str, Any]], ending: str, writer: str, reader: str
) -> None:
    empty_again(database)
    for words in said:
        act(database, create_service, SALMA, read(NewService, words))
    file, was = exported(database, ending, writer), standing(database)
    with speaking(reader):
        read_ = read_sheet(file, OFFERS, needed=offers.NEEDED, mark=DIALECTS[reader].mark)
    assert set(fates(check(database, read_)).split()) == {"same"}
    empty_again(database)
    store(database, read_)
    assert standing(database) == was


def empty_again(database: Database) -> None:
    with database.transaction() as session:
        for table_name in ("revision_lines", "revisions", "components", "services"):
            session.connection().exec_driver_sql(f"DELETE FROM {table_name}")  # noqa: S608 a name of ours


def test_archived_offers_are_found_and_brought_back_only_when_the_file_says_so(database: Database) -> None:
    store(database, table(*NEW))
    act(database, deactivate, SALMA, atlas(database))
    change(database, atlas(database), description="kept")
    assert fates(check(database, table("atlas,HDD,Storage", headings="offer,component,group"))) == "same"
    back = store(database, table("Atlas,oui", headings="offer,active"))
    assert (fates(back), versions(database)["Atlas"]) == ("change", 4)
