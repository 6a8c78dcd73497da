"""Whose it is, of what had no print; and what was said of a case may be erased, though never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

_PRINTS = (
    ("ix_voice_message_phone", "voice_message", "phone_print"),
    ("ix_claim_phone", "claim", "phone_print"),
    ("ix_promise_document", "promise", "document_print"),
    ("ix_room_document", "room", "document_print"),
)


def upgrade() -> None:
    op.add_column("case_event", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_event", sa.Column("erased_by", sa.Text(), nullable=True))
    op.execute(
        "drop trigger if exists case_event_is_append_only on case_event;\n"
        "create trigger case_event_is_append_only before delete or truncate on case_event\n"
        "    for each statement execute function case_event_is_append_only();\n"
        "create trigger case_event_is_only_erased before update on case_event for each row\n"
        "    when (old.text_sealed is null or new.text_sealed is not null"
        " or new.erased_at is null or new.erased_by is null\n"
        "        or to_jsonb(new.*) - array['text_sealed', 'erased_at', 'erased_by']"
        " <> to_jsonb(old.*) - array['text_sealed', 'erased_at', 'erased_by'])\n"
        "    execute function case_event_is_append_only();\n"
    )
    op.add_column("attention", sa.Column("prints", postgresql.ARRAY(sa.LargeBinary()), nullable=True))
    for _, table, column in _PRINTS:
        op.add_column(table, sa.Column(column, sa.LargeBinary(), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute("drop index concurrently if exists ix_attention_prints")  # half of one, of a try that was cut off
        op.create_index(
            "ix_attention_prints", "attention", ["prints"], postgresql_using="gin", postgresql_concurrently=True
        )
        for name, table, column in _PRINTS:
            op.execute(f"drop index concurrently if exists {name}")
            there = sa.text(f"{column} is not null")
            op.create_index(name, table, [column], postgresql_where=there, postgresql_concurrently=True)
        op.execute("reset lock_timeout")
