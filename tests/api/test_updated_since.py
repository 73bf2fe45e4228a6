"""Only what changed since a moment: sales recorded, voided or counted again, services with a revision, nothing else."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import time_machine
from sqlalchemy import text

from tests import make
from tests.api.conftest import Program
from vela.db import Database

WORDS = "Write the moment with its offset from UTC, such as 2026-11-21T10:00:00Z. A + in it is sent as %2B."
LISTS = ("/api/transactions", "/api/services")


def at(hour: int) -> str:
    return f"2026-11-21T{hour:02d}:00:00Z"


@pytest.fixture
def hours(admin: Program, books: Database) -> Iterator[Program]:
    """At 8 two offers and a third, at 9 three sales; at 10 one was voided, at 11 another, at 12 that counts again."""
    with time_machine.travel(at(8), tick=False) as now:
        with books.transaction() as session:
            atlas, rif, _old = (make.offer(session, name) for name in ("Atlas", "Rif", "Toubkal"))
        now.move_to(at(9))
        with books.transaction() as session:
            for month in ("2026-11", "2026-11", "2026-10"):
                make.sale(session, atlas, 1, month)
        now.move_to(at(10))
        assert admin.delete("/api/transactions/1").status_code == 204
        assert admin.put(f"/api/services/{rif.id}", {"description": "Small"}).status_code == 200
        now.move_to(at(11))
        assert admin.delete("/api/transactions/2").status_code == 204
        assert admin.delete("/api/services/3").status_code == 200
        now.move_to(at(12))
        assert admin.post("/api/transactions/2/reinstate").status_code == 200
        assert admin.put("/api/components/1", {"unit_cost": 640}).status_code == 200
        yield admin


def found(program: Program, path: str, since: str, more: str = "") -> list[int]:
    answer = program.get(f"{path}?updated_since={since}{more}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Total-Count"] == str(len(answer.json))
    return sorted(each["id"] for each in answer.json)


def test_sales_recorded_voided_or_counted_again_since_then_are_listed(hours: Program) -> None:
    since = {hour: found(hours, "/api/transactions", at(hour)) for hour in (8, 9, 10, 11, 12, 13)}
    assert since == {8: [1, 2, 3], 9: [1, 2, 3], 10: [1, 2], 11: [2], 12: [2], 13: []}
    (counts,) = hours.get(f"/api/transactions?updated_since={at(12)}").json
    assert counts["voided_at"] is None


def test_services_with_a_revision_since_then_are_listed(hours: Program) -> None:
    since = {hour: found(hours, "/api/services", at(hour)) for hour in (8, 9, 11, 12, 13)}
    assert since == {8: [1, 2, 3], 9: [1, 2, 3], 11: [1, 3], 12: [1], 13: []}


def test_what_is_voided_or_deactivated_is_left_out_where_that_is_said(hours: Program) -> None:
    assert found(hours, "/api/transactions", at(9), "&include_voided=false") == [2, 3]
    assert found(hours, "/api/transactions", at(9), "&include_voided=true") == [1, 2, 3]
    assert found(hours, "/api/services", at(8), "&include_inactive=false") == [1, 2]
    assert len(hours.get("/api/transactions").json) == 2
    assert len(hours.get("/api/services").json) == 2


def test_it_goes_together_with_the_other_filters_and_with_pages(hours: Program) -> None:
    assert found(hours, "/api/transactions", at(9), "&month=2026-10") == [3]
    assert found(hours, "/api/transactions", at(9), "&service_id=2") == []
    first = hours.get(f"/api/transactions?updated_since={at(9)}&limit=2")
    assert (len(first.json), first.headers["X-Total-Count"]) == (2, "3")
    second = hours.get(first.headers["Link"].partition(">")[0].removeprefix("<"))
    assert [each["id"] for each in [*first.json, *second.json]] == [3, 2, 1]


def test_the_moment_itself_counts_whatever_its_offset(hours: Program) -> None:
    for since in ("2026-11-21T12:00:00Z", "2026-11-21t13:00:00+01:00", "2026-11-21T06:30:00.000-05:30"):
        assert found(hours, "/api/transactions", quote(since)) == [2], since
    assert found(hours, "/api/transactions", "2026-11-21T12:00:00.000001Z") == []
    assert len(found(hours, "/api/transactions", "0001-01-01T00:00:00Z")) == 3
    assert found(hours, "/api/transactions", "9999-12-31T23:59:59Z") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_moment_is_refused_at_the_parameter(admin: Program) -> None:
    bad = [
        *("", "yesterday", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21 10:00:00Z", "2026-13-01T00:00:00Z"),
        *(
            "2026-11-21T10:00:00+01:00",
            "1763719200",
            "2026-11-21T25:00:00Z",
            "20261121T100000Z",
            "٢٠٢٦-11-21T10:00:00Z",
        ),
        *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00%2B23:59", "2026-11-21T10:00:00Z%0A", "2026-11-21T10:00Z"),
    ]
    for path in LISTS:
        for said in bad:
            refused = admin.get(f"{path}?updated_since={said}")
            assert refused.status_code == 422, (path, said)
            assert refused.json["errors"] == [{"detail": WORDS, "pointer": "#/updated_since"}], (path, said)


def test_the_database_finds_them_without_looking_at_all(books: Database) -> None:
    with books.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL enable_seqscan = off"))
        changed = "SELECT count(id) FROM transactions WHERE created_at >= '2026-11-21' OR changed_at >= '2026-11-21'"
        plan = session.execute(text(("EXPLAIN QUERY PLAN " if books.is_sqlite else "EXPLAIN ") + changed)).all()
        told = " ".join(str(row) for row in plan)
    assert {"ix_transactions_created_at", "ix_transactions_changed_at"} <= set(told.replace("(", " ").split())
