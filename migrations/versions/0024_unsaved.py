"""Of an attention that was never saved it is known who was told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("attention", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attention", sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True))
