"""Sales over JSON, and the figures they make."""

import pytest
from flask import Flask

from tests import make
from tests.api.conftest import Program, signed_in
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.intake import read


def test_recording_computes_revenue_and_cost(viewer: Program, atlas: Service) -> None:
    words = {"service_id": atlas.id, "quantity": 3, "month": "2026-11", "notes": "Order 1047"}
    answer = viewer.post("/api/transactions", words)
    assert answer.status_code == 201
    assert {name: answer.json[name] for name in words} == words
    assert (answer.json["revenue"], answer.json["cost"], answer.json["margin"]) == (4500, 2700, 1800)
    assert (answer.json["service_name"], answer.json["created_by"]) == ("Atlas", "Youssef Alami")
    assert viewer.get(answer.headers["Location"]).json == answer.json


def test_a_later_price_moves_no_sale_and_no_month(admin: Program, atlas: Service, sale: Transaction) -> None:
    before = admin.get("/api/pnl?month=2026-11").json
    admin.put(f"/api/components/{atlas.components[0].id}", {"unit_cost": 999, "unit_sell": 9999})
    assert admin.get("/api/pnl?month=2026-11").json == before
    assert admin.get(f"/api/transactions/{sale.id}").json["cost"] == 1800


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"quantity": 0}, "#/quantity"),
        ({"quantity": 1.5}, "#/quantity"),
        ({"quantity": None}, "#/quantity"),
        ({"quantity": True}, "#/quantity"),
        ({"quantity": 10**30}, "#/quantity"),
        ({"month": "2026-13"}, "#/month"),
        ({"month": "٢٠٢٦-٠١"}, "#/month"),
        ({"month": "2026-11\n"}, "#/month"),
        ({"month": None}, "#/month"),
        ({"service_id": "one"}, "#/service_id"),
        ({"service_id": 0}, "#/service_id"),
        ({"notes": None}, "#/notes"),
        ({"notes": "x" * 501}, "#/notes"),
        ({"price": 1}, "#/price"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_and_nothing_is_recorded(
    admin: Program, atlas: Service, words: dict[str, object], pointer: str
) -> None:
    answer = admin.post("/api/transactions", {"service_id": atlas.id, "quantity": 1, "month": "2026-11"} | words)
    assert answer.status_code == 422
    assert [issue["pointer"] for issue in answer.json["errors"]] == [pointer]
    assert admin.get("/api/transactions").json == []


def test_a_whole_number_may_be_written_with_a_point(admin: Program, atlas: Service) -> None:
    body = f'{{"service_id": {atlas.id}, "quantity": 2.0, "month": "2026-11"}}'
    answer = admin.call("POST", "/api/transactions", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["quantity"]) == (201, 2)


@pytest.mark.parametrize("service_id", [7, 2**31, 2**53 - 1])
def test_an_unknown_service_is_a_404(admin: Program, service_id: int) -> None:
    answer = admin.post("/api/transactions", {"service_id": service_id, "month": "2026-11"})
    assert (answer.status_code, answer.json["error"]) == (404, "SERVICE_NOT_FOUND")


def test_lists_are_filtered_and_counted(admin: Program, books: Database, atlas: Service, sale: Transaction) -> None:
    with books.transaction() as session:
        other = make.offer(session, "Rif")
        make.sale(session, other, month="2026-11")
        make.sale(session, other, month="2026-10")
    answer = admin.get("/api/transactions?month=2026-11")
    assert answer.headers["X-Total-Count"] == "2"
    assert [each["service_name"] for each in answer.json] == ["Rif", "Atlas"]
    assert [each["month"] for each in admin.get(f"/api/transactions?service_id={other.id}").json] == [
        "2026-10",
        "2026-11",
    ]
    assert len(admin.get("/api/transactions").json) == 3
    assert admin.get("/api/transactions?service_id=x").status_code == 422
    assert admin.get(f"/api/transactions?service_id={2**53 - 1}").json == []


def test_voiding_takes_a_sale_out_and_leaves_a_trace(admin: Program, sale: Transaction) -> None:
    path = f"/api/transactions/{sale.id}"
    assert admin.get("/api/pnl?month=2026-11").json["total_revenue"] == 3000
    assert admin.delete(path).status_code == 204
    assert admin.get("/api/pnl?month=2026-11").json["total_revenue"] == 0
    for again in (admin.delete(path), admin.get(path)):
        assert (again.status_code, again.json["error"]) == (404, "TRANSACTION_NOT_FOUND")
    assert admin.get("/api/transactions").json == []
    (trace,) = admin.get("/api/transactions?include_voided=true").json
    assert (trace["voided_by"], trace["revenue"]) == ("Salma Bennis", 3000)


def test_a_viewer_without_the_right_records_nothing(app: Flask, books: Database, atlas: Service) -> None:
    with books.transaction() as session:
        make.user(session, "lina", may_record_sales=False)
    answer = signed_in(app, "lina").post("/api/transactions", {"service_id": atlas.id, "month": "2026-11"})
    assert (answer.status_code, answer.json["error"]) == (403, "FORBIDDEN")
    assert "An admin can allow it" in answer.json["detail"]


def test_a_viewer_voids_nothing(viewer: Program, sale: Transaction) -> None:
    assert viewer.delete(f"/api/transactions/{sale.id}").status_code == 403
    assert len(viewer.get("/api/transactions").json) == 1


def test_samples_are_removed_for_good_and_nothing_else(admin: Program, books: Database, atlas: Service) -> None:
    with books.transaction() as session:
        for quantity in (1, 2):
            words = read(NewTransaction, {"service_id": atlas.id, "quantity": quantity, "month": "2026-11"})
            record_sale(session, make.admin(), words, sample=True)
        mine = make.sale(session, atlas, 3, "2026-11").id
    cleared = admin.delete("/api/samples")
    assert (cleared.status_code, cleared.json) == (200, {"removed": 2})
    assert [sale["id"] for sale in admin.get("/api/transactions?include_voided=true").json] == [mine]
    assert admin.get("/api/pnl?month=2026-11").json["total_revenue"] == 4500
    assert admin.delete("/api/samples").json == {"removed": 0}


def test_samples_stay_for_whoever_may_not_remove_them_and_in_a_closed_month(
    admin: Program, viewer: Program, narrow: Program, books: Database, atlas: Service
) -> None:
    with books.transaction() as session:
        words = read(NewTransaction, {"service_id": atlas.id, "quantity": 1, "month": "2026-10"})
        record_sale(session, make.admin(), words, sample=True)
    assert viewer.delete("/api/samples").json["error"] == "FORBIDDEN"
    assert narrow.delete("/api/samples").json["error"] == "INSUFFICIENT_SCOPE"
    assert admin.post("/api/months/2026-10/close", {"reason": "Handed in"}).status_code == 200
    closed = admin.delete("/api/samples")
    assert (closed.status_code, closed.json["error"]) == (409, "MONTH_CLOSED")
    assert len(admin.get("/api/transactions").json) == 1
