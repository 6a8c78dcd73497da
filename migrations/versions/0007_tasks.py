"""What somebody must do by a time: one table; the catalogue of consultations as data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.BigInteger(), nullable=True),
        sa.Column("to_roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("to_person", sa.Text(), nullable=True),
        sa.Column("unit_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_task_case_id_case_")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    still_open = sa.text("ended_at is null")
    op.create_index("uq_task_of_case", "task", ["case_id", "kind"], unique=True, postgresql_where=still_open)
    op.create_index("uq_task_about", "task", ["kind", "about"], unique=True, postgresql_where=still_open)
    op.create_index("ix_task_open", "task", ["due_at", "id"], unique=False, postgresql_where=still_open)
    op.add_column("case_", sa.Column("once", sa.LargeBinary(), nullable=True))
    op.add_column("case_", sa.Column("script", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists uq_case__once")  # half of one, of a try that was cut off
        op.create_index("uq_case__once", "case_", ["once"], unique=True, postgresql_concurrently=True)
        op.execute("reset lock_timeout")
