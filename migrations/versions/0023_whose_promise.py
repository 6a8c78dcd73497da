"""A promised call is of one case and one person, also where two of one house were promised the same minute; and an order
says since when its bill is being linked in the padrón."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("registering_since", sa.DateTime(timezone=True), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists uq_promise_whose")  # half of one, of a try that was cut off
        op.create_index(
            "uq_promise_whose",
            "promise",
            ["line", "phone_print", "due_at", "case_id", "document_print"],
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sa.text("state in ('WAITING', 'CALLING')"),
            postgresql_concurrently=True,
        )
        op.execute("drop index concurrently if exists uq_promise_hour")  # it kept the second of a house out
        op.execute("reset lock_timeout")
