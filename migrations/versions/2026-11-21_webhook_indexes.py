"""find what is due for a webhook, and what is on its way to it, without looking at all it was ever told."""

from alembic import op

revision = "a51c8e03f7d9"
down_revision = "d4a17be0935c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for columns in (["webhook_id", "next_attempt_at"], ["webhook_id", "claimed_until"]):
        op.create_index(op.f(f"ix_webhook_deliveries_{'_'.join(columns)}"), "webhook_deliveries", columns)
    op.drop_index(op.f("ix_webhook_deliveries_next_attempt_at"), table_name="webhook_deliveries")


def downgrade() -> None:
    op.create_index(op.f("ix_webhook_deliveries_next_attempt_at"), "webhook_deliveries", ["next_attempt_at"])
    for name in ("claimed_until", "next_attempt_at"):
        op.drop_index(op.f(f"ix_webhook_deliveries_webhook_id_{name}"), table_name="webhook_deliveries")
