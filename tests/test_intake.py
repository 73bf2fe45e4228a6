"""What every face refuses or understands in the same way, whatever door the words came through."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from vela.domain.catalog.intake import NewComponent, NewService, ServiceChanges
from vela.errors import Invalid
from vela.intake import read
from vela.money import places_of

PART = {"name": "HDD", "unit_cost": 600, "unit_sell": 1000}


def refused_fields(words: dict[str, Any], **how: bool) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        read(NewService, words, **how)
    return [issue.field for issue in refusal.value.issues]


@pytest.mark.parametrize(
    "absurd",
    [
        Decimal("1E+9999999"),
        Decimal("1E-9999999"),
        Decimal("0.1234567"),
        Decimal("1.00000000000000000000000000000000000001"),
        Decimal("Infinity"),
        Decimal("NaN"),
        "1e3",
        "1_000",
        "٦٠٠",
        True,
        None,
        [],
        {},
        "",
    ],
    ids=repr,
)
def test_a_price_that_is_none_is_refused_under_its_field(absurd: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(NewComponent, PART | {"unit_cost": absurd})
    assert [issue.field for issue in refusal.value.issues] == ["unit_cost"]


@pytest.mark.parametrize("quantity", ["0.00001", "0", 0, Decimal("1E-9999999")], ids=repr)
def test_a_quantity_that_rounds_to_nothing_is_refused(quantity: object) -> None:
    with pytest.raises(Invalid):
        read(NewComponent, PART | {"quantity": quantity})


@pytest.mark.parametrize(
    ("text", "places"),
    [("1.50", 1), ("100", 0), ("1E+3", 0), ("0.00", 0), ("1." + "0" * 40 + "1", 41), ("1E-9999999", 9999999)],
)
def test_decimals_are_counted_however_many_digits_there_are(text: str, places: int) -> None:
    assert places_of(Decimal(text)) == places


def test_figures_we_gave_out_are_ignored_in_nested_lines_too() -> None:
    echoed = PART | {"id": 3, "service_id": 1, "cost": 600, "sell": 1000, "margin": 400, "margin_pct": 40, "version": 2}
    words = read(NewService, {"name": "Atlas", "cost_price": 600, "components": [echoed]})
    assert [line.name for line in words.components] == ["HDD"]


def test_unknown_fields_are_named_where_they_stand() -> None:
    assert refused_fields({"name": "Atlas", "components": [PART | {"unit_prize": 1}]}) == ["components.0.unit_prize"]


def test_a_form_may_leave_a_field_blank_and_tick_a_box() -> None:
    words = read(ServiceChanges, {"list_sell": " ", "active": "on"})
    assert words.list_sell is None
    assert words.active is True


@pytest.mark.parametrize("words", [{"list_sell": ""}, {"active": "on"}, {"active": "true"}, {"active": 1}], ids=repr)
def test_json_says_what_it_means(words: dict[str, Any]) -> None:
    assert refused_fields({"name": "Atlas"} | words, typed=True) == list(words)


@pytest.mark.parametrize("number", ["600", "0.3", "9999999999.99999", "-400", "0", "0.00001"])
def test_the_published_pattern_of_a_price_agrees_with_what_is_read(number: str) -> None:
    schema = json.loads(json.dumps(NewComponent.model_json_schema()))["properties"]["unit_cost"]
    pattern = next(kind["pattern"] for kind in schema["anyOf"] if kind["type"] == "string")
    assert re.search(pattern, number)
    read(NewComponent, PART | {"kind": "adjustment", "unit_cost": number})


@pytest.mark.parametrize("number", ["", "1e3", "10000000000", "0.123456", "--1", "1.", ".5", "1,5"])
def test_the_published_pattern_of_a_price_refuses_what_is_refused(number: str) -> None:
    schema = NewComponent.model_json_schema()["properties"]["unit_cost"]
    pattern = next(kind["pattern"] for kind in schema["anyOf"] if kind["type"] == "string")
    assert not re.search(pattern, number)
    with pytest.raises(Invalid):
        read(NewComponent, PART | {"unit_cost": number})
