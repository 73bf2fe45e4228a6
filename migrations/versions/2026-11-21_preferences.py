"""what people choose for themselves: a language, and whether single keys act."""

import sqlalchemy as sa
from alembic import op

revision = "7c20d9f1a4be"
down_revision = "e80f2b6d5c17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("language", sa.String(length=2), server_default=sa.text("''"), nullable=False))
    op.add_column("users", sa.Column("single_keys", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.drop_column("users", "single_keys")
    op.drop_column("users", "language")
