"""find entries of the trail by who made them and by their hash, which no two share."""

from alembic import op

revision = "e80f2b6d5c17"
down_revision = "c4e7a91f03d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_audit_entries_username"), "audit_entries", ["username"], unique=False)
    op.create_index(op.f("ix_audit_entries_hash"), "audit_entries", ["hash"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_entries_hash"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_username"), table_name="audit_entries")
