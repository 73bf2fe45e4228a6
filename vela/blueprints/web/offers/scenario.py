"""An offer at supposed prices, and what the sliders of its page stand at."""

from typing import Any
from urllib.parse import parse_qsl

from flask import request

from vela.domain.catalog import pricing
from vela.domain.catalog.intake import Supposition
from vela.domain.catalog.models import Service
from vela.domain.catalog.pricing import Line
from vela.errors import Invalid
from vela.intake import read

FIELDS = ("cost_change", "sell_change", "only")
HEADER = "Vela-Supposition"


def scenario_of(shown: Service, supposition: Supposition) -> dict[str, Any]:
    """An offer now and as supposed; costs move in the components of the chosen group, or of all."""
    return {
        "supposition": supposition,
        "scenario": pricing.what_if(
            [component.line for component in shown.components],
            cost_change=supposition.cost_change,
            sell_change=supposition.sell_change,
            applies=lambda line: not supposition.only or supposition.only in _names(line),
        ),
        "choices": list(dict.fromkeys(component.group or component.name for component in shown.components)),
    }


def _names(line: Line) -> tuple[str, str]:
    return line.group, line.name


def supposed_by_header() -> Supposition:
    """What the sliders of the page stand at while something else is saved, so that one answer refreshes them too."""
    said = dict(parse_qsl(request.headers.get(HEADER, "")))
    try:
        return read(Supposition, {name: said[name] for name in FIELDS if name in said})
    except Invalid:
        return Supposition()
