"""Sales in a browser: the list and its filters, recording, voiding and counting again."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, sign_in, submit
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import deactivate, revise_component
from vela.domain.catalog.intake import ComponentChanges
from vela.domain.ledger import queries
from vela.domain.ledger.models import Transaction
from vela.domain.ledger.sums import check
from vela.intake import read
from vela.seeding import seed_demo

MONTH = "2026-11"
HERE = f"/transactions?month={MONTH}"


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def sales_of(database: Database, **wanted: object) -> list[Transaction]:
    with database.reading() as session:
        return queries.transactions(session, include_voided=True)


@pytest.fixture
def books(database: Database) -> tuple[int, int]:
    """Two offers and three sales in November; the ids of the offers."""
    with database.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", 600, 1000))
        rif = make.offer(session, "Rif", ("SSD", "300.25", 600))
        make.sale(session, atlas, 1, MONTH, notes="Order 1047")
        make.sale(session, atlas, 3, MONTH, notes="Renewal 100%")
        make.sale(session, rif, 2, MONTH)
        make.sale(session, rif, 1, "2026-10")
        return atlas.id, rif.id


def shown(html: str) -> list[str]:
    """The quantities of the rows, in their order."""
    return re.findall(r'<tr id="sale-\d+".*?<td class="num hide-m">(\d+)</td>', html, re.DOTALL)


def test_a_month_is_listed_with_its_sums(admin: FlaskClient, books: tuple[int, int]) -> None:
    page = admin.get(HERE).text
    assert shown(page) == ["2", "3", "1"]
    assert "Total 6 5,200.00 3,000.50 2,199.50 42.3%" in words(page)
    assert "All 3 Atlas 2 Rif 1" in words(page)
    assert "600.00" in page


@pytest.mark.parametrize(
    ("query", "rows", "total"),
    [
        ("&offer={atlas}", ["3", "1"], "4,000"),
        ("&q=order", ["1"], "1,000"),
        ("&q=100%25", ["3"], "3,000"),
        ("&q=R%C3%89NEWAL", ["3"], "3,000"),
        ("&q=%25", ["3"], "3,000"),
        ("&by=Operator", ["2", "3", "1"], "5,200.00"),
        ("&by=Nobody", [], ""),
        ("&sort=-quantity", ["3", "2", "1"], "5,200.00"),
        ("&sort=margin", ["1", "2", "3"], "5,200.00"),
        ("&sort=added", ["1", "3", "2"], "5,200.00"),
        ("&sort=nonsense", ["2", "3", "1"], "5,200.00"),
        ("&offer=nonsense", ["2", "3", "1"], "5,200.00"),
        ("&offer=99999999999999999999", ["2", "3", "1"], "5,200.00"),
    ],
)
def test_the_address_narrows_and_orders(
    admin: FlaskClient, books: tuple[int, int], query: str, rows: list[str], total: str
) -> None:
    page = admin.get(HERE + query.format(atlas=books[0])).text
    assert shown(page) == rows
    if total:
        assert f"Total {sum(map(int, rows))} {total}" in words(page)
    else:
        assert "Nothing matches these filters." in page


def test_an_empty_month_says_so(admin: FlaskClient, books: tuple[int, int]) -> None:
    assert "No transactions in January 2025" in admin.get("/transactions?month=2025-01").text


@pytest.mark.parametrize("month", ["2026-13", "٢٠٢٦-٠١", "november", ""])
def test_a_month_that_is_none_is_refused(admin: FlaskClient, month: str) -> None:
    page = admin.get("/transactions", query_string={"month": month})
    assert page.status_code == 422
    assert "Write the month as YYYY-MM" in page.text


# ---------- recording


def test_what_a_sale_would_bring(viewer: FlaskClient, books: tuple[int, int]) -> None:
    asked = {"service_id": str(books[1]), "quantity": "2"}
    answer = partials(viewer.get("/transactions/preview", query_string=asked))
    assert words(answer["new-sale-worth"]) == "Revenue 1,200 Cost 600.50 Margin 599.50"


@pytest.mark.parametrize(("offer", "quantity"), [("1", "0"), ("1", "1.5"), ("1", ""), ("99", "1"), ("x", "1")])
def test_what_is_no_sale_would_bring_nothing(
    viewer: FlaskClient, books: tuple[int, int], offer: str, quantity: str
) -> None:
    asked = {"service_id": offer, "quantity": quantity}
    response = viewer.get("/transactions/preview", query_string=asked)
    assert response.status_code == 200
    assert words(partials(response)["new-sale-worth"]) == "Revenue — Cost — Margin —"


def test_a_sale_is_recorded_where_it_is_listed(viewer: FlaskClient, books: tuple[int, int], database: Database) -> None:
    sent = {"service_id": str(books[0]), "quantity": "2", "month": MONTH, "notes": "Walk-in"}
    answer = partials(htmx(viewer, "POST", "/transactions", sent, source="form#new-sale", page=HERE))
    assert shown(answer["sales"]) == ["2", "2", "3", "1"]
    assert "All 4 Atlas 3 Rif 1" in words(answer["sales"])
    assert "Total 8 7,200.00" in words(answer["sales"])
    assert "v-fresh" in answer["sales"]
    assert answer["announce"] == "Recorded: 2 × Atlas, 2,000 MAD."
    assert answer["notices"] == ""
    assert "data-undo" not in answer["toasts"]
    sale = sales_of(database)[0]
    assert (sale.created_by, sale.face, sale.notes, sale.revenue) == ("Youssef", "browser", "Walk-in", 2000)


def test_an_admin_may_take_the_sale_back_at_once(admin: FlaskClient, books: tuple[int, int]) -> None:
    sent = {"service_id": str(books[0]), "quantity": "1", "month": MONTH, "notes": ""}
    answer = partials(htmx(admin, "POST", "/transactions", sent, source="form#new-sale", page=HERE))
    undo = re.search(r'data-undo hx-post="(/transactions/\d+/void)"', answer["toasts"])
    assert undo
    assert htmx(admin, "POST", undo[1], page=HERE).status_code == 200


def test_a_sale_of_another_month_says_where_it_went(admin: FlaskClient, books: tuple[int, int]) -> None:
    sent = {"service_id": str(books[0]), "quantity": "1", "month": "2026-12", "notes": ""}
    answer = partials(htmx(admin, "POST", "/transactions", sent, source="form#new-sale", page=HERE))
    assert shown(answer["sales"]) == ["2", "3", "1"]
    assert "Recorded for December 2026" in answer["notices"]
    assert 'href="/transactions?month=2026-12"' in answer["notices"]


def test_the_answer_keeps_to_the_filters_of_the_page(admin: FlaskClient, books: tuple[int, int]) -> None:
    sent = {"service_id": str(books[1]), "quantity": "7", "month": MONTH, "notes": ""}
    page = f"{HERE}&offer={books[0]}&sort=quantity"
    answer = partials(htmx(admin, "POST", "/transactions", sent, source="form#new-sale", page=page))
    assert shown(answer["sales"]) == ["1", "3"]


@pytest.mark.parametrize(
    ("field", "said", "complaint"),
    [
        ("quantity", "0", "Enter a whole number of 1 or more."),
        ("quantity", "two", "Enter a whole number of 1 or more."),
        ("quantity", "1000001", "That is too large."),
        ("month", "2026-13", "Write the month as YYYY-MM"),
        ("notes", "x" * 501, "Use at most 500 characters."),
        ("service_id", "", "Enter a whole number"),
    ],
)
def test_a_refused_sale_keeps_what_was_typed(
    viewer: FlaskClient, books: tuple[int, int], database: Database, field: str, said: str, complaint: str
) -> None:
    sent = {"service_id": str(books[0]), "quantity": "2", "month": MONTH, "notes": "kept", field: said}
    response = htmx(viewer, "POST", "/transactions", sent, source="form#new-sale", page=HERE)
    assert response.status_code == 422
    assert complaint in partials(response)[f"new-sale-{field}-error"]
    plain = submit(viewer, "/transactions", sent | {"back": HERE})
    assert plain.status_code == 422
    assert complaint in plain.text
    assert 'value="kept"' in plain.text or field == "notes"
    assert len(sales_of(database)) == 4


def test_an_archived_offer_is_not_sold(admin: FlaskClient, books: tuple[int, int], database: Database) -> None:
    with database.transaction() as session:
        deactivate(session, make.admin(), books[0])
    sent = {"service_id": str(books[0]), "quantity": "1", "month": MONTH, "notes": ""}
    response = htmx(admin, "POST", "/transactions", sent, source="form#new-sale", page=HERE)
    assert response.status_code == 409
    assert "Atlas is archived and cannot be sold." in partials(response)["new-sale-service_id-error"]
    plain = submit(admin, "/transactions", sent)
    assert plain.status_code == 409
    assert "Atlas is archived" in plain.text
    unknown = htmx(admin, "POST", "/transactions", sent | {"service_id": "99"}, source="form#new-sale")
    assert unknown.status_code == 404


def test_recording_without_script(viewer: FlaskClient, books: tuple[int, int]) -> None:
    sent = {"service_id": str(books[0]), "quantity": "5", "month": "2026-12", "notes": "", "back": HERE}
    recorded = submit(viewer, "/transactions", sent)
    assert (recorded.status_code, recorded.headers["Location"]) == (303, "/transactions?month=2026-12")
    assert shown(viewer.get(recorded.headers["Location"]).text) == ["5"]


def test_who_may_only_look_sees_no_way_to_record(app: Flask, database: Database, books: tuple[int, int]) -> None:
    with database.transaction() as session:
        make.user(session, "guest", role="viewer", may_record_sales=False)
    guest = sign_in(app, "guest")
    page = guest.get(HERE).text
    assert "new-sale" not in page.split("<main")[1].split("</main>")[0]
    assert "hx-delete" not in page
    assert submit(guest, "/transactions", {"service_id": "1", "quantity": "1", "month": MONTH}).status_code == 403


# ---------- voiding


def test_a_sale_is_voided_and_counted_again(admin: FlaskClient, books: tuple[int, int], database: Database) -> None:
    sale = sales_of(database)[1]
    voided = partials(htmx(admin, "DELETE", f"/transactions/{sale.id}", page=HERE))
    assert shown(voided["sales"]) == ["2", "3", "1"]
    assert f'id="sale-{sale.id}" class="is-gone" data-gone="toast-sale-{sale.id}"' in voided["sales"]
    assert "Voided 1" in words(voided["sales"])
    assert f'hx-post="/transactions/{sale.id}/reinstate"' in voided["toasts"]
    assert "Voided: 2 × Rif" in voided["announce"]
    listed = words(admin.get(HERE + "&voided=1").text)
    assert "Salma, just now" in listed
    assert "Count again" in listed
    back = partials(htmx(admin, "POST", f"/transactions/{sale.id}/reinstate", page=HERE))
    assert shown(back["sales"]) == ["2", "3", "1"]
    with database.reading() as session:
        assert check(session) == []


def test_voiding_without_script(admin: FlaskClient, books: tuple[int, int], database: Database) -> None:
    sale = sales_of(database)[1]
    back = f"{HERE}&sort=quantity"
    voided = submit(admin, f"/transactions/{sale.id}/void", {"back": back})
    assert (voided.status_code, voided.headers["Location"]) == (303, back)
    again = submit(admin, f"/transactions/{sale.id}/reinstate", {"back": HERE + "&voided=1"})
    assert again.headers["Location"] == HERE + "&voided=1"
    assert sales_of(database)[1].voided_at is None


def test_voiding_twice_and_reinstating_what_counts(
    admin: FlaskClient, books: tuple[int, int], database: Database
) -> None:
    sale = sales_of(database)[0]
    assert htmx(admin, "DELETE", f"/transactions/{sale.id}", page=HERE).status_code == 200
    assert htmx(admin, "DELETE", f"/transactions/{sale.id}", page=HERE).status_code == 404
    assert htmx(admin, "POST", f"/transactions/{sale.id}/reinstate", page=HERE).status_code == 200
    assert htmx(admin, "POST", f"/transactions/{sale.id}/reinstate", page=HERE).status_code == 409
    assert htmx(admin, "DELETE", "/transactions/999999999999", page=HERE).status_code == 404


def test_a_viewer_voids_nothing(viewer: FlaskClient, books: tuple[int, int], database: Database) -> None:
    sale = sales_of(database)[0]
    page = viewer.get(HERE).text
    assert "new-sale" in page
    assert "hx-delete" not in page
    assert "/void" not in page
    assert htmx(viewer, "DELETE", f"/transactions/{sale.id}").status_code == 403
    assert submit(viewer, f"/transactions/{sale.id}/void").status_code == 403
    assert submit(viewer, f"/transactions/{sale.id}/reinstate").status_code == 403


def test_sample_sales_are_marked(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
    page = sign_in(app, "admin", "admin123").get("/transactions").text
    assert page.count(">sample<") == len(shown(page)) > 0


def repriced(database: Database, offer: int, **prices: object) -> None:
    with database.transaction() as session:
        part = catalog.service(session, offer).components[0]
        revise_component(session, make.admin(), part.id, read(ComponentChanges, prices))


def test_a_price_that_changed_since_it_was_shown_is_told_and_recorded_only_when_wanted(
    admin: FlaskClient, books: tuple[int, int], database: Database
) -> None:
    atlas = books[0]
    previewed = re.search(r'name="previewed" value="([^"]+)"', admin.get(HERE).text)
    assert previewed
    assert previewed[1] == f"{atlas}:1"
    sent = {"service_id": str(atlas), "quantity": "2", "month": MONTH, "notes": "", "previewed": previewed[1]}
    sold = len(sales_of(database))
    repriced(database, atlas, unit_sell=1250)
    told = htmx(admin, "POST", "/transactions", sent, source="form#new-sale", page=HERE)
    assert told.status_code == 409
    parts = partials(told)
    assert (
        "Atlas sells for 1,250 MAD now (was 1,000 MAD). Record it at the new price?"
        in parts["new-sale-service_id-error"]
    )
    assert "Record at 1,250 MAD" in parts["new-sale-service_id-error"]
    assert f'value="{atlas}:2"' in parts["new-sale-worth"]
    assert "2,500" in parts["new-sale-worth"]
    assert len(sales_of(database)) == sold
    plain = submit(admin, "/transactions", sent | {"back": HERE})
    assert plain.status_code == 409
    assert "Record it at the new price?" in plain.text
    assert f'name="previewed" value="{atlas}:2"' in plain.text
    agreed = htmx(admin, "POST", "/transactions", sent | {"previewed": f"{atlas}:2"}, source="form#new-sale", page=HERE)
    assert agreed.status_code == 200
    assert sales_of(database)[0].revenue == 2500


@pytest.mark.parametrize("previewed", ["", "2:1", "1:", "1:x", "1:99999999999999", ":1", "junk"])
def test_prices_of_another_offer_or_none_were_not_seen(
    admin: FlaskClient, books: tuple[int, int], database: Database, previewed: str
) -> None:
    repriced(database, books[0], unit_sell=1250)
    sent = {"service_id": "1", "quantity": "1", "month": MONTH, "notes": "", "previewed": previewed}
    assert htmx(admin, "POST", "/transactions", sent, page=HERE).status_code == 200


def test_a_cost_that_changed_is_told_too_and_another_name_is_not(
    admin: FlaskClient, books: tuple[int, int], database: Database
) -> None:
    sent = {"service_id": "1", "quantity": "1", "month": MONTH, "notes": "", "previewed": "1:1"}
    repriced(database, books[0], name="Disk")
    assert htmx(admin, "POST", "/transactions", sent, page=HERE).status_code == 200
    repriced(database, books[0], unit_cost=700)
    told = htmx(admin, "POST", "/transactions", sent, source="form#new-sale", page=HERE)
    assert "Atlas costs you 700 MAD now (was 600 MAD)." in partials(told)["new-sale-service_id-error"]
