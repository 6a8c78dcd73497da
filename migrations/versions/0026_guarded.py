"""Whoever is named in somebody else's open order is found; and of a text that guards somebody it is known what was told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("member_prints", postgresql.ARRAY(sa.LargeBinary()), nullable=True))
    op.add_column("post", sa.Column("noted_state", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists ix_work_order_members")  # half of one, of a try that was cut off
        op.create_index(
            "ix_work_order_members",
            "work_order",
            ["member_prints"],
            postgresql_using="gin",
            postgresql_where=sa.text("state = 'ABIERTA'"),
            postgresql_concurrently=True,
        )
        op.execute("drop index concurrently if exists ix_post_guards")
        op.create_index(
            "ix_post_guards",
            "post",
            ["queued_at"],
            postgresql_where=sa.text(
                "kind in ('birth_date_corrected', 'name_corrected', 'name_and_birth_date_corrected', 'pin_changed') "
                "and noted_state is distinct from state"
            ),
            postgresql_concurrently=True,
        )
        op.execute("reset lock_timeout")
