"""Finding offers, components and sales by a few words, whatever their case and accents."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session, lazyload
from sqlalchemy.sql.base import ExecutableOption

from vela.domain.catalog.models import Component, Service
from vela.domain.ledger.models import Transaction

MOST_NOTES = 10_000
_BETWEEN = "\0"  # which no text of the books holds
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe20-\ufe2f]"
)

Thing = TypeVar("Thing", Service, Component, Transaction)


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


class _Offer(NamedTuple):
    name: str
    folded: str
    archived: bool


class _Row(NamedTuple):
    """Something that is meant: its own words, folded, and whether it is archived or voided."""

    id: int
    words: str
    old: bool


def folded(text: str) -> str:
    """`text` without case and accents, in any script: Été is ete, Ёлка is елка."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()


def find(session: Session, text: str, *, most: int) -> Found:
    """At most `most` offers (by name or description), components (by name) and sales (by note) that hold every word.

    The name of its offer may be among the words for a component or a sale. What begins with `text` stands before what
    holds it elsewhere; among equals what is sold stands before what is archived or voided, and the latest sale first.
    Of the sales that have a note, the latest MOST_NOTES are looked through.
    """
    whole = " ".join(folded(text).split())
    if not whole:
        return Found()
    known, words = _known_offers(session), whole.split()
    offers = _best(whole, _offers(session, words, known), most + 1)
    components = _best(whole, _components(session, words, known), most + 1)
    sales = _best(whole, _sales(session, words, known), most + 1)
    return Found(
        _loaded(session, Service, offers[:most]),
        [
            FoundComponent(each, known[each.service_id].name, known[each.service_id].archived)
            for each in _loaded(session, Component, components[:most])
        ],
        [
            FoundSale(each, known[each.service_id].name)
            for each in _loaded(session, Transaction, sales[:most], lazyload(Transaction.service))
        ],
        more=max(len(offers), len(components), len(sales)) > most,
    )


def latest_offers(session: Session, *, most: int) -> Sequence[Service]:
    """The offers on sale that were changed last, latest first."""
    query = select(Service).where(Service.active).order_by(Service.updated_at.desc(), Service.id.desc())
    return session.scalars(query.limit(most)).all()


# ---------- what is looked through: lean rows, folded all at once


def _known_offers(session: Session) -> dict[int, _Offer]:
    rows = _rows(session, select(Service.id, Service.name, Service.active))
    names = _folded_column(rows, 1).split(_BETWEEN)
    return {row[0]: _Offer(row[1], name, not row[2]) for row, name in zip(rows, names, strict=False)}


def _offers(session: Session, words: list[str], known: dict[int, _Offer]) -> Iterator[_Row]:
    rows = _rows(session, select(Service.id, Service.description).order_by(Service.id))
    for (identity, _), about in zip(rows, _folded_column(rows, 1).split(_BETWEEN), strict=False):
        offer = known[identity]
        if all(word in offer.folded or word in about for word in words):
            yield _Row(identity, offer.folded, offer.archived)


def _components(session: Session, words: list[str], known: dict[int, _Offer]) -> Iterator[_Row]:
    live = select(Component.id, Component.service_id, Component.name).where(Component.removed_at.is_(None))
    for (identity, service_id, _), name in _holding(words, _rows(session, live.order_by(Component.id)), 2):
        offer = known[service_id]
        if all(word in name or word in offer.folded for word in words):
            yield _Row(identity, name, offer.archived)


def _sales(session: Session, words: list[str], known: dict[int, _Offer]) -> Iterator[_Row]:
    query = select(Transaction.id, Transaction.service_id, Transaction.voided_at.is_not(None), Transaction.notes)
    noted = query.where(Transaction.notes != "").order_by(Transaction.id.desc()).limit(MOST_NOTES)
    for (identity, service_id, voided, _), note in _holding(words, _rows(session, noted), 3):
        if all(word in note or word in known[service_id].folded for word in words):
            yield _Row(identity, note, bool(voided))


def _rows(session: Session, query: Executable) -> Sequence[Any]:
    """Rows as the driver gives them: of ten thousand, what the mapper adds would be most of the time."""
    return session.connection().execute(query).all()


def _folded_column(rows: Sequence[Any], column: int) -> str:
    """A column of texts folded as one text, which takes a fraction of the time."""
    return folded(_BETWEEN.join([row[column] for row in rows]))


def _holding(words: list[str], rows: Sequence[Any], column: int) -> Iterable[tuple[Any, str]]:
    """The rows that hold one of the words at least in their own text, with that text folded."""
    together = _folded_column(rows, column)
    there = [word for word in words if word in together]
    if not there:
        return []
    each = zip(rows, together.split(_BETWEEN), strict=True)
    if len(there) == 1:
        only = there[0]
        return [(row, text) for row, text in each if only in text]
    return [(row, text) for row, text in each if any(word in text for word in there)]


# ---------- which of it is meant, best first


def _best(whole: str, rows: Iterable[_Row], most: int) -> list[int]:
    ranked = ((_place(whole, row.words), row.old, at, row.id) for at, row in enumerate(rows))
    return [identity for *_, identity in nsmallest(most, ranked)]


def _place(whole: str, words: str) -> int:
    """How well `words` fit: as they are, at their beginning, at the beginning of one of them, inside, or scattered."""
    if words.startswith(whole):
        return 0 if words == whole else 1
    if whole not in words:
        return 4
    return 2 if f" {whole}" in words or f"({whole}" in words else 3


def _loaded(session: Session, table: type[Thing], ids: list[int], *options: ExecutableOption) -> list[Thing]:
    """Things by their ids, in that order."""
    found = {each.id: each for each in session.scalars(select(table).where(table.id.in_(ids)).options(*options))}
    return [found[identity] for identity in ids]
