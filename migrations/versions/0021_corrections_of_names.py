"""A correction may propose a name, beside the date of birth or in its place."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("correction", sa.Column("proposed_name_sealed", sa.LargeBinary(), nullable=True))
