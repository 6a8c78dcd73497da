"""Conversations that are written."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "chat",
        sa.Column(
            "id",
            sa.BigInteger(),
            autoincrement=False,
            server_default=sa.text("nextval('room_id_seq'::regclass)"),
            nullable=False,
        ),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("citizen_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("citizen_print", sa.LargeBinary(), nullable=True),
        sa.Column("carrier_account", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrote_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("misses", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
    )
    op.create_index(
        "uq_chat_open", "chat", ["line", "citizen_print"], unique=True, postgresql_where=sa.text("state <> 'ENDED'")
    )
    op.create_index(
        "ix_chat_waiting", "chat", ["queued_at"], unique=False, postgresql_where=sa.text("state = 'WAITING'")
    )
    op.create_index(
        "ix_chat_account", "chat", ["account_id"], unique=False, postgresql_where=sa.text("state = 'TALKING'")
    )
    op.create_index("ix_chat_citizen", "chat", ["citizen_print", "opened_at"], unique=False)
    op.create_index(
        "ix_chat_to_purge",
        "chat",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("purged_at is null and state = 'ENDED'"),
    )
    op.create_table(
        "chat_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_chat_message_chat_id_chat"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_message")),
        sa.UniqueConstraint("sid", name=op.f("uq_chat_message_sid")),
    )
    op.create_index("ix_chat_message_chat", "chat_message", ["chat_id", "id"], unique=False)
    op.create_index(
        "uq_chat_message_once",
        "chat_message",
        ["chat_id", "once"],
        unique=True,
        postgresql_where=sa.text("once is not null"),
    )
    op.create_index(
        "ix_chat_message_unsent",
        "chat_message",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state in ('QUEUED', 'ASKING', 'UNKNOWN')"),
    )
    op.create_table(
        "chat_media",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("shows", sa.Text(), nullable=True),
        sa.Column("shown_by", sa.Text(), nullable=True),
        sa.Column("is_seen", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["chat_message.id"], name=op.f("fk_chat_media_message_id_chat_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_media")),
    )
    op.create_index("ix_chat_media_message", "chat_media", ["message_id"], unique=False)
