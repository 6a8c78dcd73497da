"""What waited in a month is counted by the tasks of closing it, found by their days."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists ix_task_closing")  # half of one, of a try that was cut off
        op.create_index(
            "ix_task_closing",
            "task",
            ["due_at"],
            postgresql_where=sa.text("kind = 'CLOSE'"),
            postgresql_concurrently=True,
        )
        op.execute("reset lock_timeout")
