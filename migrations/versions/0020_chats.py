"""A chat's message is asked for once; one in which nobody writes any more is found."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("chat_message", sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists ix_chat_silent")
        op.create_index(
            "ix_chat_silent",
            "chat",
            ["wrote_at"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("state <> 'ENDED'"),
        )
        op.execute("reset lock_timeout")
