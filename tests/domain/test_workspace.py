"""The business itself: its settings, and which month it is where its books are kept."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests import make
from tests.domain.books import SALMA, act, person, refused
from vela import clock
from vela.db import Database
from vela.domain.ledger.commands import change_settings
from vela.domain.people.access import Role
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace, current_month, workspace
from vela.errors import Conflict, Forbidden, Invalid
from vela.intake import read
from vela.periods import Month


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [
        # Casablanca is an hour ahead of UTC,
        (datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC), "Africa/Casablanca", "2026-10"),
        (datetime(2026, 10, 31, 23, 0, 0, tzinfo=UTC), "Africa/Casablanca", "2026-11"),
        (datetime(2026, 12, 31, 23, 30, 0, tzinfo=UTC), "Africa/Casablanca", "2027-01"),
        # except in Ramadan, here from 15 February to 22 March 2026 and from 7 February to 14 March 2027.
        (datetime(2026, 2, 28, 23, 30, 0, tzinfo=UTC), "Africa/Casablanca", "2026-02"),
        (datetime(2026, 3, 1, 0, 0, 0, tzinfo=UTC), "Africa/Casablanca", "2026-03"),
        (datetime(2027, 2, 28, 23, 59, 59, tzinfo=UTC), "Africa/Casablanca", "2027-02"),
        (datetime(2026, 1, 31, 23, 30, 0, tzinfo=UTC), "Africa/Casablanca", "2026-02"),
        (datetime(2026, 3, 31, 23, 30, 0, tzinfo=UTC), "Africa/Casablanca", "2026-04"),
        # The ends of the world.
        (datetime(2026, 10, 31, 10, 0, 0, tzinfo=UTC), "Pacific/Kiritimati", "2026-11"),
        (datetime(2026, 11, 1, 11, 59, 59, tzinfo=UTC), "Etc/GMT+12", "2026-10"),
        (datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC), "Etc/GMT+12", "2026-11"),
    ],
)
def test_the_month_is_that_of_the_books(moment: datetime, zone: str, month: str) -> None:
    with time_machine.travel(moment, tick=False):
        assert Month.of(clock.today(zone)) == Month.parse(month)


def test_the_settings_say_in_which_zone(database: Database) -> None:
    with time_machine.travel(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), tick=False):
        with database.reading() as session:
            assert current_month(session) == Month(2026, 11)
        act(database, change_workspace, SALMA, read(WorkspaceChanges, {"time_zone": "America/New_York"}))
        with database.reading() as session:
            assert current_month(session) == Month(2026, 10)


def test_there_are_settings_before_anybody_changed_one(database: Database) -> None:
    with database.reading() as session:
        found = workspace(session)
        assert (found.name, found.currency, found.time_zone, found.version) == ("Vela", "MAD", "Africa/Casablanca", 1)


def test_what_is_not_said_stays(database: Database) -> None:
    act(database, change_workspace, SALMA, read(WorkspaceChanges, {"name": "Nejma Cloud"}))
    changed = act(database, change_workspace, SALMA, read(WorkspaceChanges, {"currency": " eur "}))
    assert (changed.name, changed.currency, changed.time_zone, changed.version) == (
        "Nejma Cloud",
        "EUR",
        "Africa/Casablanca",
        3,
    )


def test_only_an_admin_changes_settings(database: Database) -> None:
    words = read(WorkspaceChanges, {"name": "Mine"})
    assert refused(Forbidden, database, change_workspace, person("V", Role.VIEWER), words).code == "forbidden"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("currency", value) for value in ("", "M", "MADX", "XXX", "JPY", "KWD", "TND", "€", "ＭＡＤ", None, 504)],
        *[("time_zone", value) for value in ("", "Casablanca", "Africa/Nowhere", "+01:00", "../../etc/passwd", None)],
        *[("name", value) for value in ("", "  ", "x" * 81, "a\x00b", "\u200b", None)],
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused_under_their_field(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(WorkspaceChanges, {field: value})
    assert [issue.field for issue in refusal.value.issues] == [field]


def test_the_currency_is_fixed_from_the_first_sale_on(database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session)
        assert change_settings(session, make.admin(), read(WorkspaceChanges, {"currency": "EUR"})).currency == "EUR"
        make.sale(session, offer)
        with pytest.raises(Conflict, match="There are sales in EUR"):
            change_settings(session, make.admin(), read(WorkspaceChanges, {"currency": "MAD"}))
        named = change_settings(session, make.admin(), read(WorkspaceChanges, {"currency": "EUR", "name": "Rif"}))
        assert (named.currency, named.name) == ("EUR", "Rif")
