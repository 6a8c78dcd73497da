"""What is asked about one consultation, one call or one person is found by an index beside years of them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_INDEXES = (
    ("ix_attention_room", "attention", ["room_id"], None),
    ("ix_attention_to_print", "attention", ["id"], "prints is null"),
    ("ix_task_case", "task", ["case_id"], "case_id is not null"),
    ("ix_work_order_open", "work_order", ["id"], "state = 'ABIERTA'"),
    ("ix_work_order_case", "work_order", ["case_id"], "case_id is not null"),
    ("ix_work_order_document", "work_order", ["document_print"], None),
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        for name, table, columns, where in _INDEXES:
            op.execute(f"drop index concurrently if exists {name}")  # half of one, of a try that was cut off
            found = sa.text(where) if where else None
            op.create_index(name, table, columns, postgresql_where=found, postgresql_concurrently=True)
        op.execute("reset lock_timeout")
