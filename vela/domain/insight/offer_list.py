"""Offers as a list: narrowed by words, with what was sold this month, ordered by a column."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vela.domain.catalog import queries
from vela.domain.catalog.models import Service
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger.queries import offer_months
from vela.domain.workspace.settings import current_month

COLUMNS = ("name", "cost", "sell", "margin", "margin_pct", "sold")


@dataclass(frozen=True, slots=True)
class OffersWanted:
    """Which offers: with `words` in their name or description, those on sale or the archived ones; by which of COLUMNS
    they are ordered."""

    words: str = ""
    archived: bool = False
    column: str = "name"
    falling: bool = False

    @property
    def said(self) -> dict[str, str]:
        """How an address says it, where that is not what a bare one does."""
        order = ("-" if self.falling else "") + self.column
        said = {
            "q": self.words,
            "status": "archived" if self.archived else "",
            "sort": order if order != "name" else "",
        }
        return {name: value for name, value in said.items() if value}

    def means(self, offer: Service) -> bool:
        """Whether it is one of the offers that are wanted."""
        words = self.words.casefold()
        named = words in offer.name.casefold() or words in offer.description.casefold()
        return named and offer.active != self.archived


@dataclass(frozen=True, slots=True)
class Listed:
    """An offer of the list, and how many units of it were sold this month."""

    offer: Service
    totals: Totals
    sold: int

    def sort_key(self, column: str) -> tuple[Decimal, str]:
        """Where it stands when the list is sorted by `column`; names decide among equals."""
        name = self.offer.name.casefold()
        if column == "name":
            return Decimal(0), name
        value = self.sold if column == "sold" else getattr(self.totals, column)
        return Decimal("-Infinity") if value is None else Decimal(value), name


def offers_wanted(session: Session, wanted: OffersWanted, every: Sequence[Service] | None = None) -> list[Listed]:
    """The wanted offers in their order; `every` is all offers, where the caller has them already."""
    known = queries.services(session, include_inactive=True) if every is None else every
    sold = {each.service_id: each.quantity for each in offer_months(session, [current_month(session)])}
    found = [Listed(offer, offer.totals, sold.get(offer.id, 0)) for offer in known if wanted.means(offer)]
    return sorted(found, key=lambda each: each.sort_key(wanted.column), reverse=wanted.falling)
