"""Campaigns of texts: what each sends and by what it goes; who wants no more of them. Made while calls go on."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("campaign", sa.Column("texting", sa.Text()))
    op.add_column("campaign", sa.Column("is_plain_text", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("attempt", sa.Column("channel", sa.Text()))
    op.create_table(
        "incoming_text",
        sa.Column("sid", sa.Text(), primary_key=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists ix_attempt_due_channel")
        op.create_index(
            "ix_attempt_due_channel",
            "attempt",
            ["campaign_id", "channel", "due_at", "id"],
            postgresql_where=sa.text("state = 'due' and channel is not null"),
            postgresql_concurrently=True,
        )
        op.execute("reset lock_timeout")
