"""Tables of the settings and of what has been seeded."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from vela.columns import Instant
from vela.db import Base

NAME = "Vela"
CURRENCY = "MAD"
TIME_ZONE = "Africa/Casablanca"


class Workspace(Base):
    """The one row of settings."""

    __tablename__ = "workspace"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80), default=NAME)
    currency: Mapped[str] = mapped_column(String(3), default=CURRENCY)
    time_zone: Mapped[str] = mapped_column(String(64), default=TIME_ZONE)
    version: Mapped[int] = mapped_column(default=1)


class Seed(Base):
    """A set of starting data that has been loaded and is never loaded again."""

    __tablename__ = "seeds"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    loaded_at: Mapped[datetime] = mapped_column(Instant)
