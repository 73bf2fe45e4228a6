"""The settings of the books over JSON."""

import pytest

from tests.api.conftest import Program
from vela.domain.ledger.models import Transaction

FIRST = {"name": "Vela", "currency": "MAD", "time_zone": "Africa/Casablanca", "version": 1}


def test_everybody_reads_them_and_an_admin_changes_them(admin: Program, viewer: Program) -> None:
    read = viewer.get("/api/settings")
    assert (read.json, read.headers["ETag"][:3]) == (FIRST, '"1-')
    changed = admin.put("/api/settings", {"name": "Rif Storage", "currency": "eur"})
    assert changed.json == FIRST | {"name": "Rif Storage", "currency": "EUR", "version": 2}
    assert changed.headers["ETag"].startswith('"2-')
    assert viewer.get("/api/settings").json == changed.json
    assert admin.get("/api/pnl").json["currency"] == "EUR"


def test_what_is_left_out_stays_and_what_was_read_may_be_sent_back(admin: Program) -> None:
    assert admin.put("/api/settings", FIRST).json == FIRST
    assert admin.put("/api/settings", {}).json == FIRST


def test_two_who_change_the_same_do_not_overwrite_each_other(admin: Program) -> None:
    admin.put("/api/settings", {"name": "One"})
    stale = admin.put("/api/settings", {"name": "Two", "version": 1})
    assert (stale.status_code, stale.json["error"], stale.json["theirs"]) == (409, "STALE", "One")
    assert admin.put("/api/settings", {"time_zone": "UTC", "version": 1}).status_code == 200
    unmatched = admin.put("/api/settings", {"name": "Two"}, headers={"If-Match": '"1"'})
    assert (unmatched.status_code, unmatched.json["error"]) == (412, "STALE")
    assert admin.put("/api/settings", {"name": "Two"}, headers={"If-Match": '"3"'}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"currency": "JPY"}, "currency"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"vat": 20}, "vat"),
    ],
)
def test_what_makes_no_setting_is_refused(admin: Program, wrong: dict[str, object], field: str) -> None:
    refused = admin.put("/api/settings", {"name": "New"} | wrong)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"#/{field}")
    assert admin.get("/api/settings").json == FIRST


def test_the_currency_stays_once_there_are_sales(admin: Program, sale: Transaction) -> None:
    refused = admin.put("/api/settings", {"currency": "EUR"})
    assert (refused.status_code, refused.json["error"]) == (409, "CURRENCY_IN_USE")
    assert admin.put("/api/settings", {"currency": "MAD", "name": "Same"}).status_code == 200


def test_a_viewer_and_a_narrow_token_change_nothing(viewer: Program, narrow: Program) -> None:
    answers = [program.put("/api/settings", {"name": "Mine"}) for program in (viewer, narrow)]
    assert [(each.status_code, each.json["error"]) for each in answers] == [
        (403, "FORBIDDEN"),
        (403, "INSUFFICIENT_SCOPE"),
    ]
    assert viewer.get("/api/settings").json == FIRST
