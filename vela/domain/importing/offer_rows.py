"""The rows of a file put together by offer, and what they say in the words that the catalogue takes."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vela.domain.catalog.models import Component, Service
from vela.domain.importing.fates import Complaint
from vela.errors import Issue
from vela.language import gettext as _
from vela.sheets.reading import Line, Table

OFFER_FIELDS = ("description", "active", "list_cost", "list_sell", "target_margin_pct")
COMPONENT_FIELDS = ("component", "group", "kind", "quantity", "unit_cost", "unit_sell", "notes")
# What an empty cell leaves as it is; of the others it says that there is nothing.
_KEPT_WHEN_EMPTY = {"active", "kind", "quantity", "unit_cost", "unit_sell"}
_PATH = re.compile(r"(?:rows\[(\d+)\]|components\.(\d+))\.?(.*)")


@dataclass(slots=True)
class OfferLines:
    """The rows of one offer: all of them, and those that say a component."""

    name: str
    lines: list[Line] = field(default_factory=list[Line])
    parts: list[Line] = field(default_factory=list[Line])

    @property
    def key(self) -> str:
        return self.name.casefold()


def by_offer(table: Table) -> list[OfferLines]:
    """The offers of a file in the order of their first rows; a row without a name goes on with the offer above it."""
    offers: dict[str, OfferLines] = {}
    name = ""
    for line in table.lines:
        name = _text(line, "offer") or name
        offer = offers.setdefault(name.casefold(), OfferLines(name))
        offer.lines.append(line)
        if any(_text(line, key) for key in COMPONENT_FIELDS):
            offer.parts.append(line)
    return list(offers.values())


def said_of_offer(offer: OfferLines) -> dict[str, str]:
    """What the rows say of the offer itself, by the catalogue's names."""
    said: dict[str, str] = {}
    for key in OFFER_FIELDS:
        if key in offer.lines[0].cells:
            value = next((line.cells[key] for line in offer.lines if _text(line, key)), "")
            if value or key not in _KEPT_WHEN_EMPTY:
                said[key] = value
    return said


def contradictions(offer: OfferLines) -> Iterator[tuple[Line, Complaint]]:
    """The rows that say something of the offer which an earlier row says otherwise."""
    for key in OFFER_FIELDS:
        first = next((line for line in offer.lines if _text(line, key)), None)
        for line in offer.lines:
            if first is not None and _text(line, key) not in ("", _text(first, key)):
                words = _("Row %(number)d says otherwise of this offer.", number=first.number)
                yield line, Complaint(key, words)


def rows_of(offer: OfferLines, service: Service | None) -> list[dict[str, Any]]:
    """What the rows say of the components, as `several.read_rows` takes it: with an `id` for each that there is.

    Components are found by name and group, the first of equal ones by the first row, then by the name alone where a
    row says no group; those in no row are left alone.
    """
    left = list(service.components) if service else []
    rows = [_said_of_component(line) for line in offer.parts]
    found: dict[int, Component] = {}
    for by_name in (False, True):
        for place, said in enumerate(rows):
            wanted = _key(said.get("name", ""), said.get("group", ""))
            if place in found or (by_name and wanted[1]):
                continue
            same = (each for each in left if _key(each.name, "" if by_name else each.group) == wanted)
            component = next(same, None)
            if component is not None:
                found[place] = component
                left.remove(component)
    return [_with_id(said, found.get(place)) for place, said in enumerate(rows)]


def _with_id(said: dict[str, str], component: Component | None) -> dict[str, Any]:
    """What a row says of `component`, which it was found by; of a new one everything."""
    if component is None:
        return dict(said)
    return {"id": component.id} | {key: value for key, value in said.items() if key not in ("name", "group")}


def _said_of_component(line: Line) -> dict[str, str]:
    said = {key: line.cells[key] for key in COMPONENT_FIELDS if key in line.cells}
    named = {"name" if key == "component" else key: value for key, value in said.items()}
    return {key: value for key, value in named.items() if value.strip() or key not in _KEPT_WHEN_EMPTY}


def placed(offer: OfferLines, issues: Sequence[Issue]) -> Iterator[tuple[Line, Complaint]]:
    """Complaints about an offer or its components, each with the row it is about."""
    for issue in issues:
        found = _PATH.fullmatch(issue.field)
        if found:
            column = "component" if found[3] == "name" else found[3]
            yield offer.parts[int(found[1] or found[2])], Complaint(column, issue.message)
        else:
            column = "offer" if issue.field == "name" else issue.field
            yield offer.lines[0], Complaint(column, issue.message)


def _key(name: str, group: str) -> tuple[str, str]:
    return normal(name).casefold(), normal(group).casefold()


def _text(line: Line, key: str) -> str:
    return normal(line.cells.get(key, ""))


def normal(text: str) -> str:
    """A text as intake keeps it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def ids_of(rows: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """The component that each row changes; None where it adds one."""
    return [row.get("id") for row in rows]
