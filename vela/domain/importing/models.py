"""Tables of files that wait to be confirmed, and of the rows of files that were recorded as sales."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vela.columns import Instant
from vela.db import Base

LONGEST_NAME = 200


class ImportedFile(Base):
    """What was read of a file that somebody brought, until they confirm it or it is too old. Only they see it."""

    __tablename__ = "imported_files"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


class ImportedSale(Base):
    """Which row of a file became which sale, so that the same row of the same file never becomes a second one."""

    __tablename__ = "imported_sales"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(ForeignKey("transactions.id"), unique=True)
