"""how far a personal token reaches."""

import sqlalchemy as sa
from alembic import op

revision = "2f6b8c91d3e0"
down_revision = "b83f5d20c6a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tokens from before reach everything their users may, as they did."""
    scope = sa.Column("scope", sa.String(length=10), server_default=sa.text("'admin'"), nullable=False)
    with op.batch_alter_table("personal_tokens", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(scope)
        known = "scope IN ('read', 'propose', 'write', 'admin')"
        table.create_check_constraint(op.f("ck_personal_tokens_scope"), known)


def downgrade() -> None:
    with op.batch_alter_table("personal_tokens", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint(op.f("ck_personal_tokens_scope"), type_="check")
        table.drop_column("scope")
