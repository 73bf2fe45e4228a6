"""a chained trail that cannot be edited, kept answers, closed months and what self-checks find."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "5b1d0c7e42a9"
down_revision = "90d036ccef54"
branch_labels = None
depends_on = None

REFUSAL = "the trail is not editable"


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_because", sa.String(length=500), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "check_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_results")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "accepted_findings",
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_accepted_findings")),
    )
    op.create_table(
        "kept_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_kept_answers_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answers")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_kept_answers_user_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_kept_answers_created_at"), "kept_answers", ["created_at"], unique=False)
    op.create_table(
        "closed_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("sales", sa.BigInteger(), nullable=False),
        sa.Column("revenue", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("opex", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["users.id"], name=op.f("fk_closed_months_closed_by_id")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_closed_months")),
    )
    with op.batch_alter_table("audit_entries") as batch_op:
        batch_op.add_column(sa.Column("request_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("prev_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
    entry_id, newest = _chain(op.get_bind())
    with op.batch_alter_table("audit_entries", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.alter_column("request_id", existing_type=sa.String(length=36), nullable=False)
        batch_op.alter_column("prev_hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column("hash", existing_type=sa.String(length=64), nullable=False)
    head = sa.table("audit_head", *map(sa.column, ("id", "entry_id", "hash", "stopped_because")))
    op.execute(head.insert().values(id=1, entry_id=entry_id, hash=newest, stopped_because=""))
    for statement in PROTECT[op.get_bind().dialect.name]:
        op.execute(statement)


def _chain(connection: sa.Connection) -> tuple[int, str]:
    """Number the entries there are from 1 without a gap and chain them; returns the last number and its hash."""
    entries = sa.table(
        "audit_entries",
        sa.column("id", sa.Integer()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("user_id", sa.Integer()),
        *(sa.column(name, sa.String()) for name in ("username", "face", "token_name", "request_id", "action")),
        sa.column("subject", sa.String()),
        sa.column("subject_id", sa.Integer()),
        sa.column("before", sa.JSON()),
        sa.column("after", sa.JSON()),
        sa.column("prev_hash", sa.String()),
        sa.column("hash", sa.String()),
    )
    number, newest = 0, "0" * 64
    for entry in connection.execute(sa.select(entries).order_by(entries.c.id)).all():
        number += 1
        said = [
            newest,
            number,
            _utc(entry.at).isoformat(timespec="microseconds"),
            entry.user_id,
            entry.username,
            entry.face,
            entry.token_name,
            "",
            entry.action,
            entry.subject,
            entry.subject_id,
            entry.before,
            entry.after,
        ]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        made = hashlib.sha256(text.encode()).hexdigest()
        values = {"id": number, "request_id": "", "prev_hash": newest, "hash": made}
        connection.execute(entries.update().where(entries.c.id == entry.id).values(values))
        newest = made
    return number, newest


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
RAISE = f"BEGIN RAISE EXCEPTION '{REFUSAL}'; END"
ANY_EDIT = "BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries FOR EACH STATEMENT"
PROTECT = {
    "sqlite": [
        f"CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries {REFUSE}",
        f"CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries {REFUSE}",
    ],
    "postgresql": [
        f"CREATE FUNCTION refuse_to_edit_the_trail() RETURNS trigger LANGUAGE plpgsql AS $$ {RAISE} $$",
        f"CREATE TRIGGER audit_entries_no_edit {ANY_EDIT} EXECUTE FUNCTION refuse_to_edit_the_trail()",
    ],
}
UNPROTECT = {
    "sqlite": ["DROP TRIGGER audit_entries_no_update", "DROP TRIGGER audit_entries_no_delete"],
    "postgresql": [
        "DROP TRIGGER audit_entries_no_edit ON audit_entries",
        "DROP FUNCTION refuse_to_edit_the_trail()",
    ],
}


def downgrade() -> None:
    for statement in UNPROTECT[op.get_bind().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("audit_entries", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        for name in ("hash", "prev_hash", "request_id"):
            batch_op.drop_column(name)
    for table in ("closed_months", "kept_answers", "accepted_findings", "check_results", "audit_head"):
        op.drop_table(table)
