"""Offers from a file: what the verbs of the catalogue would do with each of them, and doing that."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.domain.catalog import revisions
from vela.domain.catalog.commands import create_service
from vela.domain.catalog.intake import NewService, ServiceChanges
from vela.domain.catalog.models import Service
from vela.domain.catalog.pricing import Totals
from vela.domain.catalog.revisions import Change, differences
from vela.domain.catalog.several import Step, apply_changes, read_rows
from vela.domain.importing.fates import Complaint, Fate, begin_storing, mark_of, refuse_unseen
from vela.domain.importing.offer_rows import (
    OfferLines,
    by_offer,
    contradictions,
    ids_of,
    placed,
    rows_of,
    said_of_offer,
)
from vela.domain.people.access import Act, Actor, require
from vela.errors import Invalid, Issue, Refusal, Stale
from vela.intake import read
from vela.sheets.reading import Line, Table

KIND = "offers"
NEEDED = ("offer",)
MOST_ROWS = 2000  # each new offer takes milliseconds, of the preview too, in which nobody else can write


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A row and its fate, with what it changes; a bad one without complaints waits for another row of its offer."""

    line: Line
    fate: Fate
    changes: Sequence[Change] = ()
    complaints: Sequence[Complaint] = ()


@dataclass(frozen=True, slots=True)
class OfferFate:
    """What becomes of one offer: its rows, and what it costs and sells for before and afterwards, where it is known."""

    name: str
    fate: Fate
    rows: Sequence[OfferRow]
    before: Totals | None = None
    after: Totals | None = None
    service_id: int | None = None


@dataclass(frozen=True, slots=True)
class OffersChecked:
    """What would become of a file of offers."""

    offers: Sequence[OfferFate]

    @property
    def rows(self) -> list[OfferRow]:
        """Every row, in the order of the file."""
        return sorted((row for offer in self.offers for row in offer.rows), key=lambda row: row.line.number)

    def count(self, fate: Fate) -> int:
        """How many offers have this fate."""
        return sum(offer.fate == fate for offer in self.offers)

    @property
    def mark(self) -> str:
        """A text that another outcome does not have."""
        told = [
            (row.line.number, row.fate, [(each.field, each.before, each.after) for each in row.changes])
            for row in self.rows
        ]
        return mark_of([told, [(offer.before, offer.after) for offer in self.offers]])


def check_offers(session: Session, actor: Actor, table: Table) -> OffersChecked:
    """What would become of each offer if the file were stored now: it is done, and taken back. Raises Forbidden."""
    trying = session.begin_nested()  # nosemgrep: commit-outside-a-transaction a savepoint of the caller's transaction
    try:
        return _store(session, actor, table)
    finally:
        trying.rollback()  # nosemgrep: commit-outside-a-transaction the same


def store_offers(session: Session, actor: Actor, table: Table, *, seen: str, leave_out: bool = False) -> OffersChecked:
    """Make the offers of a file that are new and change those that differ, each as one revision.

    `seen` is the mark of what was looked at; `leave_out` stores the good offers even when others cannot be.
    Raises Forbidden; Stale when by now something else would become of the offers; Conflict when some cannot be used
    and are not to be left out, or when none is new or changed.
    """
    begin_storing(session)
    stored = _store(session, actor, table)
    new = stored.count(Fate.ADD) + stored.count(Fate.CHANGE)
    refuse_unseen(seen, stored.mark, bad=stored.count(Fate.BAD), new=new, leave_out=leave_out)
    return stored


def _store(session: Session, actor: Actor, table: Table) -> OffersChecked:
    require(actor, Act.CHANGE_OFFERS)
    found = {each.name_key: each.id for each in session.scalars(select(Service))}
    offers = by_offer(table)
    # Whoever holds several offers takes them in one order, so that two never wait for each other.
    order = sorted(offers, key=lambda offer: (found.get(offer.key, 0) == 0, found.get(offer.key, 0)))
    fates = {offer.key: _fate(session, actor, offer, found.get(offer.key)) for offer in order}
    return OffersChecked([fates[offer.key] for offer in offers])


def _fate(session: Session, actor: Actor, offer: OfferLines, service_id: int | None) -> OfferFate:
    """Store one offer, or find out why it cannot be; then nothing of it is stored."""
    wrong = list(contradictions(offer))
    storing = session.begin_nested()  # nosemgrep: commit-outside-a-transaction the same
    try:
        fate = _make(session, actor, offer) if service_id is None else _change(session, actor, offer, service_id)
    except Refusal as refusal:
        storing.rollback()  # nosemgrep: commit-outside-a-transaction the same
        return _bad(offer, [*wrong, *placed(offer, _issues(refusal))])
    if wrong:
        storing.rollback()  # nosemgrep: commit-outside-a-transaction the same
        return _bad(offer, wrong)
    storing.commit()  # nosemgrep: commit-outside-a-transaction the same
    return fate


def _issues(refusal: Refusal) -> Sequence[Issue]:
    if isinstance(refusal, Invalid):
        return refusal.issues
    field = "" if isinstance(refusal, Stale) else refusal.data.get("field") or ""
    return [Issue(field, refusal.code, refusal.message)]


def _bad(offer: OfferLines, wrong: Sequence[tuple[Line, Complaint]]) -> OfferFate:
    rows = [
        OfferRow(line, Fate.BAD, complaints=[complaint for at, complaint in wrong if at is line])
        for line in offer.lines
    ]
    return OfferFate(offer.name, Fate.BAD, rows)


def _make(session: Session, actor: Actor, offer: OfferLines) -> OfferFate:
    said = {"name": offer.name, **said_of_offer(offer), "components": rows_of(offer, None)}
    service = create_service(session, actor, read(NewService, said))
    rows = [OfferRow(line, Fate.ADD) for line in offer.lines]
    return OfferFate(offer.name, Fate.ADD, rows, after=service.totals, service_id=service.id)


def _change(session: Session, actor: Actor, offer: OfferLines, service_id: int) -> OfferFate:
    service = session.get_one(Service, service_id)
    said = rows_of(offer, service)
    steps, words = _understood(offer, said)
    before, priced = revisions.latest(session, service_id), service.totals
    apply_changes(session, actor, service_id, steps, words)
    after = revisions.latest(session, service_id)
    changes = differences(before, after) if after is not None and after is not before else []
    ids = dict(zip((line.number for line in offer.parts), ids_of(said), strict=True))
    rows = [_row(line, line is offer.lines[0], ids, changes) for line in offer.lines]
    fate = Fate.CHANGE if changes else Fate.SAME
    return OfferFate(service.name, fate, rows, priced, service.totals, service_id)


def _understood(offer: OfferLines, said: Sequence[dict[str, object]]) -> tuple[list[Step], ServiceChanges]:
    """Both parts of what the rows say, or Invalid with the complaints about both."""
    issues: list[Issue] = []
    steps, words = list[Step](), ServiceChanges()
    try:
        steps = read_rows(said)
    except Invalid as refusal:
        issues += refusal.issues
    try:
        words = read(ServiceChanges, said_of_offer(offer))
    except Invalid as refusal:
        issues += refusal.issues
    if issues:
        raise Invalid(*issues)
    return steps, words


def _row(line: Line, is_first: bool, ids: dict[int, int | None], changes: Sequence[Change]) -> OfferRow:
    """What a row did: its component is new, or changed, or the same; the first one also says what the offer did."""
    if line.number in ids and ids[line.number] is None:
        return OfferRow(line, Fate.ADD, [each for each in changes if is_first and each.component_id is None])
    component = ids.get(line.number)
    mine = [
        each
        for each in changes
        if (is_first and each.component_id is None) or (component is not None and each.component_id == component)
    ]
    return OfferRow(line, Fate.CHANGE if mine else Fate.SAME, mine)
