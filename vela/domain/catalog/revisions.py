"""Revisions: writing down an offer as it stands, and comparing two of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import MOST_ID
from vela.domain.audit import trail
from vela.domain.catalog.models import Component, Revision, RevisionLine, Service
from vela.domain.catalog.telling import tell_of_price
from vela.domain.people.access import Actor

SERVICE_FIELDS = (
    "name",
    "description",
    "list_cost",
    "list_sell",
    "target_margin_pct",
    "active",
)
LINE_FIELDS = (
    "position",
    "name",
    "group",
    "kind",
    "quantity",
    "unit_cost",
    "unit_sell",
    "notes",
)


def latest(session: Session, service_id: int) -> Revision | None:
    """The revision an offer stands at now."""
    newest = select(Revision).where(Revision.service_id == service_id).order_by(Revision.number.desc()).limit(1)
    return session.scalar(newest)


def numbered(session: Session, service_id: int, number: int) -> Revision | None:
    """The revision of an offer with this number, if there is one."""
    if not (0 < service_id <= MOST_ID and 0 < number <= MOST_ID):
        return None
    return session.scalar(select(Revision).where(Revision.service_id == service_id, Revision.number == number))


def write_down(
    session: Session,
    actor: Actor,
    service: Service,
    action: str,
    *,
    reason: str = "",
    undoes: Revision | None = None,
) -> Revision:
    """Make the next revision of `service` from what it and its components hold now, with an entry in the trail."""
    before = latest(session, service.id)
    service.version += 1
    service.updated_at = now()
    revision = Revision(
        service_id=service.id,
        number=before.number + 1 if before else 1,
        at=service.updated_at,
        user_id=actor.user_id,
        author=actor.display_name,
        face=actor.face,
        action=action,
        reason=reason,
        undoes_id=undoes.id if undoes else None,
        cost=service.totals.cost,
        sell=service.totals.sell,
        lines=[_line(component) for component in service.components],
        **{field: getattr(service, field) for field in SERVICE_FIELDS},
    )
    session.add(revision)
    session.flush()
    was, became = told(before, revision)
    trail.record(session, actor, action, "service", service.id, before=was, after=became)
    tell_of_price(session, before, revision)
    return revision


def told(older: Revision | None, newer: Revision) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the trail says of the step from `older` to `newer`: what was, and what became of it.

    Of a component that was added it says everything, so that a later change of it can be followed from the start.
    """
    changes = differences(older, newer)
    there = {line.component_id for line in older.lines} if older else set[int]()
    added = [
        Change(line.component_id, line.name, field, None, getattr(line, field))
        for line in newer.lines
        if line.component_id not in there
        for field in LINE_FIELDS
    ]
    was = {change.key: change.before for change in changes}
    return was, {"revision": newer.number} | {change.key: change.after for change in [*changes, *added]}


def _line(component: Component) -> RevisionLine:
    fields = {field: getattr(component, field) for field in LINE_FIELDS}
    priced = component.totals
    return RevisionLine(
        component_id=component.id,
        version=component.version,
        cost=priced.cost,
        sell=priced.sell,
        **fields,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs between two revisions. `component_id` is None for a field of the offer itself.

    `field` is "added" or "removed" when the whole component came or went; then the other side is None.
    """

    component_id: int | None
    subject: str
    field: str
    before: Any
    after: Any

    @property
    def key(self) -> str:
        """What the trail calls it; two components of an offer may have the same name."""
        return f"{self.subject} #{self.component_id}.{self.field}" if self.component_id else self.field


def differences(older: Revision | None, newer: Revision) -> list[Change]:
    """What changed from `older` (None: nothing yet) to `newer`, offer first, then components in order."""
    changes = [
        Change(None, newer.name, field, getattr(older, field, None), getattr(newer, field))
        for field in SERVICE_FIELDS
        if older is None or getattr(older, field) != getattr(newer, field)
    ]
    olds = {line.component_id: line for line in older.lines} if older else {}
    news = {line.component_id: line for line in newer.lines}
    for identity, line in news.items():
        changes += _line_changes(olds.get(identity), line)
    changes += [
        Change(line.component_id, line.name, "removed", line.name, None)
        for identity, line in olds.items()
        if identity not in news
    ]
    return changes


def _line_changes(old: RevisionLine | None, new: RevisionLine) -> Iterable[Change]:
    if old is None:
        return [Change(new.component_id, new.name, "added", None, new.name)]
    return [
        Change(new.component_id, new.name, field, getattr(old, field), getattr(new, field))
        for field in LINE_FIELDS
        if getattr(old, field) != getattr(new, field)
    ]


def line_at(session: Session, component_id: int, version: int) -> RevisionLine | None:
    """How a component stood at one of its versions."""
    if not 0 < version <= MOST_ID:
        return None
    mine = select(RevisionLine).where(RevisionLine.component_id == component_id, RevisionLine.version == version)
    return session.scalar(mine.order_by(RevisionLine.revision_id).limit(1))


def who_made(session: Session, component_id: int, version: int) -> Revision | None:
    """The revision in which a component first stood at `version`."""
    return session.scalar(
        select(Revision)
        .join(RevisionLine, RevisionLine.revision_id == Revision.id)
        .where(RevisionLine.component_id == component_id, RevisionLine.version >= version)
        .order_by(Revision.id)
        .limit(1)
    )


def who_changed(session: Session, component_id: int, field: str) -> Revision | None:
    """The latest revision in which `field` of a component was given the value it has."""
    column = getattr(RevisionLine, field)
    stood = select(RevisionLine.revision_id, column).where(RevisionLine.component_id == component_id)
    return _latest_change(session, stood.order_by(RevisionLine.revision_id.desc()))


def who_changed_service(session: Session, service_id: int, field: str) -> Revision | None:
    """The latest revision in which `field` of an offer was given the value it has."""
    stood = select(Revision.id, getattr(Revision, field)).where(Revision.service_id == service_id)
    return _latest_change(session, stood.order_by(Revision.id.desc()))


def _latest_change(session: Session, newest_first: Select[int, Any]) -> Revision | None:
    """The oldest revision of the unbroken run that holds the newest value."""
    run: list[tuple[int, Any]] = []
    for revision_id, value in session.execute(newest_first).all():
        if run and run[0][1] != value:
            break
        run.append((revision_id, value))
    return session.get(Revision, run[-1][0]) if run else None
