"""Whoever was shut out has no session of before; why somebody is not called is sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("account", sa.Column("times_enabled", sa.Integer(), server_default="0", nullable=False))
    # Beside ``cause``, which the version before reads (docs/migrations.md); a job seals what stands there.
    op.add_column("exclusion", sa.Column("cause_sealed", sa.LargeBinary(), nullable=True))
