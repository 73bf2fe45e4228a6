"""A Python client that a generator of others makes from the document: it signs in, looks, changes and is refused."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask_openapi.openapi import OpenAPI

from tests import make
from vela.blueprints.api.documenting import document
from vela.db import Database

PROGRAMS = Path(sys.executable).parent
NAME = "client_made_of_the_document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def generated(unfurnished: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The client as a package that can be imported, without a word of warning from its generator."""
    folder = tmp_path_factory.mktemp("client")
    described = folder / "openapi.json"
    described.write_text(json.dumps(document(cast("OpenAPI", unfurnished))))
    # The generator knows files only as bytes without a name.
    files = dict.fromkeys(("text/csv", XLSX, "application/pdf"), "application/octet-stream")
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"content_type_overrides": files}))
    command = [PROGRAMS / "openapi-python-client", "generate", "--path", described, "--output-path", folder / NAME]
    environment = os.environ | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(
        [*command, "--config", settings, "--meta", "none", "--fail-on-warning"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


def part(name: str) -> Any:
    """A module of the client."""
    return importlib.import_module(f"{NAME}.{name}")


@pytest.fixture
def client(generated: None, books: Database, address: str) -> Any:
    """The client, signed in as an admin by its own call."""
    with books.transaction() as session:
        make.user(session, "salma", role="admin")
    words = part("models").Credentials(username="salma", password=make.PASSWORD)
    signed_in = part("api.signing_in.log_in").sync(client=part("client").Client(base_url=address), body=words)
    assert signed_in.user.username == "salma"
    return part("client").AuthenticatedClient(base_url=address, token=signed_in.token)


def service(client: Any) -> Any:
    models = part("models")
    component = models.NewComponent(name="HDD (1TB)", unit_cost=600, unit_sell="1000.5")
    body = models.NewService(name="Atlas", components=[component])
    return part("api.services.create_service").sync_detailed(client=client, body=body, idempotency_key=KEY)


def test_it_makes_a_service_once_and_lists_it(client: Any) -> None:
    made, again = service(client), service(client)
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.parsed == again.parsed
    assert (made.parsed.cost_price, made.parsed.sell_price, made.parsed.components[0].name) == (
        600,
        1000.5,
        "HDD (1TB)",
    )
    assert part("api.services.list_services").sync(client=client) == [made.parsed]


def test_it_records_a_sale_once_and_reads_the_profit(client: Any) -> None:
    body = part("models").NewTransaction(service_id=service(client).parsed.id, quantity=2, month="2026-11")
    record = part("api.transactions.record_sale").sync
    sale = record(client=client, body=body, idempotency_key="order-1047")
    assert record(client=client, body=body, idempotency_key="order-1047") == sale
    assert (sale.revenue, sale.month, sale.voided_at) == (2001, "2026-11", None)
    assert part("api.profit.get_pnl").sync(client=client, month="2026-11").total_revenue == 2001


def test_it_understands_what_is_refused(client: Any) -> None:
    models = part("models")
    body = models.NewTransaction(service_id=service(client).parsed.id, quantity=0, month="2026-13")
    refused = part("api.transactions.record_sale").sync(client=client, body=body)
    assert (refused.status, refused.error, refused.success) == (422, "INVALID", False)
    assert [each.pointer for each in refused.errors] == ["#/quantity", "#/month"]
    missing = part("api.services.get_service").sync(77, client=client)
    assert (missing.status, missing.error, missing["id"]) == (404, "SERVICE_NOT_FOUND", 77)
    stranger = part("client").AuthenticatedClient(base_url=str(client._base_url), token="nonsense")  # noqa: SLF001
    assert part("api.services.list_services").sync(client=stranger).error == "INVALID_TOKEN"


def test_it_takes_files_away(client: Any) -> None:
    service(client)
    table = part("api.exports.export_services").sync_detailed(client=client)
    assert table.headers["Content-Disposition"].endswith('.csv"')
    assert "Atlas" in table.parsed.payload.read().decode()
    paper = part("api.exports.export_paper").sync(client=client, month="2026-11")
    assert paper.payload.read().startswith(b"%PDF")
