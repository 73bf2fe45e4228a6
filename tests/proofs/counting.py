"""Counting afterwards: every acknowledged request stands in the books exactly once, and nothing else does."""

from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

from sqlalchemy import text

from tests.proofs.service import MONTH, PARTS, Service
from tests.proofs.writing import Request
from vela.db import Database


def count(service: Service, sent: Sequence[Request]) -> dict[str, int]:
    """How many of each verb were acknowledged. Raises AssertionError for one that was lost, doubled or made up."""
    database = Database(service.url)
    with database.engine.connect() as connection:
        rows = {
            table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]  # noqa: S608
            for table in ("transactions", "operating_expenses", "components", "audit_entries", "month_sums")
        }
    database.close()
    by_verb = {verb: [each for each in sent if each.verb == verb] for verb in ("sell", "void", "reprice", "spend")}
    _count_sales(rows["transactions"], by_verb["sell"], by_verb["void"])
    _count_expenses(rows["operating_expenses"], by_verb["spend"])
    _count_prices(rows, by_verb["reprice"])
    _count_profit(rows)
    return {verb: sum(each.is_acknowledged for each in asked) for verb, asked in by_verb.items()}


def are_proven(service: Service) -> None:
    """The program's own proofs agree."""
    for words in (("check",), ("audit", "verify")):
        ended = service.command(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def _count_sales(rows: list[dict[str, Any]], asked: list[Request], voids: list[Request]) -> None:
    wanted = Counter(each.key for each in asked if each.is_acknowledged)
    assert Counter(row["notes"] for row in rows) == wanted
    by_key = {row["notes"]: row for row in rows}
    for each in asked:
        if each.is_acknowledged:
            row = by_key[each.key]
            assert (row["id"], row["quantity"]) == (each.said["id"], each.said["quantity"])
            assert (row["revenue"], row["cost"]) == (_centimes(each.said["revenue"]), _centimes(each.said["cost"]))
    voided = {row["id"] for row in rows if row["voided_at"] is not None}
    wanted = {int(each.path.rpartition("/")[2]): each for each in voids}
    assert {each for each, request in wanted.items() if request.is_acknowledged} <= voided
    assert all(each in wanted and (wanted[each].is_acknowledged or wanted[each].silences) for each in voided)


def _count_expenses(rows: list[dict[str, Any]], asked: list[Request]) -> None:
    wanted = Counter(each.key for each in asked if each.is_acknowledged)
    assert Counter(row["name"] for row in rows if row["amount"] == 125) == wanted


def _count_prices(rows: dict[str, list[dict[str, Any]]], asked: list[Request]) -> None:
    """Each acknowledged change added its centime, and stands in the trail once, under the id of its request."""
    known = {each.id for each in asked}
    entries = Counter(row["request_id"] for row in rows["audit_entries"] if row["request_id"] in known)
    applied = Counter(_applied(asked, entries))
    odd = (entries - applied) + (applied - entries)
    assert entries == applied, [each for each in asked if each.id in odd]
    lines = sorted(rows["components"], key=lambda row: row["id"])
    for line, (_name, cost, _sell) in zip(lines, PARTS, strict=True):
        mine = sum(each.id in entries and each.path.endswith(f"/{line['id']}") for each in asked)
        assert line["unit_cost"] == cost * 10**5 + mine * 10**3


def _applied(asked: list[Request], found: Container[Any]) -> list[Any]:
    """What must stand in the books: all that was acknowledged, and whatever of the unanswered stands there."""
    return [each.id for each in asked if each.is_acknowledged or (each.silences and each.id in found)]


def _count_profit(rows: dict[str, list[dict[str, Any]]]) -> None:
    """The month is the sum of the sales that live."""
    live = [row for row in rows["transactions"] if row["voided_at"] is None]
    sums = [row for row in rows["month_sums"] if row["month"] == MONTH]
    for column in ("revenue", "cost", "quantity"):
        assert sum(row[column] for row in sums) == sum(row[column] for row in live)


def _centimes(amount: float) -> int:
    return round(100 * amount)
