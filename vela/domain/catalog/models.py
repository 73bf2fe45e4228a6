"""Tables of services, components and their revisions."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from vela.columns import Amount, Instant, Percent, Quantity, UnitPrice
from vela.db import Base
from vela.domain.catalog import pricing
from vela.domain.catalog.pricing import Line, Totals
from vela.folding import folded

PART = "part"
ADJUSTMENT = "adjustment"


class Service(Base):
    """A thing for sale, priced from its components and never by hand. Shown to people as an offer."""

    __tablename__ = "services"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(240), unique=True)
    name_folded: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    description: Mapped[str] = mapped_column(String(500), default="")
    description_folded: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    list_cost: Mapped[Decimal | None] = mapped_column(Amount())
    list_sell: Mapped[Decimal | None] = mapped_column(Amount())
    target_margin_pct: Mapped[Decimal | None] = mapped_column(Percent())
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant, index=True)

    components: Mapped[list["Component"]] = relationship(
        back_populates="service",
        primaryjoin="and_(Service.id == Component.service_id, Component.removed_at.is_(None))",
        order_by="(Component.position, Component.id)",
        lazy="selectin",
    )

    @validates("name", "description")
    def _fold(self, field: str, said: str) -> str:
        setattr(self, f"{field}_folded", folded(said))
        return said

    @property
    def lines(self) -> list[Line]:
        return [component.line for component in self.components]

    @property
    def totals(self) -> Totals:
        return pricing.totals(self.lines)

    @property
    def list_gap(self) -> Decimal | None:
        return pricing.list_gap(self.totals, self.list_sell)


class Component(Base):
    """One line of an offer's bill of materials. Only an adjustment may have a negative unit cost or unit sell."""

    __tablename__ = "components"
    __table_args__ = (
        CheckConstraint("kind IN ('part', 'adjustment')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("kind = 'adjustment' OR (unit_cost >= 0 AND unit_sell >= 0)", name="prices"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(80))
    name_folded: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    group: Mapped[str] = mapped_column("group_name", String(80), default="")
    kind: Mapped[str] = mapped_column(String(20), default=PART)
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    unit_cost: Mapped[Decimal] = mapped_column(UnitPrice())
    unit_sell: Mapped[Decimal] = mapped_column(UnitPrice())
    notes: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)

    service: Mapped[Service] = relationship(back_populates="components", foreign_keys=[service_id])

    @validates("name")
    def _fold(self, _field: str, said: str) -> str:
        self.name_folded = folded(said)
        return said

    @property
    def line(self) -> Line:
        return Line(self.name, self.group, self.quantity, self.unit_cost, self.unit_sell)

    @property
    def totals(self) -> Totals:
        return pricing.line_totals(self.line)


class Revision(Base):
    """An offer as it stood after one change: immutable, numbered from 1 within its offer."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("service_id", "number"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    number: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author: Mapped[str] = mapped_column(String(80))
    face: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(500), default="")
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(500))
    list_cost: Mapped[Decimal | None] = mapped_column(Amount())
    list_sell: Mapped[Decimal | None] = mapped_column(Amount())
    target_margin_pct: Mapped[Decimal | None] = mapped_column(Percent())
    active: Mapped[bool] = mapped_column()
    cost: Mapped[Decimal] = mapped_column(Amount())
    sell: Mapped[Decimal] = mapped_column(Amount())

    lines: Mapped[list["RevisionLine"]] = relationship(order_by="RevisionLine.position", lazy="selectin")

    @property
    def totals(self) -> Totals:
        return Totals(self.cost, self.sell)


class RevisionLine(Base):
    """One component as it stood in a revision."""

    __tablename__ = "revision_lines"
    __table_args__ = (Index(None, "component_id", "version"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    component_id: Mapped[int] = mapped_column(ForeignKey("components.id"), primary_key=True)
    version: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(80))
    group: Mapped[str] = mapped_column("group_name", String(80))
    kind: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    unit_cost: Mapped[Decimal] = mapped_column(UnitPrice())
    unit_sell: Mapped[Decimal] = mapped_column(UnitPrice())
    notes: Mapped[str] = mapped_column(String(500))
    cost: Mapped[Decimal] = mapped_column(Amount())
    sell: Mapped[Decimal] = mapped_column(Amount())

    @property
    def totals(self) -> Totals:
        return Totals(self.cost, self.sell)
