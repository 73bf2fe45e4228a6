"""when sales were voided or counted again last, and indexes to find what changed since a moment."""

import sqlalchemy as sa
from alembic import op

revision = "3b7f90d2c8e4"
down_revision = "a51c8e03f7d9"
branch_labels = None
depends_on = None

INDEXES = (("transactions", "created_at"), ("transactions", "changed_at"), ("services", "updated_at"))


def upgrade() -> None:
    """Of a sale that counts again nobody knows since when; it was not asked for either."""
    op.add_column("transactions", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE transactions SET changed_at = voided_at")
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    op.drop_column("transactions", "changed_at")
