"""Proving that revisions are what offers are: each adds up, each follows the one before, the last is the offer."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vela import money
from vela.domain.audit import trail
from vela.domain.catalog import pricing, revisions
from vela.domain.catalog.models import Component, Revision, RevisionLine, Service

BATCH = 500
FIGURES = ("quantity", "unit_cost", "unit_sell", "list_cost", "list_sell", "target_margin_pct")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an offer's history: `kind` is sum, line, told, number or present; `revision` counts from 1.

    `mark` is another when what was found is another.
    """

    kind: str
    service_id: int
    revision: int
    mark: str


def flaws(session: Session) -> Iterator[Flaw]:
    """Everything that is wrong with the revisions of all offers; nothing when their history can be trusted."""
    yield from _wrong_history(session)
    yield from _wrong_numbers(session)
    yield from _wrong_present(session)


def _wrong_history(session: Session) -> Iterator[Flaw]:
    """Each revision by itself, and held against what the trail says changed from the one before."""
    said = {(each.subject_id, each.after.get("revision")): each for each in trail.told(session, "service")}
    every = select(Revision).order_by(Revision.service_id, Revision.number).execution_options(yield_per=BATCH)
    before: Revision | None = None
    with session.scalars(every) as revisions_of_all:
        for revision in revisions_of_all:
            yield from _wrong_in(revision)
            if before is not None and before.service_id != revision.service_id:
                before = None
            if _untold(said.get((revision.service_id, revision.number)), before, revision):
                yield _flaw("told", revision)
            session.expunge(revision)
            before = revision


def _untold(said: trail.Told | None, before: Revision | None, revision: Revision) -> bool:
    """Whether the trail is silent about this step, or says anything else of it."""
    was, became = map(trail.plain, revisions.told(before, revision))
    needed = {change.key for change in revisions.differences(before, revision)}
    if said is None or not needed <= said.after.keys():
        return True
    return not (
        _exact(said.before).items() <= _exact(was).items() and _exact(said.after).items() <= _exact(became).items()
    )


def _exact(said: Mapping[str, Any]) -> dict[str, Any]:
    """Figures as decimals, for 600 and 600.00000 are the same."""
    return {
        key: Decimal(value) if key.endswith(FIGURES) and value is not None else value for key, value in said.items()
    }


def _wrong_in(revision: Revision) -> Iterator[Flaw]:
    if any(pricing.line_totals(_priced(line)) != line.totals for line in revision.lines):
        yield _flaw("line", revision)
    added = (
        money.total(line.cost for line in revision.lines),
        money.total(line.sell for line in revision.lines),
    )
    if added != (revision.cost, revision.sell):
        yield _flaw("sum", revision)


def _flaw(kind: str, revision: Revision) -> Flaw:
    return Flaw(kind, revision.service_id, revision.number, _mark(revision, revision.lines))


def _mark(head: Revision | Service, lines: Sequence[RevisionLine | Component]) -> str:
    stands = [_values(head, revisions.SERVICE_FIELDS), *(_values(each, revisions.LINE_FIELDS) for each in lines)]
    totals = [head.totals, *(each.totals for each in lines)]
    return hashlib.sha256(repr((stands, totals)).encode()).hexdigest()[:16]


def _values(thing: object, fields: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(thing, field) for field in fields)


def _priced(line: RevisionLine) -> pricing.Line:
    return pricing.Line(line.name, line.group, line.quantity, line.unit_cost, line.unit_sell)


def _wrong_numbers(session: Session) -> Iterator[Flaw]:
    counted = (
        select(Revision.service_id, func.count(), func.min(Revision.number), func.max(Revision.number))
        .group_by(Revision.service_id)
        .order_by(Revision.service_id)
    )
    for service_id, count, first, last in session.execute(counted):
        if (first, last) != (1, count):
            yield Flaw("number", service_id, last, f"{first}-{last}/{count}")


def _wrong_present(session: Session) -> Iterator[Flaw]:
    for service in session.scalars(select(Service).order_by(Service.id)).all():
        last = revisions.latest(session, service.id)
        if last is None or not _is_present(service, last):
            mark = _mark(service, service.components)
            yield Flaw("present", service.id, last.number if last else 0, mark)


def _is_present(service: Service, last: Revision) -> bool:
    stand = {part.id: _values(part, revisions.LINE_FIELDS) for part in service.components}
    noted = {line.component_id: _values(line, revisions.LINE_FIELDS) for line in last.lines}
    fields = revisions.SERVICE_FIELDS
    return (_values(service, fields), stand) == (_values(last, fields), noted)
