"""Two people on one offer: an answer brings every line that the other changed, so that lines and totals agree."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import make
from tests.web.conftest import htmx, partials
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.catalog.commands import remove_component, revise_component
from vela.domain.catalog.intake import ComponentChanges
from vela.domain.people.access import Actor, Face, Role

OTHER = Actor(None, "omar", "Omar", Role.ADMIN, may_record_sales=True, face=Face.API)


class Offer:
    """An offer of two lines as a page sees it that was opened at its first version."""

    def __init__(self, client: FlaskClient, database: Database) -> None:
        self.client, self.database = client, database
        with database.transaction() as session:
            offer = make.offer(session, "Atlas", ("Casing", 200, 300), ("Support", 100, 500))
            self.id, self.ids = offer.id, [each.id for each in offer.components]

    def cell(self, at: int, field: str, value: str, seen: str = "1") -> dict[str, str]:
        return partials(self.asked(at, field, value, seen))

    def asked(self, at: int, field: str, value: str, seen: str = "1") -> TestResponse:
        path, source = f"/offers/{self.id}/components/{self.ids[at]}", f"input#component-{self.ids[at]}-{field}"
        said = {"Vela-Seen": seen}
        return htmx(self.client, "PATCH", path, {field: value}, source=source, headers=said)


@pytest.fixture
def offer(admin: FlaskClient, database: Database) -> Offer:
    return Offer(admin, database)


def test_an_edit_brings_what_somebody_else_changed(offer: Offer) -> None:
    with offer.database.transaction() as session:
        revise_component(session, OTHER, offer.ids[0], ComponentChanges.model_validate({"unit_cost": "250"}))
    response = offer.asked(1, "unit_cost", "110")
    answer = partials(response)
    casing = f"component-{offer.ids[0]}"
    assert 'value="250"' in answer[f"{casing}-unit_cost-error"]
    assert answer[f"{casing}-margin"] == "50"
    assert 'value="2"' in answer[f"{casing}-version"]
    assert f"{casing}-unit_sell-error" not in answer
    assert "Omar changed this offer too; all lines are fresh." in response.text
    assert "grid-rows" not in answer


def test_rows_that_came_or_went_come_whole(offer: Offer) -> None:
    with offer.database.transaction() as session:
        remove_component(session, OTHER, offer.ids[0])
    answer = offer.cell(1, "unit_cost", "110")
    assert "Casing" not in answer["grid-rows"]
    assert "Support" in answer["grid-rows"]


@pytest.mark.parametrize("seen", ["1", "", "x", "99"])
def test_without_news_nothing_else_is_sent(offer: Offer, seen: str) -> None:
    answer = offer.asked(1, "unit_cost", "110", seen).text
    assert "changed this offer" not in answer
    assert f"component-{offer.ids[0]}-unit_cost-error" not in answer


def test_undo_sends_only_what_differs(offer: Offer) -> None:
    offer.cell(1, "unit_cost", "110")
    answer = partials(htmx(offer.client, "POST", f"/offers/{offer.id}/revisions/2/undo", headers={"Vela-Seen": "2"}))
    assert {name for name in answer if name.endswith("-error")} == {f"component-{offer.ids[1]}-unit_cost-error"}
    assert "grid-rows" not in answer
    with offer.database.reading() as session:
        assert queries.component(session, offer.ids[1]).unit_cost == 100


def test_a_line_that_gives_money_away_has_no_percentage_and_is_red(offer: Offer) -> None:
    offer.cell(0, "kind", "adjustment", "")
    answer = offer.cell(0, "unit_sell", "-100", "")
    assert "is-neg" in answer[f"component-{offer.ids[0]}-margin"]
    assert answer[f"component-{offer.ids[0]}-margin_pct"] == "—"
