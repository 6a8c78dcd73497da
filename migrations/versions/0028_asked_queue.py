"""A conversation that passed on to another queue says which one it asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("room", sa.Column("asked_queue", sa.Text(), nullable=True))
