"""The list of offers and the offer itself in a browser: reading, making, changing, archiving, supposing, going back."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, sign_in, submit
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.catalog.models import Service
from vela.seeding import seed_offers

Made = tuple[int, list[int]]


def words(html: str) -> str:
    """What a reader sees of some HTML."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def atlas_plus(database: Database) -> int:
    with database.transaction() as session:
        seed_offers(session)
        return next(offer.id for offer in queries.services(session) if offer.name == "Atlas+")


def offer_of(database: Database, offer_id: int) -> Service:
    with database.reading() as session:
        return queries.service(session, offer_id)


def test_the_list_shows_sums_list_prices_and_units_sold(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    page = admin.get("/offers")
    row = words(page.text.split(f'id="offer-{offer_id}"')[1].split("</tr>")[0])
    assert "1TB + Backup, 9 components 3,000 5,700 2,700 47.4% List price 5,000 −700 0" in row
    assert "Three list prices are below what the components add up to." in page.text
    assert "gives away, a unit: Atlas+ 700" in words(page.text).replace("Atlas 100 , ", "")
    assert f'<a href="/offers/{offer_id}">Atlas+</a> 700' in page.text
    assert "in line" in page.text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Atlas", "Atlas+", "Rif", "Rif+"]),
        ("?sort=-cost", ["Atlas+", "Rif+", "Atlas", "Rif"]),
        ("?sort=margin_pct", ["Atlas+", "Rif+", "Atlas", "Rif"]),
        ("?sort=nonsense", ["Atlas", "Atlas+", "Rif", "Rif+"]),
        ("?q=BACKUP", ["Atlas+", "Rif+"]),
        ("?q=nothing+like+it", []),
        ("?status=archived", []),
    ],
)
def test_the_list_is_narrowed_and_ordered_by_its_address(
    admin: FlaskClient, database: Database, query: str, names: list[str]
) -> None:
    atlas_plus(database)
    page = admin.get(f"/offers{query}")
    assert re.findall(r'class="v-rowlink" href="/offers/\d+">([^<]+)<', page.text) == names
    assert ("Nothing matches" in page.text) == ("nothing" in query)


def test_a_row_opens_to_its_components(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    answer = partials(htmx(admin, "GET", f"/offers/{offer_id}/parts"))
    assert list(answer) == [f"offer-{offer_id}"]
    assert "HDD (1TB) 1 600 1,000 400 40.0%" in words(answer[f"offer-{offer_id}"])


def test_the_page_of_an_offer_shows_what_it_adds_up_to(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    page = words(admin.get(f"/offers/{offer_id}").text)
    assert "Cost 3,000 9 components Sell 5,700 sum of components Margin 2,700 per unit Margin % 47.4%" in page
    assert "The list price is 5,000, the components add up to 5,700." in page
    assert "margin at list 40.0%" in page
    assert "No price has changed yet." in page


def test_a_viewer_sees_figures_and_no_field(app: Flask, viewer: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    page = viewer.get(f"/offers/{offer_id}").text
    assert "You can look but not change prices." in page
    assert "hx-patch" not in page
    assert "hx-delete" not in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'action="([^"]+)"', main) == [f"/offers/{offer_id}/what-if"]
    assert "New offer" not in viewer.get("/offers").text
    assert viewer.get("/offers/new").status_code == 403


@pytest.mark.parametrize("path", ["/offers", "/offers/new", "/offers/1", "/offers/1/history", "/transactions"])
def test_a_stranger_is_led_to_the_sign_in(stranger: FlaskClient, path: str) -> None:
    led = stranger.get(path)
    assert (led.status_code, led.headers["Location"]) == (303, "/login?next=" + path.replace("/", "%2F"))


def test_an_offer_that_is_not_there(admin: FlaskClient) -> None:
    for path in ("/offers/99", "/offers/99/history", "/offers/99999999999999999999"):
        assert admin.get(path).status_code == 404


# ---------- making


def test_a_new_offer_is_made_and_opened(admin: FlaskClient, database: Database) -> None:
    made = submit(admin, "/offers", {"name": "Toubkal", "description": "4TB", "list_sell": "9 500,50"})
    assert made.status_code == 303
    page = admin.get(made.headers["Location"])
    assert "Toubkal" in page.text
    assert "No components yet." in page.text
    offer = offer_of(database, int(re.findall(r"/offers/(\d+)", made.headers["Location"])[0]))
    assert (offer.name, offer.description, str(offer.list_sell)) == ("Toubkal", "4TB", "9500.50")


def test_a_refused_offer_comes_back_as_it_was_typed(admin: FlaskClient, database: Database) -> None:
    atlas_plus(database)
    nameless = submit(admin, "/offers", {"name": " ", "list_sell": "much"})
    assert nameless.status_code == 422
    assert "Give it a name." in nameless.text
    assert "Enter a number of 0 or more" in nameless.text
    assert 'value="much"' in nameless.text
    taken = submit(admin, "/offers", {"name": "RIF", "description": "again"})
    assert taken.status_code == 409
    assert "RIF is taken. Pick another name." in taken.text
    assert 'value="again"' in taken.text


def test_a_viewer_makes_no_offer(viewer: FlaskClient) -> None:
    assert submit(viewer, "/offers", {"name": "Toubkal"}).status_code == 403


# ---------- changing the offer itself


def test_one_field_is_changed_and_everything_follows(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    source = f"input#offer-{offer_id}-list_sell"
    answer = partials(htmx(admin, "PATCH", f"/offers/{offer_id}", {"list_sell": "5 700"}, source=source))
    assert 'value="5,700"' in answer[f"offer-{offer_id}-list_sell-error"]
    assert "in line" in answer[f"offer-{offer_id}-gap"]
    assert answer[f"offer-{offer_id}-list"] == ""
    assert answer["looks"].count("2") >= 1
    assert "list price is now 5,700, was 5,000." in answer["toasts"]
    assert f"/offers/{offer_id}/revisions/2/undo" in answer["undos"]


def test_a_new_name_stands_everywhere(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    answer = partials(htmx(admin, "PATCH", f"/offers/{offer_id}", {"name": "Toubkal <1>"}, source="input#x-name"))
    for part in (f"offer-{offer_id}-crumb", f"offer-{offer_id}-heading"):
        assert answer[part] == "Toubkal &lt;1&gt;"
    assert answer["page-title"] == "Toubkal &lt;1&gt; · Vela"


def test_a_taken_name_is_refused_beside_the_field(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    source = f"input#offer-{offer_id}-name"
    response = htmx(admin, "PATCH", f"/offers/{offer_id}", {"name": "Rif"}, source=source)
    assert response.status_code == 409
    assert "Rif is taken." in partials(response)[f"offer-{offer_id}-name-error"]


def test_without_script_the_whole_head_is_a_form(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    sent = {"name": "Toubkal", "description": "", "list_sell": "", "list_cost": "2,900.5", "target_margin_pct": "45"}
    saved = submit(admin, f"/offers/{offer_id}", sent | {"version": "1"})
    assert (saved.status_code, saved.headers["Location"]) == (303, f"/offers/{offer_id}")
    offer = offer_of(database, offer_id)
    assert (offer.name, offer.list_sell, str(offer.list_cost)) == ("Toubkal", None, "2900.50")
    refused = submit(admin, f"/offers/{offer_id}", sent | {"target_margin_pct": "often", "version": "2"})
    assert refused.status_code == 422
    assert 'value="often"' in refused.text
    assert "Enter a number of 0 or more" in refused.text


def test_a_stale_name_is_not_overwritten(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    htmx(admin, "PATCH", f"/offers/{offer_id}", {"name": "Mine", "version": "1"})
    source = f"input#offer-{offer_id}-name"
    response = htmx(admin, "PATCH", f"/offers/{offer_id}", {"name": "Yours", "version": "1"}, source=source)
    assert response.status_code == 409
    slot = partials(response)[f"offer-{offer_id}-name-error"]
    assert "Salma changed this just now." in slot
    assert "Theirs Mine, yours Yours." in slot
    assert offer_of(database, offer_id).name == "Mine"


def test_the_list_price_follows_the_components(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    answer = partials(htmx(admin, "POST", f"/offers/{offer_id}/list-at-sum"))
    assert 'value="5,700"' in answer[f"offer-{offer_id}-list_sell-error"]
    assert offer_of(database, offer_id).list_gap == 0


def test_the_components_follow_the_list_price(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    plain = submit(admin, f"/offers/{offer_id}/discount")
    assert plain.status_code == 303
    offer = offer_of(database, offer_id)
    assert (offer.list_gap, offer.components[-1].name, offer.components[-1].kind) == (0, "Discount", "adjustment")
    assert offer.components[-1].unit_sell == -700


def test_archiving_and_back(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    answer = partials(htmx(admin, "POST", f"/offers/{offer_id}/archive"))
    assert "Archived" in answer[f"offer-{offer_id}-state"]
    assert "Activate" in answer[f"offer-{offer_id}-acts"]
    assert "data-undo" in answer["toasts"]
    assert "Atlas+" in admin.get("/offers?status=archived").text
    assert submit(admin, f"/offers/{offer_id}/activate").status_code == 303
    assert offer_of(database, offer_id).active


@pytest.mark.parametrize("act", ["", "/archive", "/activate", "/list-at-sum", "/discount", "/revisions/1/restore"])
def test_a_viewer_changes_nothing(viewer: FlaskClient, database: Database, act: str) -> None:
    offer_id = atlas_plus(database)
    assert submit(viewer, f"/offers/{offer_id}{act}", {"name": "Mine"}).status_code == 403
    assert htmx(viewer, "POST", f"/offers/{offer_id}{act}", {"name": "Mine"}).status_code == 403
    assert offer_of(database, offer_id).version == 1


# ---------- what if


def test_what_if_computes_and_saves_nothing(viewer: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    sent = {"cost_change": "10", "sell_change": "0", "only": "Storage"}
    answer = words(partials(htmx(viewer, "POST", f"/offers/{offer_id}/what-if", sent))["what-if-out"])
    assert "Cost 3,000 3,130 +130" in answer
    assert "Margin % 47.4% 45.1% −2.3 pt" in answer
    assert "To stay at 47.4%, sell at 5,947 (+247)" in answer
    assert offer_of(database, offer_id).version == 1


def test_what_if_without_script_shows_the_page_with_it(viewer: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    page = submit(viewer, f"/offers/{offer_id}/what-if", {"cost_change": "-30", "sell_change": "5"})
    assert page.status_code == 200
    assert "Cost 3,000 2,100 −900" in words(page.text)
    assert 'value="-30"' in page.text


def test_a_change_is_answered_with_what_was_supposed(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    supposed = {"Vela-Supposition": "only=&cost_change=10&sell_change=0"}
    changed = htmx(admin, "PATCH", f"/offers/{offer_id}", {"description": "New"}, headers=supposed)
    assert "Cost 3,000 3,300 +300" in words(partials(changed)["what-if-out"])
    nonsense = {"Vela-Supposition": "cost_change=lots"}
    changed = htmx(admin, "PATCH", f"/offers/{offer_id}", {"description": "Newer"}, headers=nonsense)
    assert "Cost 3,000 3,000 0" in words(partials(changed)["what-if-out"])


# ---------- history


def test_the_history_tells_every_change_and_goes_back(app: Flask, admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    htmx(admin, "PATCH", f"/offers/{offer_id}", {"name": "Toubkal"})
    htmx(admin, "PATCH", f"/offers/{offer_id}", {"list_sell": "5600"})
    page = words(admin.get(f"/offers/{offer_id}/history").text)
    assert "Toubkal list price , 5,000 to 5,600" in page
    assert "Toubkal name , Atlas+ to Toubkal" in page
    assert "Atlas+ made with 9 components" in page
    assert re.search(r"Revision 3, .*? Salma in the browser", page)
    back = submit(admin, f"/offers/{offer_id}/revisions/2/undo")
    assert (back.status_code, back.headers["Location"]) == (303, f"/offers/{offer_id}/history")
    offer = offer_of(database, offer_id)
    assert (offer.name, str(offer.list_sell)) == ("Atlas+", "5600.00")
    assert submit(admin, f"/offers/{offer_id}/revisions/1/restore").status_code == 303
    assert offer_of(database, offer_id).list_sell == 5000
    assert "(restore)" in admin.get(f"/offers/{offer_id}/history").text


def test_a_long_history_has_pages(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        offer_id = make.offer(session).id
    for number in range(52):
        htmx(admin, "PATCH", f"/offers/{offer_id}", {"description": f"Number {number}"})
    first = admin.get(f"/offers/{offer_id}/history").text
    assert first.count('id="revision-') == 50
    older = re.search(r'href="([^"]+before=\d+)"', first)
    assert older
    assert re.findall(r'id="revision-(\d+)"', admin.get(older[1]).text) == ["3", "2", "1"]


def test_undo_that_came_too_late_says_so(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    htmx(admin, "PATCH", f"/offers/{offer_id}", {"name": "One"})
    htmx(admin, "PATCH", f"/offers/{offer_id}", {"name": "Two"})
    response = htmx(admin, "POST", f"/offers/{offer_id}/revisions/2/undo", source="button#undo-2")
    assert response.status_code == 409
    assert "was changed again since" in partials(response)["notices"]
    plain = submit(admin, f"/offers/{offer_id}/revisions/2/undo")
    assert (plain.status_code, plain.headers["Location"]) == (303, f"/offers/{offer_id}/history")
    history = admin.get(plain.headers["Location"]).text
    assert "was changed again since" in history
    assert "v-msg bad" in history


def test_a_change_without_script_is_confirmed(admin: FlaskClient, database: Database) -> None:
    offer_id = atlas_plus(database)
    saved = submit(admin, f"/offers/{offer_id}", {"target_margin_pct": "55"})
    page = admin.get(saved.headers["Location"]).text
    assert re.search(r"target margin is now 55%, was (none|[\d.]+%)\.", page)
    assert "v-msg ok" in page


def test_names_never_become_markup(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "boss", role="admin", display_name="<b>Boss</b>")
        offer = make.offer(session, "<script>1</script>", ("<i>part</i>", 1, 2))
    client = sign_in(app, "boss")
    htmx(client, "PATCH", f"/offers/{offer.id}/components/{offer.components[0].id}", {"notes": '"><b>x</b>'})
    for path in ("/offers", f"/offers/{offer.id}", f"/offers/{offer.id}/history", f"/offers/{offer.id}/parts"):
        page = client.get(path).text
        assert "<script>1" not in page
        assert "<i>part" not in page
        assert "<b>x" not in page
        assert "<b>Boss" not in page
