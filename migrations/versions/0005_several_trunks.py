"""A conversation, and a message, know whose account their call is of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("room", sa.Column("carrier_account", sa.Text(), nullable=True))
    op.add_column("voice_message", sa.Column("carrier_account", sa.Text(), nullable=True))
