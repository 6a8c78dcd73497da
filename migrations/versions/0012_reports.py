"""What the reports that leave the house are made from."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_INDEXES = (
    ("ix_case__opened", "case_", ["opened_at"], None),
    ("ix_case__due", "case_", ["due_at"], None),
    ("ix_attention_saved_at", "attention", ["saved_at"], None),
    ("ix_work_order_opened", "work_order", ["opened_at"], None),
    (
        "ix_room_event_move",
        "room_event",
        ["at", "room_id"],
        "kind in ('call.handed_over', 'call.transferred', 'call.to_queue', 'call.to_pin')",
    ),
    ("ix_audit_pin", "audit", ["at"], "action in ('pin.set', 'pin.refused')"),
)


def upgrade() -> None:
    op.add_column("report", sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("report", sa.Column("problem", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        for name, table, columns, where in _INDEXES:
            op.execute(f"drop index concurrently if exists {name}")
            found = sa.text(where) if where else None
            op.create_index(name, table, columns, postgresql_where=found, postgresql_concurrently=True)
        op.execute("reset lock_timeout")
