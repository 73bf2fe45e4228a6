"""files that wait to be brought in, and which of their rows became which sales."""

import sqlalchemy as sa
from alembic import op

revision = "b83f5d20c6a1"
down_revision = "7c20d9f1a4be"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_imported_files_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_files")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_imported_files_user_id"), "imported_files", ["user_id"], unique=False)
    op.create_index(op.f("ix_imported_files_created_at"), "imported_files", ["created_at"], unique=False)
    op.create_table(
        "imported_sales",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("transaction_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["transaction_id"], ["transactions.id"], name=op.f("fk_imported_sales_transaction_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_imported_sales")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_imported_sales_transaction_id")),
    )


def downgrade() -> None:
    op.drop_table("imported_sales")
    op.drop_table("imported_files")
