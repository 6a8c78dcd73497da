"""whom the desk lost."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Revision 0002 was completed after it was first written: a database that had its first text lacks these two.
    op.execute("alter table operator add column if not exists role text default 'OPERADOR' not null")
    op.execute("alter table room add column if not exists is_helpline boolean default false not null")
    op.add_column("attention", sa.Column("had_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attention", sa.Column("is_concluded", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("call", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_leg_account",
        "leg",
        ["account_id", "joined_at"],
        unique=False,
        postgresql_where=sa.text("account_id is not null"),
    )
    op.add_column("promise", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("promise", "phone_sealed", existing_type=postgresql.BYTEA(), nullable=True)
    op.alter_column("promise", "phone_print", existing_type=postgresql.BYTEA(), nullable=True)
    op.create_index(
        "ix_promise_to_purge", "promise", ["ended_at"], unique=False, postgresql_where=sa.text("purged_at is null")
    )
    op.add_column("room", sa.Column("queues_passed", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("room", sa.Column("ways_tried", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("room", sa.Column("is_exhausted", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("room", sa.Column("override_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("room", sa.Column("reason_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("room", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_room_entered", "room", ["entered_at"], unique=False)
    op.create_index(
        "ix_room_to_purge",
        "room",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("purged_at is null and state = 'ENDED'"),
    )
    op.drop_column("room", "overflows")
