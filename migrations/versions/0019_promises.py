"""A call that is promised for an hour is a row of its own, of a telephone as many as were promised; and a correction
says since when it is being made in the padrón."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_IS_OPEN = sa.text("state in ('WAITING', 'CALLING')")


def upgrade() -> None:
    for name, kind in (
        ("due_at", sa.DateTime(timezone=True)),
        ("case_id", sa.BigInteger()),
        ("made_by", sa.Text()),
        ("ended_by", sa.Text()),
    ):
        op.add_column("promise", sa.Column(name, kind, nullable=True))
    op.add_column("correction", sa.Column("correcting_since", sa.DateTime(timezone=True), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists uq_promise_hour")  # half of one, of a try that was cut off
        op.create_index(
            "uq_promise_hour",
            "promise",
            ["line", "phone_print", "due_at"],
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=_IS_OPEN,
            postgresql_concurrently=True,
        )
        op.execute("drop index concurrently if exists uq_promise_open")  # the new one holds what it held
        op.execute("drop index concurrently if exists ix_promise_next")
        op.create_index(
            "ix_promise_next",
            "promise",
            ["next_at"],
            postgresql_where=sa.text("state = 'WAITING'"),
            postgresql_concurrently=True,
        )
        op.execute("drop index concurrently if exists ix_promise_case")
        op.create_index(
            "ix_promise_case",
            "promise",
            ["case_id"],
            postgresql_where=sa.text("case_id is not null"),
            postgresql_concurrently=True,
        )
        op.execute("reset lock_timeout")
