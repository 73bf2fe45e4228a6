"""Sales from a file: what would become of each row, by the rules of the till, and recording those that can be."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from vela import money
from vela.db import MOST_ID
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.pricing import Totals
from vela.domain.importing.fates import Complaint, Fate, begin_storing, complaints, mark_of, refuse_unseen
from vela.domain.importing.models import ImportedSale
from vela.domain.importing.offer_rows import normal
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.ledger.till import Till
from vela.domain.people.access import Actor
from vela.errors import Invalid, Refusal
from vela.intake import exact, read
from vela.language import gettext as _
from vela.periods import Month
from vela.sheets.reading import Line, Table

KIND = "sales"
NEEDED = ("month", "offer", "quantity")
NOTHING = Totals(Decimal(0), Decimal(0))
_COLUMNS = {"service_id": "offer"}
_SOME_OFFER = 1
_BATCH = 500
_MOST_NAME = 80
_WHAT_A_SALE_SAYS = ("service_id", "quantity", "month", "notes")


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A row and its fate. `worth` is what it adds, None unless it is added; `remark` is worth knowing, no complaint."""

    line: Line
    fate: Fate
    worth: Totals | None = None
    month: Month | None = None
    complaints: Sequence[Complaint] = ()
    remark: str = ""
    fingerprint: str = ""
    service_id: int | None = None


@dataclass(frozen=True, slots=True)
class SalesChecked:
    """What would become of a file of sales: every row, and what each month would gain."""

    rows: Sequence[SaleRow]

    def count(self, fate: Fate) -> int:
        return sum(row.fate == fate for row in self.rows)

    @property
    def mark(self) -> str:
        """A text that another outcome does not have."""
        worth = [row.worth and (row.service_id, row.worth.sell, row.worth.cost) for row in self.rows]
        return mark_of([(row.line.number, row.fate, each) for row, each in zip(self.rows, worth, strict=True)])

    @property
    def months(self) -> dict[Month, tuple[int, Totals]]:
        """How many sales each month gains, and what they sell for and cost, oldest first."""
        gained: dict[Month, tuple[int, Totals]] = {}
        for row in self.rows:
            if row.worth is not None and row.month is not None:
                count, before = gained.get(row.month, (0, NOTHING))
                gained[row.month] = (count + 1, Totals(before.cost + row.worth.cost, before.sell + row.worth.sell))
        return dict(sorted(gained.items()))

    @property
    def total(self) -> Totals:
        """What all months together would gain."""
        gained = [sums for _count, sums in self.months.values()]
        return Totals(money.total(each.cost for each in gained), money.total(each.sell for each in gained))

    @property
    def differing(self) -> int:
        """How many rows say another revenue or cost than they would be recorded with."""
        return sum(bool(row.remark) for row in self.rows if row.fate == Fate.ADD)


def check_sales(session: Session, actor: Actor, table: Table) -> SalesChecked:
    """What would become of each row if the file were recorded now; nothing is stored. Raises Forbidden."""
    return SalesChecked(_Checking(session, actor, table).rows())


def record_sales(
    session: Session, actor: Actor, table: Table, *, seen: str, leave_out: bool = False
) -> list[Transaction]:
    """Record the rows of a file that are new, each with its own entry in the trail.

    `seen` is the mark of what was looked at; `leave_out` records the good rows even when others cannot be.
    Raises Forbidden; Stale when by now something else would become of the rows; Conflict when some are bad and not to
    be left out, when none is new, or a month would grow too large.
    """
    begin_storing(session)
    checking = _Checking(session, actor, table)
    checked = SalesChecked(checking.rows())
    new, bad = checked.count(Fate.ADD), checked.count(Fate.BAD)
    refuse_unseen(seen, checked.mark, bad=bad, new=new, leave_out=leave_out)
    sales = checking.till.write_down()
    prints = [row.fingerprint for row in checked.rows if row.fate == Fate.ADD]
    rows = [{"fingerprint": each, "transaction_id": sale.id} for each, sale in zip(prints, sales, strict=True)]
    session.execute(insert(ImportedSale), rows)
    return sales


@dataclass(frozen=True, slots=True)
class _Read:
    """A row as intake understood it, or what it complains about."""

    line: Line
    words: NewTransaction | None
    complaints: Sequence[Complaint]
    fingerprint: str = ""


class _Checking:
    """The rows of a file against the books as they stand; `till` holds the sales that they would become."""

    def __init__(self, session: Session, actor: Actor, table: Table) -> None:
        self.till = Till(session, actor)
        self._session = session
        self._offers = {offer.name_key: offer for offer in catalog.services(session, include_inactive=True)}
        self._table = table

    def rows(self) -> list[SaleRow]:
        every = list(self._read_all())
        stored = set(_in_batches(self._session, ImportedSale.fingerprint, [each.fingerprint for each in every]))
        ours = self._sales_named()
        return [self._row(each, stored, ours) for each in every]

    def _read_all(self) -> Iterator[_Read]:
        met: Counter[tuple[object, ...]] = Counter()
        for line in self._table.lines:
            words, found = self._understood(line)
            if words is None:
                yield _Read(line, None, found)
                continue
            said = (str(words.month), words.service_id, words.quantity, words.notes)
            yield _Read(line, words, (), _fingerprint(*said, met[said]))
            met[said] += 1

    def _understood(self, line: Line) -> tuple[NewTransaction | None, list[Complaint]]:
        name = normal(line.cells["offer"])
        offer = self._offers.get(name.casefold())
        said = {key: line.cells[key] for key in ("month", "quantity", "notes") if key in line.cells}
        found = [] if offer else [Complaint("offer", _no_such_offer(name))]
        try:
            words = read(NewTransaction, {"service_id": offer.id if offer else _SOME_OFFER, **said})
        except Invalid as refusal:
            return None, [*found, *complaints(refusal, _COLUMNS)]
        return (None if found else words), found

    def _row(self, each: _Read, stored: set[str], ours: Mapping[int, Transaction]) -> SaleRow:
        line, words = each.line, each.words
        if line.cells.get("voided_by", "").strip() or line.cells.get("voided_at", "").strip():
            return SaleRow(line, Fate.SAME, remark=_("Voided, so it is left out."))
        if words is None:
            return SaleRow(line, Fate.BAD, complaints=each.complaints)
        if each.fingerprint in stored or _is_same(ours.get(_number(line)), words):
            return SaleRow(line, Fate.SAME, month=words.month, remark=_("Recorded already."))
        try:
            sale = self.till.ring_up(words)
        except Refusal as refusal:
            return SaleRow(line, Fate.BAD, month=words.month, complaints=complaints(refusal, _COLUMNS))
        remark = _otherwise(line, sale.totals)
        return SaleRow(
            line,
            Fate.ADD,
            sale.totals,
            words.month,
            remark=remark,
            fingerprint=each.fingerprint,
            service_id=sale.service_id,
        )

    def _sales_named(self) -> dict[int, Transaction]:
        """The sales whose numbers the file says, as a file does that Vela wrote."""
        numbers = [number for number in map(_number, self._table.lines) if number]
        found = _in_batches(self._session, Transaction.id, numbers, whole=Transaction)
        return {sale.id: sale for sale in found}


def _fingerprint(*said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _in_batches(session: Session, column: Any, wanted: Sequence[Any], whole: Any = None) -> Iterator[Any]:
    """The values of `column`, or whole rows, that are among `wanted`; a statement takes only so many parameters."""
    for start in range(0, len(wanted), _BATCH):
        yield from session.scalars(select(whole or column).where(column.in_(wanted[start : start + _BATCH])))


def _number(line: Line) -> int:
    """The number of a sale that a row says; 0 for none."""
    said = line.cells.get("id", "")
    return int(said) if said.isascii() and said.isdigit() and 0 < int(said[:10]) <= MOST_ID and len(said) <= 10 else 0


def _is_same(sale: Transaction | None, words: NewTransaction) -> bool:
    """Whether a row that carries the number of a sale is that very sale, and not one of other books."""
    return sale is not None and all(getattr(sale, each) == getattr(words, each) for each in _WHAT_A_SALE_SAYS)


def _otherwise(line: Line, worth: Totals) -> str:
    """What the row says of its own worth, when that is not what would be recorded."""
    for key, value in (("revenue", worth.sell), ("cost", worth.cost)):
        said = exact(line.cells.get(key, ""))
        if said is not None and said != value:
            return _("The file says other amounts than the offer's prices of now.")
    return ""


def _no_such_offer(name: str) -> str:
    if not name:
        return _("This is needed. Fill it in.")
    return _("There is no offer named %(name)s.", name=name[:_MOST_NAME])
