"""The tables of the background jobs, as the pinned Procrastinate makes them (docs/decisions/0003)."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0000"
down_revision = None


def upgrade() -> None:
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(SchemaManager.get_schema())
