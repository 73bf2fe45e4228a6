"""names, descriptions and notes without case and accents, for finding them."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "6e0a4d7b95c2"
down_revision = "91c4d7ae5b02"
branch_labels = None
depends_on = None

FOLDED = (("services", "name"), ("services", "description"), ("components", "name"), ("transactions", "notes"))
BATCH = 1000
MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe20-\ufe2f]"
)


def upgrade() -> None:
    for table, column in FOLDED:
        op.add_column(table, sa.Column(f"{column}_folded", sa.Text(), server_default=sa.text("''"), nullable=False))
        _fold(op.get_bind(), table, column)


def _fold(connection: sa.Connection, name: str, column: str) -> None:
    table = sa.table(name, sa.column("id", sa.Integer()), sa.column(column, sa.Text()), sa.column(f"{column}_folded"))
    ids, said = table.c.id, table.c[column]
    fill = table.update().where(ids == sa.bindparam("row")).values({f"{column}_folded": sa.bindparam("plain")})
    last = 0
    while rows := connection.execute(
        sa.select(ids, said).where(ids > last, said != "").order_by(ids).limit(BATCH)
    ).all():
        connection.execute(fill, [{"row": row, "plain": _plain(text)} for row, text in rows])
        last = rows[-1][0]


def _plain(text: str) -> str:
    return MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()


def downgrade() -> None:
    for table, column in reversed(FOLDED):
        op.drop_column(table, f"{column}_folded")
