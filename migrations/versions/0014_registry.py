"""What the padrón knows beside the PIN: the linked bill, the last redemption, whose a telephone is. Made while calls go
on."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("beneficiary", sa.Column("phone_print", sa.LargeBinary(), nullable=True))
    op.add_column("beneficiary", sa.Column("bill_print", sa.LargeBinary(), nullable=True))
    op.add_column("beneficiary", sa.Column("bill_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("beneficiary", sa.Column("redemption_sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "padron_act",
        sa.Column("print", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("print", name=op.f("pk_padron_act")),
    )
    op.create_index(op.f("ix_padron_act_at"), "padron_act", ["at"])
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists uq_beneficiary_bill")  # half of one, of a try that was cut off
        op.create_index(
            "uq_beneficiary_bill",
            "beneficiary",
            ["bill_print"],
            unique=True,
            postgresql_where=sa.text("bill_print is not null"),
            postgresql_concurrently=True,
        )
        op.execute("drop index concurrently if exists ix_beneficiary_phone")
        op.create_index(
            "ix_beneficiary_phone",
            "beneficiary",
            ["phone_print"],
            postgresql_where=sa.text("phone_print is not null"),
            postgresql_concurrently=True,
        )
        op.execute("drop index concurrently if exists ix_beneficiary_phone_to_find")
        op.create_index(
            "ix_beneficiary_phone_to_find",
            "beneficiary",
            ["id"],
            postgresql_where=sa.text("phone_sealed is not null and phone_print is null"),
            postgresql_concurrently=True,
        )
        op.execute("reset lock_timeout")
