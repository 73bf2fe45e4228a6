"""The dashboard: figures of a month with their change, what needs a look, empty books, and the sample sales."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import sign_in, submit
from vela.db import Database
from vela.domain.ledger.queries import transactions
from vela.domain.workspace.settings import current_month
from vela.seeding import seed_demo, seed_offers


def tile(page: str, label: str) -> str:
    """What a key figure says, in words."""
    found = re.search(rf'aria-label="{label}">(.*?)</section>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", found[1], flags=re.DOTALL).split())


def chart(page: str) -> dict[str, list[str]]:
    found = re.search(r'id="trend-data">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def test_a_month_is_shown_beside_the_one_before(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000))
        make.sale(session, offer, 2, "2026-02")
        make.sale(session, offer, 3, "2026-03")
    page = viewer.get("/?month=2026-03").text
    assert "<h1>March 2026</h1>" in page
    assert tile(page, "Revenue") == "Revenue 3,000 ↑ 50.0% up 50.0%, compared with Feb 2026 Feb 2,000"
    assert tile(page, "Cost") == "Cost 1,800 ↑ 50.0% up 50.0%, compared with Feb 2026 Feb 1,200"
    assert tile(page, "Gross margin") == "Gross margin 40.0% 0.0 pt no change, compared with Feb 2026 Feb 40.0%"
    assert tile(page, "Net profit") == "Net profit 400 Feb 0"
    assert chart(page)["net"] == ["-800.00"] * 10 + ["0.00", "400.00"]
    assert chart(page)["labels"][-1] == "Mar"


def test_cost_that_grows_with_revenue_is_no_bad_news(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        cheap = make.offer(session, "Atlas", ("HDD", 600, 1000))
        dear = make.offer(session, "Rif", ("SSD", 900, 1000))
        make.sale(session, cheap, 1, "2026-02")
        make.sale(session, cheap, 3, "2026-03")
        make.sale(session, dear, 3, "2026-04")
    assert 'aria-label="Cost">' in (march := viewer.get("/?month=2026-03").text)
    assert "v-delta bad" not in march
    assert march.count("v-delta good") == 2, "revenue and net profit; the margin stays"
    assert viewer.get("/?month=2026-04").text.count("v-delta bad") == 3


def test_nothing_before_means_nothing_to_compare_with(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session), 1, "2026-03")
    page = viewer.get("/?month=2026-03").text
    assert tile(page, "Revenue") == "Revenue 1,000 No sales in Feb 2026"
    assert tile(viewer.get("/?month=2026-04").text, "Gross margin") == "Gross margin — Mar 40.0%"


def test_a_loss_is_red_and_large_sums_are_short(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session, "Whale", ("Fleet", 13_000_000, 12_345_678)), 1, "2026-03")
    page = viewer.get("/?month=2026-03").text
    assert re.search(r'title="12,345,678"><a [^>]+>12.3 M</a>', page)
    assert tile(page, "Net profit").startswith("Net profit −655,122")
    assert 'class="val is-neg"' in page


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "٢٠٢٦-٠١", "", "x", "1800-01"])
def test_a_month_that_is_none_is_refused_in_words(viewer: FlaskClient, month: str) -> None:
    answer = viewer.get("/", query_string={"month": month})
    assert answer.status_code == 422
    assert "Write the month as YYYY-MM, such as 2026-11." in answer.text


def test_the_first_month_of_all_has_none_before_it(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.offer(session)
    assert 'data-month="previous"' not in viewer.get("/?month=1900-01").text
    assert 'data-month="previous"' in viewer.get("/?month=1900-02").text


def test_what_needs_a_look_leads_there(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        seed_offers(session)
        make.offer(session, "Empty", list_sell=None, components=[])
        make.offer(session, "Dear", ("HDD", 600, 1000), list_sell=1200, target_margin_pct=50)
    page = " ".join(admin.get("/").text.split())
    for words in (
        "Atlas+ is listed 700 too low",
        "List price 5,000, components 5,700",
        "Dear is listed 200 too high",
        "Dear misses its target margin",
        "Margin 40.0%, target 50.0%",
        "Empty has no components",
        "Opex is 800 a month",
    ):
        assert words in page
    assert re.search(r'href="/profit\?month=\d{4}-\d\d#expenses">Edit', page)


def test_new_books_teach_the_first_step(admin: FlaskClient, viewer: FlaskClient, database: Database) -> None:
    assert 'href="/offers/new"' in admin.get("/").text
    assert "An admin can add the first one." in viewer.get("/").text
    with database.transaction() as session:
        make.offer(session)
    page = admin.get("/").text
    assert "No sales in the twelve months to" in page
    assert "chart.umd.min.js" not in page


def test_who_may_not_record_sales_sees_no_button_for_it(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.offer(session)
        make.user(session, "samir", may_record_sales=False)
        make.user(session, "youssef")
    assert "#new-sale" in sign_in(app, "youssef").get("/").text
    assert "#new-sale" not in sign_in(app, "samir").get("/").text


def test_sample_sales_are_removed_after_a_question(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
        month = str(current_month(session))
    admin = sign_in(app, "admin", "admin123")
    page = admin.get("/").text
    assert "These figures include sample sales." in page
    assert "Demo accounts are active." in page
    assert tile(page, "Revenue").startswith("Revenue 53,100")
    assert 'action="/samples/clear"' in admin.get("/samples/clear").text
    answer = submit(admin, "/samples/clear")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    after = admin.get("/").text
    assert re.search(r"\d+ sample sales were removed\.", after)
    assert "include sample sales" not in after
    assert tile(after, "Revenue").startswith("Revenue 0")
    assert "There are no sample sales" in admin.get("/samples/clear").text
    with database.reading() as session:
        assert transactions(session) == [], month


def test_a_viewer_cannot_remove_sample_sales(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
    viewer = sign_in(app, "viewer", "viewer123")
    page = viewer.get("/").text
    assert "sample sales" not in page
    assert "Demo accounts" not in page
    assert viewer.get("/samples/clear").status_code == 403
    assert submit(viewer, "/samples/clear").status_code == 403
    assert tile(viewer.get("/").text, "Revenue").startswith("Revenue 53,100")


def test_names_cannot_break_out_of_the_page(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, '"><script>alert(1)</script>', ("</script><b>", 1, 2))
        make.sale(session, offer, 1, "2026-03")
    page = viewer.get("/?month=2026-03").text
    assert "<script>alert" not in page
    assert "</script><b>" not in page


def test_every_figure_opens_its_source(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session, "Bad", ("Dear", 600, 500), ("Fair", 1, 9)), 2, "2026-03")
        make.expense(session, "Rack", 10, last_month="2026-04")
    page = viewer.get("/?month=2026-03").text
    sources = dict(re.findall(r'<h2 class="lab">([^<]+)<.*?<a class="v-fig" href="([^"]+)">', page, re.DOTALL))
    assert sources == {
        "Revenue": "/transactions?month=2026-03",
        "Cost": "/profit/cost?from=2026-03&amp;to=2026-03",
        "Gross margin": "/profit/result?from=2026-03&amp;to=2026-03#gross",
        "Net profit": "/profit/result?from=2026-03&amp;to=2026-03#net",
    }
    assert 'href="/profit/cost?from=2026-03&amp;to=2026-03&amp;component=Dear">Dear</a>' in page
    for words in ("Bad is sold at a loss", "Dear loses 100 in each Bad", "Rack ends with April 2026"):
        assert words in page
    assert "Compared with the whole of" not in page
