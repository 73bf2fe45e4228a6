"""sign-ins that are seen and confirmed, second factors, first passwords, and guesses counted in more ways."""

import sqlalchemy as sa
from alembic import op

revision = "c4e7a91f03d2"
down_revision = "5b1d0c7e42a9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"], unique=False)
    # No table refers to this one, so it may be made anew.
    op.add_column("sign_ins", sa.Column("address", sa.String(length=80), nullable=True))
    op.add_column("sign_ins", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE sign_ins SET address = '', last_seen_at = created_at, confirmed_at = created_at")
    with op.batch_alter_table("sign_ins", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.alter_column("address", existing_type=sa.String(length=80), nullable=False)
        batch_op.alter_column("last_seen_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.add_column("failed_tries", sa.Column("of_code", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_failed_tries_address_at"), "failed_tries", ["address", "at"], unique=False)
    op.create_index(op.f("ix_failed_tries_at"), "failed_tries", ["at"], unique=False)
    op.add_column("users", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("users", "must_change_password")
    op.drop_index(op.f("ix_failed_tries_at"), table_name="failed_tries")
    op.drop_index(op.f("ix_failed_tries_address_at"), table_name="failed_tries")
    op.drop_column("failed_tries", "of_code")
    for name in ("confirmed_at", "last_seen_at", "address"):
        op.drop_column("sign_ins", name)
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
