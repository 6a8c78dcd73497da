"""A conversation, a message and an attempt know whose account their call is of. What people write when they put a contact back,
discard a claim or lift a lock is kept sealed beside it, where it can be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("room", sa.Column("carrier_account", sa.Text(), nullable=True))
    op.add_column("campaign", sa.Column("trouble", sa.Text(), nullable=True))
    op.add_column("voice_message", sa.Column("carrier_account", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("carrier_account", sa.Text(), nullable=True))
    for table in ("operated_contact", "claim", "lock"):
        op.add_column(table, sa.Column("reason_sealed", sa.LargeBinary(), nullable=True))
