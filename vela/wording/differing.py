"""Changes of an offer in words: what, from what, to what, who and through which door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from vela import figures, money
from vela.domain.catalog.models import ADJUSTMENT, PART, Revision
from vela.domain.catalog.revisions import Change, differences
from vela.domain.people.access import Face
from vela.language import gettext as _
from vela.language import ngettext


@dataclass(frozen=True, slots=True)
class Told:
    """One change for people; without `before` and `after` the label says all of it."""

    subject: str
    label: str
    before: str = ""
    after: str = ""

    @property
    def sentence(self) -> str:
        """Such as: RAM (32GB) unit cost is now 600, was 620."""
        if not self.after:
            return _("%(subject)s %(label)s.", subject=self.subject, label=self.label)
        if self.after == figures.NOTHING:
            return _("%(subject)s %(label)s is removed.", subject=self.subject, label=self.label)
        if self.before == figures.NOTHING:
            return _("%(subject)s %(label)s is now %(after)s, was none.", **_parts(self))
        return _(
            "%(subject)s %(label)s is now %(after)s, was %(before)s.",
            subject=self.subject,
            label=self.label,
            after=self.after,
            before=self.before,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A revision with its changes told."""

    revision: Revision
    told: list[Told]

    @property
    def at(self) -> datetime:
        return self.revision.at

    @property
    def door(self) -> str:
        return door(self.revision.face)


def entries(newest_first: Sequence[Revision]) -> list[Entry]:
    """Each revision told against the one before it; the last is taken for the first only when its number is 1."""
    befores = [*newest_first[1:], None]
    pairs = zip(newest_first, befores, strict=True)
    return [Entry(newer, tell(older, newer)) for newer, older in pairs if older or newer.number == 1]


def tell(older: Revision | None, newer: Revision) -> list[Told]:
    """What changed from `older` to `newer`, for people."""
    if older is None:
        lines = ngettext("made with %(count)d component", "made with %(count)d components", len(newer.lines))
        return [Told(newer.name, lines)]
    changes = differences(older, newer)
    told = [told_of(change) for change in changes if change.field != "position"]
    if told or not changes:
        return told
    return [Told(newer.name, _("has its components in another order"))]


def told_of(change: Change) -> Told:
    """One change of a field, or the coming or going of a component, for people."""
    match change.field:
        case "added":
            return Told(change.subject, _("added"))
        case "removed":
            return Told(change.subject, _("removed"))
        case "active":
            return Told(change.subject, _("active again") if change.after else _("archived"))
        case field:
            return Told(change.subject, label(field), shown(field, change.before), shown(field, change.after))


def _parts(told: Told) -> dict[str, str]:
    return {"subject": told.subject, "label": told.label, "after": told.after}


def shown(field: str, value: Any) -> str:
    """A value of a field as people read it; a dash for none."""
    if isinstance(value, Decimal):
        if field == "target_margin_pct":
            return figures.percent(value, money.places_of(value))
        return figures.quantity(value) if field == "quantity" else figures.price(value)
    return {PART: _("part"), ADJUSTMENT: _("adjustment")}.get(value, value) or figures.NOTHING


def label(field: str) -> str:
    """What people call a field."""
    return labels()[field]


def labels() -> dict[str, str]:
    """What people call the fields of an offer and of its components."""
    return {
        "name": _("name"),
        "description": _("description"),
        "list_cost": _("list cost"),
        "list_sell": _("list price"),
        "target_margin_pct": _("target margin"),
        "group": _("group"),
        "kind": _("kind"),
        "quantity": _("quantity"),
        "unit_cost": _("unit cost"),
        "unit_sell": _("unit sell"),
        "notes": _("notes"),
    }


def door(face: str) -> str:
    """Through which face a change came."""
    doors = {
        Face.BROWSER: _("in the browser"),
        Face.API: _("over the API"),
        Face.AGENT: _("by an agent"),
        Face.COMMAND: _("at the command line"),
        Face.PROPOSAL: _("as an agent proposed"),
    }
    return doors.get(Face(face), face)
