"""What somebody must do by a time: one table; the catalogue of consultations as data; what is to be
corrected in the padrón, and the call that tells of it."""

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
    op.create_table(
        "correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("document_print", sa.LargeBinary(), nullable=False),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_correction_case_id_case_")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_case_id", "correction", ["case_id"], unique=False)
    asked = sa.text("state = 'SOLICITADA'")
    op.create_index("uq_correction_open", "correction", ["kind", "document_print"], unique=True, postgresql_where=asked)
    untold = sa.text("state <> 'SOLICITADA' and told_at is null")
    op.create_index("ix_correction_untold", "correction", ["id"], unique=False, postgresql_where=untold)
    op.create_table(
        "order_step",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("filled_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name=op.f("fk_order_step_order_id_work_order")),
        sa.PrimaryKeyConstraint("order_id", "step", name=op.f("pk_order_step")),
    )
    for name, kind in (
        ("case_id", sa.BigInteger()),
        ("bill_print", sa.LargeBinary()),
        ("bill_sealed", sa.LargeBinary()),
    ):
        op.add_column("work_order", sa.Column(name, kind, nullable=True))
    op.add_column("campaign", sa.Column("carries_to", sa.Text(), nullable=True))
    op.add_column("case_", sa.Column("once", sa.LargeBinary(), nullable=True))
    op.add_column("case_", sa.Column("script", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists uq_case__once")  # half of one, of a try that was cut off
        op.create_index("uq_case__once", "case_", ["once"], unique=True, postgresql_concurrently=True)
        op.execute("drop index concurrently if exists ix_work_order_bill")
        op.create_index(
            "ix_work_order_bill",
            "work_order",
            ["bill_print"],
            postgresql_where=sa.text("state = 'ABIERTA' and bill_print is not null"),
            postgresql_concurrently=True,
        )
        op.execute("reset lock_timeout")
