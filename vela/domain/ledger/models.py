"""Tables of sales, operating expenses and the monthly sums kept beside them."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from vela.columns import Amount, Instant, MonthText
from vela.db import Base
from vela.domain.catalog.models import Revision, Service
from vela.domain.catalog.pricing import Totals
from vela.domain.people.models import User
from vela.folding import folded
from vela.periods import Month


class Transaction(Base):
    """A sale, frozen to the revision it was sold under; never changed, only voided.

    `changed_at` is when it was voided, or counted again, last.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("revenue >= 0 AND cost >= 0", name="amounts"),
        Index(None, "month", "id"),
        Index(None, "service_id", "month"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    quantity: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[Month] = mapped_column(MonthText)
    notes: Mapped[str] = mapped_column(String(500), default="")
    notes_folded: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    revenue: Mapped[Decimal] = mapped_column(Amount())
    cost: Mapped[Decimal] = mapped_column(Amount())
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_by: Mapped[str] = mapped_column(String(80))
    face: Mapped[str] = mapped_column(String(20))
    sample: Mapped[bool] = mapped_column(default=False, index=True)
    voided_at: Mapped[datetime | None] = mapped_column(Instant)
    voided_by: Mapped[str | None] = mapped_column(String(80))
    changed_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    version: Mapped[int] = mapped_column(default=1)

    service: Mapped[Service] = relationship(lazy="joined", innerjoin=True)
    revision: Mapped[Revision] = relationship(lazy="select")
    author: Mapped[User | None] = relationship(lazy="select")

    @validates("notes")
    def _fold(self, _field: str, said: str) -> str:
        self.notes_folded = folded(said)
        return said

    @property
    def totals(self) -> Totals:
        return Totals(self.cost, self.revenue)


class MonthSum(Base):
    """What was sold of one revision of an offer in one month: the sums of its live sales, and how many they are.

    Every figure of a month is read from these rows. Because a revision holds its lines, so is the cost of each
    component, however many sales there are.
    """

    __tablename__ = "month_sums"

    month: Mapped[Month] = mapped_column(MonthText, primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    sales: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)
    revenue: Mapped[Decimal] = mapped_column(Amount())
    cost: Mapped[Decimal] = mapped_column(Amount())


class OperatingExpense(Base):
    """A running expense of every month from its first to its last, that belongs to no sale. No bound: always."""

    __tablename__ = "operating_expenses"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint(
            "first_month IS NULL OR last_month IS NULL OR first_month <= last_month",
            name="months",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    amount: Mapped[Decimal] = mapped_column(Amount())
    first_month: Mapped[Month | None] = mapped_column(MonthText)
    last_month: Mapped[Month | None] = mapped_column(MonthText)
    notes: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)

    def covers(self, month: Month) -> bool:
        return (self.first_month is None or self.first_month <= month) and (
            self.last_month is None or month <= self.last_month
        )


class ClosedMonth(Base):
    """A month in which nothing may change any more, and its figures as they stood when it was closed."""

    __tablename__ = "closed_months"

    month: Mapped[Month] = mapped_column(MonthText, primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(500))
    sales: Mapped[int] = mapped_column(BigInteger)
    revenue: Mapped[Decimal] = mapped_column(Amount())
    cost: Mapped[Decimal] = mapped_column(Amount())
    opex: Mapped[Decimal] = mapped_column(Amount())
