"""What goes out by post: one table, with the channel that each goes by. What is in ``mail`` and ``outbox`` is brought
over by a job; a letter keeps its id, by which reports know it, so that new ones begin above all of those."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("to_print", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("values_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remote_sid", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("once", name=op.f("uq_post_once")),
    )
    lost = "state in ('queued', 'unknown', 'undelivered', 'refused', 'failed')"
    _index("ix_post_waiting", ["id"], "state in ('queued', 'unknown')")
    _index("ix_post_unsent", ["channel", "queued_at"], lost)
    _index("ix_post_letter", ["id"], "channel = 'MAIL'")
    _index("ix_post_campaign", ["campaign_id"], "campaign_id is not null")
    _index("ix_post_case", ["case_id"], "case_id is not null")
    _index("ix_post_to", ["to_print"], "to_print is not null")
    _index("ix_post_kept", ["queued_at"], "to_print is not null")
    _index("ix_post_sid", ["remote_sid"], "remote_sid is not null")
    # the version before may write some more, while it is relieved
    op.execute("select setval(pg_get_serial_sequence('post', 'id'), coalesce(max(id), 0) + 100000) from mail")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "post", columns, unique=False, postgresql_where=sa.text(where))
