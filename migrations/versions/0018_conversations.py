"""A form of a register that is sent twice is one entry; a correction is found by whose it is, a task by what it is
about."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_INDEXES = (
    ("uq_register_entry_once", "register_entry", "once", "once is not null", True),
    ("ix_correction_document", "correction", "document_print", None, False),
    ("ix_task_about", "task", "about", "about is not null", False),
)


def upgrade() -> None:
    op.add_column("register_entry", sa.Column("once", sa.LargeBinary(), nullable=True), if_not_exists=True)
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        for name, table, column, where, is_unique in _INDEXES:
            op.execute(f"drop index concurrently if exists {name}")  # half of one, of a try that was cut off
            found = sa.text(where) if where else None
            op.create_index(
                name, table, [column], unique=is_unique, postgresql_where=found, postgresql_concurrently=True
            )
        op.execute("reset lock_timeout")
