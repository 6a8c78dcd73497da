"""What the house begins by writing, outside its campaigns: it counts with their calls and texts."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "outreach",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_print", sa.LargeBinary(), nullable=False),
        sa.Column("person_print", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach")),
        sa.UniqueConstraint("source", name=op.f("uq_outreach_source")),
    )
    op.create_index("ix_outreach_at", "outreach", ["at"])
    op.create_index("ix_outreach_to", "outreach", ["to_print"])
    op.create_index(
        "ix_outreach_person", "outreach", ["person_print"], postgresql_where=sa.text("person_print is not null")
    )
