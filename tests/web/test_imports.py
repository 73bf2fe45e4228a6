"""Bringing in files in a browser: the form, the preview, one press that stores, and who may."""

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests import make
from tests.sheets.test_reading import workbook
from tests.web.conftest import csrf, sign_in, submit
from vela.app import MOST_BYTES
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.importing.models import ImportedFile, ImportedSale
from vela.domain.ledger import queries as ledger
from vela.sheets import unpacking

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SALES = "month,offer,quantity,notes\n2026-10,Atlas,2,=1+1\n2026-10,Atlas,2,=1+1\n2026-11,Atlas,1,\n"
BAD = SALES + "2026-11,Nowhere,1,<b>\n"
SCRIPT = {"HX-Request": "true"}
OFFERS = "offer;component;unit cost;unit sell\nAtlas;HDD;650,5;1000\nRif;SSD;1,5;2\n"


@pytest.fixture
def books(database: Database) -> Database:
    with database.transaction() as session:
        make.offer(session, "Atlas", ("HDD", 600, 1000))
    return database


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def send(client: FlaskClient, path: str, data: str | bytes, name: str = "my sales.csv", **headers: str) -> TestResponse:
    file = BytesIO(data.encode() if isinstance(data, str) else data)
    return client.post(path, data={"csrf_token": csrf(client), "file": (file, name)}, headers=headers)


def send_bytes(client: FlaskClient, path: str, data: bytes) -> TestResponse:
    """The same for a large file, without the temporary file that the test client would make of it."""
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{csrf(client)}\r\n--x\r\n'
    head += 'Content-Disposition: form-data; name="file"; filename="large.csv"\r\n\r\n'
    return client.post(
        path, data=head.encode() + data + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x"
    )


def sent(client: FlaskClient, path: str, data: str | bytes, name: str = "my sales.csv") -> str:
    """The address of the preview of a file."""
    answer = send(client, path, data, name)
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["Location"]


def form_of(client: FlaskClient, address: str, **more: str) -> dict[str, str]:
    """What the form of a preview would send."""
    page = client.get(address).text
    form = page[page.index('id="import-store"') :]
    found = dict(re.findall(r'name="(idempotency_key|seen)"(?: id="[^"]*")? value="([^"]+)"', form))
    assert found.keys() == {"idempotency_key", "seen"}
    return found | more


def count(database: Database, table: type = ImportedFile) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def sold(database: Database) -> list[tuple[str, int, str]]:
    with database.reading() as session:
        every = ledger.transactions(session, include_voided=True)
        return sorted((str(each.month), each.quantity, each.notes) for each in every)


def test_a_file_of_sales_is_looked_at_and_then_recorded_once(admin: FlaskClient, books: Database) -> None:
    address = sent(admin, "/transactions/import", SALES)
    page = words(admin.get(address).text)
    assert "Import my sales.csv" in page
    assert "Oct 2026 2 4,000 2,400 1,600" in page
    assert "Total 3 5,000 3,000 2,000" in page
    assert "All 3 To add 3" in page
    assert sold(books) == []
    form = form_of(admin, address)
    for said in ("3 sales added from the file.", "That was done already, once."):  # pressed twice, or sent again
        answer = submit(admin, address, form)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/transactions?month=2026-11")
        assert said in admin.get(answer.headers["Location"]).text
    assert sold(books) == [("2026-10", 2, "=1+1"), ("2026-10", 2, "=1+1"), ("2026-11", 1, "")]
    assert count(books, ImportedSale) == 3
    for again in (admin.get(address), submit(admin, address, form | {"idempotency_key": "of another tab"})):
        assert again.status_code == 409
        assert "my sales.csv was brought in already. Nothing was stored a second time." in words(again.text)
        assert '<a class="btn btn-primary" href="/transactions">' in again.text
    assert count(books, ImportedSale) == 3
    again = words(admin.get(sent(admin, "/transactions/import", SALES)).text)
    assert "0 changes. Everything in this file is there already." in again
    assert "All 3 There already 3" in again


def test_bad_rows_say_why_and_are_left_out_only_when_asked_to(admin: FlaskClient, books: Database) -> None:
    address = sent(admin, "/transactions/import", BAD)
    page = admin.get(address)
    assert "Offer: There is no offer named Nowhere." in page.text
    assert "&lt;b&gt;" in page.text
    assert "Cannot be used 1 To add 3" in words(page.text)
    only_bad = admin.get(f"{address}?only=bad").text
    assert re.findall(r'<th scope="row" class="num t2">(\d+)</th>', only_bad) == ["5"]
    refused = submit(admin, address, form_of(admin, address))
    assert (refused.status_code, sold(books)) == (409, [])
    assert "Some rows cannot be used, so nothing was stored." in refused.text
    assert submit(admin, address, form_of(admin, address, leave_out="1")).status_code == 303
    assert len(sold(books)) == 3


def test_what_changed_meanwhile_brings_the_fresh_preview(admin: FlaskClient, books: Database) -> None:
    address = sent(admin, "/transactions/import", SALES)
    form = form_of(admin, address)
    with books.transaction() as session:
        make.component(session, queries.service(session, 1))
    answer = submit(admin, address, form)
    assert (answer.status_code, sold(books)) == (409, [])
    assert "changed since you looked" in answer.text
    assert "Total 3 8,500 5,000 3,500" in words(answer.text)
    assert submit(admin, address, form_of(admin, address)).status_code == 303


def test_offers_are_stored_and_what_was_read_is_said(admin: FlaskClient, books: Database) -> None:
    address = sent(
        admin, "/offers/import", OFFERS.replace("unit sell", "unit sell;colour").replace("\nRif", ";red\nRif")
    )
    page = words(admin.get(address).text)
    assert "ignored: colour." in page
    assert "The file has no column for: Description" in page
    assert "unit cost: 600 → 650.50" in page
    assert "New offers 1 Changed offers 1 Unchanged offers 0" in page
    assert "600 → 650.50" in page
    assert submit(admin, address, form_of(admin, address)).headers["Location"] == "/offers"
    assert "1 offer added. 1 offer changed." in words(admin.get("/offers").text)
    with books.reading() as session:
        assert [(each.name, str(each.totals.cost), each.version) for each in queries.services(session)] == [
            ("Atlas", "650.50", 2),
            ("Rif", "1.50", 1),
        ]


def test_an_xlsx_file_is_read_and_a_file_in_the_readers_language(admin: FlaskClient, books: Database) -> None:
    data = workbook([["Mois", "Offre", "Quantité"], ["2026-10", "Atlas", 2]])
    assert "Oct 2026 1 2,000" in words(admin.get(sent(admin, "/transactions/import", data, "v.xlsx")).text)


@pytest.mark.parametrize("path", ["/transactions/import", "/offers/import"])
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(
    admin: FlaskClient, books: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for data, said in ((b"", "This file is empty."), (b"\x89PNG\0", "no spreadsheet"), ("a,b\n1,2", "No heading")):
        answer = send(admin, path, data)
        assert answer.status_code == 422
        found = re.search(r'id="import-file-error" role="alert">([^<]*)<', answer.text)
        assert found, answer.text
        assert said in found[1]
    assert submit(admin, path).status_code == 422
    monkeypatch.setattr(unpacking, "MOST_ROWS", 1)
    assert "more than 1 rows" in send(admin, path, SALES if "tr" in path else OFFERS).text
    assert count(books) == 0


def test_a_file_of_offers_is_short_for_others_wait_for_its_preview(admin: FlaskClient, books: Database) -> None:
    row = "Rif;SSD;1,5;2\n"
    assert "more than 2,000 rows" in send(admin, "/offers/import", OFFERS + 1999 * row).text
    assert "2,000" in words(admin.get("/offers/import").text)
    assert send(admin, "/offers/import", OFFERS + 1998 * row).status_code == 303
    assert count(books) == 1


def test_a_file_may_be_larger_than_any_other_request_and_no_larger_than_it_may(
    admin: FlaskClient, books: Database
) -> None:
    long_file = SALES + "2026-11,Atlas,1,\n".replace(",1,", ",1," + " " * 1000) * 1100
    assert len(long_file) > MOST_BYTES
    assert send_bytes(admin, "/transactions/import", long_file.encode()).status_code == 303
    over = send_bytes(admin, "/transactions/import", b"x" * (unpacking.MOST_BYTES + 100_000))
    assert (over.status_code, "larger than 10 MB" in over.text) == (413, True)
    assert admin.post("/offers", data={"name": "x" * (MOST_BYTES + 1)}).status_code == 413


def test_script_is_told_where_to_go(admin: FlaskClient, books: Database) -> None:
    answer = send(admin, "/transactions/import", SALES, **SCRIPT)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/transactions/import/1")
    assert send(admin, "/transactions/import", b"", **SCRIPT).status_code == 422


@pytest.mark.parametrize("area", ["/transactions/import", "/offers/import"])
def test_signed_out_meanwhile_the_file_is_to_be_chosen_again(admin: FlaskClient, books: Database, area: str) -> None:
    admin.delete_cookie("token")
    answer = admin.post(area, data={"file": (BytesIO(SALES.encode()), "my sales.csv")}, headers=SCRIPT)
    back = f"/login?next={area.replace('/', '%2F')}%3Fagain%3D1&ended=1"
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, back)
    answer = admin.post(area, data={"file": (BytesIO(SALES.encode()), "my sales.csv")})
    assert (answer.status_code, answer.headers["Location"]) == (303, back)
    client = sign_in(admin.application, "salma")
    assert "the file did not arrive. Choose it again." in client.get(f"{area}?again=1").text
    assert "did not arrive. Choose" not in client.get(area).text


def test_only_whoever_brought_a_file_sees_it_and_only_so_many_wait(
    app: Flask, admin: FlaskClient, books: Database
) -> None:
    mine = sent(admin, "/transactions/import", SALES)
    with books.transaction() as session:
        make.user(session, "nadia", role="admin")
    nadia = sign_in(app, "nadia")
    assert nadia.get(mine).status_code == 404
    assert submit(nadia, mine, {"seen": "x"}).status_code == 404
    assert admin.get(mine.replace("transactions", "offers")).status_code == 404
    for _ in range(3):
        sent(admin, "/transactions/import", SALES)
    assert (admin.get(mine).status_code, count(books)) == (404, 3)


def test_who_may_not_is_refused_and_strangers_sign_in(
    app: Flask, stranger: FlaskClient, viewer: FlaskClient, books: Database
) -> None:
    with books.transaction() as session:
        make.user(session, "looker", may_record_sales=False)
    looker = sign_in(app, "looker")
    assert 'href="/transactions/import"' in viewer.get("/transactions?month=2026-01").text
    assert 'href="/transactions/import"' not in looker.get("/transactions").text
    assert 'href="/offers/import"' not in viewer.get("/offers?status=archived").text
    assert viewer.get(sent(viewer, "/transactions/import", SALES)).status_code == 200
    for client, path in ((viewer, "/offers/import"), (looker, "/transactions/import"), (looker, "/offers/import")):
        assert client.get(path).status_code == 403
        assert send(client, path, SALES).status_code == 403
        assert client.get(f"{path}/1").status_code == 403
        assert submit(client, f"{path}/1").status_code == 403
    for path in ("/transactions/import", "/offers/import/1"):
        assert stranger.get(path).headers["Location"].startswith("/login?next=")
        assert send(stranger, "/transactions/import", SALES).headers["Location"].startswith("/login")


def test_long_files_are_shown_in_pages(admin: FlaskClient, books: Database) -> None:
    address = sent(admin, "/transactions/import", SALES + "2026-11,Nowhere,1,\n" * 250)
    first, second = admin.get(address).text, admin.get(f"{address}?only=bad&page=2").text
    assert first.count('<th scope="row" class="num t2">') == 200
    assert second.count('<th scope="row" class="num t2">') == 50
    assert "Page 2 of 2" in second
    assert f"{address}?only=bad" in second
    for odd in ("0", "-1", "999999999999", "x", "²"):
        assert admin.get(f"{address}?page={odd}").status_code == 200


def test_a_number_that_leaves_a_doubt_is_shown_as_it_was_read(admin: FlaskClient, books: Database) -> None:
    address = sent(admin, "/offers/import", "offer,component,unit cost,unit sell\nAtlas,HDD,1.234,1000\n")
    assert "1.234 is read as 1.234" in words(admin.get(address).text)


KILLED = """
import sys, time
from sqlalchemy import event
from vela.app import create_app
from vela.settings import Settings
from tests.web.conftest import csrf, sign_in, submit
from tests.web.test_imports import form_of, sent
app = create_app(Settings.from_environment({"VELA_DATA_DIR": sys.argv[1]}))
client = sign_in(app, "salma")
rows = "".join(f"2026-10,Atlas,1,{n}\\n" for n in range(400))
address = sent(client, "/transactions/import", "month,offer,quantity,notes\\n" + rows)
form = form_of(client, address)
@event.listens_for(app.extensions["vela"].database.engine, "commit")
def about_to_keep(connection):
    if connection.exec_driver_sql("SELECT count(*) FROM transactions").scalar() == 400:
        sys.stdout.write("written\\n")
        sys.stdout.flush()
        time.sleep(60)
submit(client, address, form)
"""


def test_a_server_that_is_killed_while_it_stores_leaves_nothing_half_stored(
    books: Database, tmp_path: Path, admin: FlaskClient
) -> None:
    program = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as storing:
        assert storing.stdout is not None
        assert storing.stdout.readline() == "written\n"
        storing.kill()
    assert (sold(books), count(books, ImportedSale), count(books)) == ([], 0, 1)
    with books.reading() as session:
        path = f"/transactions/import/{session.scalars(select(ImportedFile.id)).one()}"
    assert submit(admin, path, form_of(admin, path)).status_code == 303
    assert len(sold(books)) == 400
