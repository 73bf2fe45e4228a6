"""Bringing in files over JSON: what becomes of every row first, then exactly that, all of it or nothing."""

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.api.conftest import Answer, Program
from vela.db import Database
from vela.domain.catalog.models import Revision, Service
from vela.domain.idempotency.models import KeptAnswer
from vela.domain.importing.models import ImportedFile
from vela.domain.ledger.models import Transaction

SALES = "month,offer,quantity,notes\r\n2026-10,Atlas,2,First\r\n2026-11,atlas,1,\r\n"
BAD = SALES + "2026-11,Toubkal,1,\r\n2026-13,Atlas,0,\r\n"
PARTS = "Atlas,HDD,1,640,1000\r\nAtlas,RAM,1,300,500\r\nRif,SSD,1,300,600\r\n"
OFFERS = "offer,component,quantity,unit_cost,unit_sell\r\n" + PARTS
CSV = {"Content-Type": "text/csv"}


def bring(program: Program, text: str, kind: str = "sales", **headers: str) -> Answer:
    return program.call("POST", f"/api/imports/{kind}", CSV | headers, data=text.encode())


def confirm(program: Program, preview: dict[str, Any], kind: str = "sales", **words: object) -> Answer:
    path = f"/api/imports/{kind}/{preview['id']}/confirm"
    return program.post(path, {"seen": preview["seen"]} | words)


def count(books: Database, table: type = Transaction) -> int:
    with books.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_every_row_of_a_file_of_sales_has_a_fate_and_nothing_is_stored(
    viewer: Program, atlas: Service, books: Database
) -> None:
    brought = bring(viewer, BAD)
    assert (brought.status_code, brought.headers["Location"]) == (201, "/api/imports/sales/1")
    preview = brought.json
    assert preview["counts"] == {"add": 2, "change": 0, "same": 0, "bad": 2}
    assert [(row["number"], row["fate"], row["revenue"]) for row in preview["rows"]] == [
        (2, "add", 3000),
        (3, "add", 1500),
        (4, "bad", None),
        (5, "bad", None),
    ]
    assert [each["column"] for each in preview["rows"][3]["complaints"]] == ["quantity", "month"]
    assert preview["rows"][0]["cells"]["notes"] == "First"
    assert preview["months"] == [
        {"month": "2026-10", "sales": 1, "revenue": 3000, "cost": 1800},
        {"month": "2026-11", "sales": 1, "revenue": 1500, "cost": 900},
    ]
    assert viewer.get("/api/imports/sales/1").json == preview
    assert count(books) == 0


def test_what_was_looked_at_is_recorded_once(viewer: Program, atlas: Service, books: Database) -> None:
    preview = bring(viewer, SALES).json
    stored = confirm(viewer, preview)
    assert (stored.status_code, stored.json) == (200, {"recorded": 2, "transactions": [1, 2]})
    for again in (confirm(viewer, preview), viewer.get("/api/imports/sales/1")):
        assert (again.status_code, again.json["error"]) == (409, "BROUGHT_IN")
        assert again.json["detail"].startswith("sales.csv was brought in")
    same = bring(viewer, SALES).json
    assert same["counts"] == {"add": 0, "change": 0, "same": 2, "bad": 0}
    refused = confirm(viewer, same)
    assert (refused.status_code, refused.json["error"]) == (409, "NOTHING_NEW")
    assert count(books) == 2


def test_all_or_nothing_unless_the_bad_rows_are_left_out(admin: Program, atlas: Service, books: Database) -> None:
    preview = bring(admin, BAD).json
    refused = confirm(admin, preview)
    assert (refused.status_code, refused.json["error"], count(books)) == (409, "BAD_ROWS", 0)
    assert confirm(admin, preview, leave_out=True).json["recorded"] == 2


def test_what_would_do_something_else_by_now_is_not_done(admin: Program, atlas: Service, books: Database) -> None:
    preview = bring(admin, SALES).json
    admin.put("/api/components/1", {"unit_cost": 640})
    refused = confirm(admin, preview)
    assert (refused.status_code, refused.json["error"], count(books)) == (409, "STALE", 0)
    fresh = admin.get(f"/api/imports/sales/{preview['id']}").json
    assert (fresh["seen"] != preview["seen"], fresh["rows"][0]["cost"]) == (True, 1880)
    assert confirm(admin, fresh).json["recorded"] == 2


def test_sent_again_under_their_keys_both_are_done_once(admin: Program, atlas: Service, books: Database) -> None:
    key = {"Idempotency-Key": "october"}
    first, again = bring(admin, SALES, **key), bring(admin, SALES, **key)
    assert (again.data, again.headers["Idempotent-Replayed"]) == (first.data, "true")
    assert again.headers["Location"] == first.headers["Location"]
    with books.reading() as session:
        assert session.scalars(select(KeptAnswer.body)).one() == '{"id":1}', "its thousands of rows are not kept twice"
    assert bring(admin, BAD, **key).json["error"] == "IDEMPOTENCY_KEY_REUSED"
    path, words = f"/api/imports/sales/{first.json['id']}/confirm", {"seen": first.json["seen"]}
    stored, replayed = (admin.post(path, words, headers={"Idempotency-Key": "store"}) for _ in range(2))
    assert (replayed.status_code, replayed.data) == (200, stored.data)
    late = bring(admin, SALES, **key)
    assert (late.status_code, late.json["error"]) == (409, "BROUGHT_IN")
    assert count(books) == 2


def test_a_file_of_offers_makes_and_changes_them(admin: Program, atlas: Service, books: Database) -> None:
    preview = bring(admin, OFFERS, "offers").json
    assert [(each["name"], each["fate"], each["cost_before"], each["cost_after"]) for each in preview["offers"]] == [
        ("Atlas", "change", 900, 940),
        ("Rif", "add", None, 300),
    ]
    assert [row["fate"] for row in preview["rows"]] == ["change", "same", "add"]
    assert preview["rows"][0]["changes"] == [
        {"component_id": 1, "subject": "HDD", "field": "unit_cost", "before": 600, "after": 640}
    ]
    assert (count(books, Service), count(books, Revision)) == (1, 1)
    stored = confirm(admin, preview, "offers")
    assert (stored.status_code, stored.json["added"], stored.json["changed"]) == (200, 1, 1)
    assert [each["cost_price"] for each in admin.get("/api/services").json] == [940, 300]
    assert count(books, Revision) == 3
    again = bring(admin, OFFERS, "offers").json
    assert confirm(admin, again, "offers").json["error"] == "NOTHING_NEW"


def test_a_form_takes_the_same_file(admin: Program, atlas: Service) -> None:
    sent = admin.call("POST", "/api/imports/sales", data={"file": (BytesIO(SALES.encode()), "october.csv")})
    assert (sent.status_code, sent.json["name"], sent.json["counts"]["add"]) == (201, "october.csv", 2)
    empty = admin.call("POST", "/api/imports/sales", data={"other": (BytesIO(b""), "x.csv")})
    assert (empty.status_code, empty.json["errors"][0]["pointer"]) == (422, "#/file")


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"", "text/csv", 422),
        (b"month,offer,quantity\r\n", "text/csv", 422),
        (b"when,what\r\n2026-10,Atlas\r\n", "text/csv", 422),
        (b"\x00\x01\x02", "application/octet-stream", 422),
        (b"{}", "application/json", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"x" * (10 * 1024 * 1024 + 1), "text/csv", 422),
        (b"x" * (11 * 1024 * 1024), "text/csv", 413),
    ],
)
def test_what_is_no_such_file_is_refused(
    admin: Program, books: Database, atlas: Service, data: bytes, kind: str, status: int
) -> None:
    refused = admin.call("POST", "/api/imports/sales", {"Content-Type": kind}, data=data)
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    assert count(books, ImportedFile) == 0


def test_a_file_is_its_owners_alone(admin: Program, viewer: Program, atlas: Service) -> None:
    preview = bring(admin, SALES).json
    answers = [viewer.get(f"/api/imports/sales/{preview['id']}"), confirm(viewer, preview)]
    answers += [admin.get(f"/api/imports/offers/{preview['id']}"), admin.get("/api/imports/sales/99")]
    assert {(each.status_code, each.json["error"]) for each in answers} == {(404, "FILE_NOT_FOUND")}


def test_who_may_not_store_it_may_not_bring_it(
    admin: Program, viewer: Program, atlas: Service, books: Database
) -> None:
    secret = admin.post("/api/tokens", {"name": "looks", "scope": "read"}).json["secret"]
    looking = Program(viewer.client.application, secret)
    for program, kind in ((viewer, "offers"), (looking, "offers"), (looking, "sales")):
        answers = [bring(program, SALES, kind), program.get(f"/api/imports/{kind}/1")]
        answers.append(program.post(f"/api/imports/{kind}/1/confirm", {"seen": "x"}))
        assert [each.status_code for each in answers] == [403, 403, 403]
    assert count(books, ImportedFile) == 0
