"""Finding offers, components and sales by a few words, whatever their case and accents."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, lazyload

from vela.domain.catalog.models import Component, Service
from vela.domain.ledger.models import Transaction
from vela.folding import folded

MOST_NOTES = 10_000
Text = InstrumentedAttribute[str]


@dataclass(frozen=True, slots=True)
class FoundComponent:
    """A component, what its offer is called, and whether that offer is archived."""

    component: Component
    offer: str
    archived: bool


@dataclass(frozen=True, slots=True)
class FoundSale:
    """A sale, and what its offer is called."""

    sale: Transaction
    offer: str


@dataclass(frozen=True, slots=True)
class Found:
    """The best of what was found; `more` tells that there is more of some kind."""

    offers: Sequence[Service] = ()
    components: Sequence[FoundComponent] = ()
    sales: Sequence[FoundSale] = ()
    more: bool = False


def find(session: Session, text: str, *, most: int) -> Found:
    """At most `most` offers (by name or description), components (by name) and sales (by note) that hold every word.

    The name of its offer may be among the words for a component or a sale. What begins with `text` stands before what
    holds it elsewhere; among equals what is sold stands before what is archived or voided, and the latest sale first.
    Of the sales that have a note, the latest MOST_NOTES are looked through.
    """
    whole = " ".join(folded(text).split())
    if not whole:
        return Found()
    one_more = most + 1
    offers = session.scalars(_offers(whole).limit(one_more)).all()
    components = session.execute(_components(whole).limit(one_more)).all()
    sales = session.execute(_sales(whole).limit(one_more)).all()
    return Found(
        offers[:most],
        [FoundComponent(part, offer, not active) for part, offer, active in components[:most]],
        [FoundSale(sale, offer) for sale, offer in sales[:most]],
        more=max(len(offers), len(components), len(sales)) > most,
    )


def latest_offers(session: Session, *, most: int) -> Sequence[Service]:
    """The offers on sale that were changed last, latest first."""
    query = select(Service).where(Service.active).order_by(Service.updated_at.desc(), Service.id.desc())
    return session.scalars(query.limit(most)).all()


def _offers(whole: str) -> Select[Service]:
    name = Service.name_folded
    meant = and_(*(or_(_holds(name, word), _holds(Service.description_folded, word)) for word in whole.split()))
    return select(Service).where(meant).order_by(_place(whole, name), Service.active.desc(), Service.id)


def _components(whole: str) -> Select[Component, str, bool]:
    name = Component.name_folded
    live = select(Component, Service.name, Service.active).join(Component.service)
    found = live.where(Component.removed_at.is_(None), _meant(whole, name))
    return found.order_by(_place(whole, name), Service.active.desc(), Component.id)


def _sales(whole: str) -> Select[Transaction, str]:
    note = Transaction.notes_folded
    noted = select(Transaction.id).where(Transaction.notes != "").order_by(Transaction.id.desc()).limit(MOST_NOTES)
    oldest = select(func.min(noted.subquery().c.id)).scalar_subquery()
    late = select(Transaction, Service.name).join(Transaction.service).where(Transaction.id >= oldest)
    found = late.where(_meant(whole, note))
    voided = Transaction.voided_at.is_not(None)
    return found.order_by(_place(whole, note), voided, Transaction.id.desc()).options(lazyload(Transaction.service))


def _meant(whole: str, own: Text) -> ColumnElement[bool]:
    """One of the words is in a text of its own, and each of the others there or in the name of the offer."""
    words = whole.split()
    beside = (or_(_holds(own, word), _holds(Service.name_folded, word)) for word in words)
    return and_(or_(*(_holds(own, word) for word in words)), *beside)


def _place(whole: str, own: Text) -> ColumnElement[int]:
    """How well a text fits: as it is, at its beginning, at the beginning of one of its words, inside, or scattered."""
    return case(
        (own == whole, 0),
        (own.startswith(whole, autoescape=True), 1),
        (or_(_holds(own, f" {whole}"), _holds(own, f"({whole}")), 2),
        (_holds(own, whole), 3),
        else_=4,
    )


def _holds(own: Text, words: str) -> ColumnElement[bool]:
    return own.contains(words, autoescape=True)
