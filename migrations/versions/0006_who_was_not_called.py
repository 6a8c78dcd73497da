"""Who was not called yet, and whose old calls are to be forgotten, is found without reading the others: made while
calls go on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists ix_recipient_uncalled")  # half of one, of a try that was cut off
        op.create_index(
            "ix_recipient_uncalled",
            "recipient",
            ["campaign_id", "row"],
            postgresql_where=sa.text("outcome is null"),
            postgresql_concurrently=True,
        )
        op.execute("drop index concurrently if exists ix_call_to_purge")
        op.create_index(
            "ix_call_to_purge",
            "call",
            ["ended_at"],
            postgresql_where=sa.text("citizen_sealed is not null or citizen_print is not null"),
            postgresql_concurrently=True,
        )
