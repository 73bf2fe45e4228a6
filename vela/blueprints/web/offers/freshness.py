"""What changed on an offer since its page was last fresh, so that no line of it contradicts the totals above it."""

from dataclasses import dataclass
from typing import Any

from babel.lists import format_list
from flask import request
from sqlalchemy.orm import Session

from vela.blueprints.web.guards import actor
from vela.domain.catalog import queries
from vela.domain.catalog.models import Component, Revision, Service
from vela.domain.catalog.revisions import LINE_FIELDS, SERVICE_FIELDS
from vela.language import current_language
from vela.language import gettext as _

HEADER = "Vela-Seen"
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Since:
    """What differs from an earlier revision: fields of the offer, cells by component, or even which rows there are."""

    fields: list[str]
    lines: list[tuple[Component, list[str]]]
    whole: bool


def since(before: Revision, shown: Service) -> Since:
    """What differs between `before` and the offer as it is now."""
    olds = {line.component_id: line for line in before.lines}
    same_rows = [line.component_id for line in before.lines] == [each.id for each in shown.components]
    names = [name for name in LINE_FIELDS if name != "position"]
    lines = [
        (each, [name for name in names if getattr(each, name) != getattr(olds[each.id], name)])
        for each in shown.components
        if each.id in olds
    ]
    fields = [name for name in SERVICE_FIELDS if name != "active" and getattr(shown, name) != getattr(before, name)]
    return Since(fields, [(each, changed) for each, changed in lines if changed], not same_rows)


def missed(session: Session, shown: Service, *, made: bool) -> dict[str, Any]:
    """What a page has not seen that says which version it shows; `made` tells that the latest change is its own."""
    seen = _seen()
    count = shown.version - seen - made if seen else 0
    before = queries.revisions(session, shown.id, most=1, before=seen + 1) if count > 0 else []
    if not before:
        return {"since": None, "news": ""}
    others = queries.revisions(session, shown.id, most=count + made)[made:]
    return {"since": since(before[0], shown), "news": _told(others)}


def _seen() -> int:
    said = request.headers.get(HEADER, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS else 0


def _told(others: list[Revision]) -> str:
    names = dict.fromkeys(each.author for each in reversed(others) if each.user_id != actor().user_id)
    if not names:
        return _("This offer was changed elsewhere too; all lines are fresh.")
    who = format_list(list(names), locale=current_language())
    return _("%(who)s changed this offer too; all lines are fresh.", who=who)
