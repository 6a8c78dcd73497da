"""What was owed: texts counted apart, words sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_COUNT_CALLS = """
create or replace function count_calls() returns trigger language plpgsql as $$
begin
    insert into call_tally (campaign_id, minute, calls, answered, texts) values (new.campaign_id,
        date_trunc('minute', new.started_at), (not coalesce(new.channel = 'SMS', false))::int,
        coalesce(left(new.outcome, 8) = 'contacto' or new.outcome = 'no_contacto.colgo', false)::int,
        coalesce(new.channel = 'SMS', false)::int);
    return null;
end $$;
"""

_INDEXES = (
    ("ix_incoming_text_at", "incoming_text", ["at"], None),
    ("ix_chat_opened", "chat", ["opened_at"], None),
    ("ix_chat_answered", "chat", ["answered_at"], "answered_at is not null"),
    ("ix_chat_ended", "chat", ["ended_at"], "ended_at is not null"),
    ("ix_chat_media_to_delete", "chat_media", ["id"], "sid_to_delete is not null"),
    ("ix_case__to_erase", "case_", ["line", "closed_at"], "closed_at is not null and erased_at is null"),
    ("ix_room_event_chat", "room_event", ["at", "room_id"], "kind in ('chat.waits', 'chat.taken', 'chat.handed_over')"),
)


def upgrade() -> None:
    op.add_column("call_tally", sa.Column("texts", sa.Integer(), server_default="0", nullable=False))
    op.execute(_COUNT_CALLS)
    op.add_column("attempt", sa.Column("segments", sa.SmallInteger(), nullable=True))
    # Those of which texts were counted as calls are counted anew by whoever looks at them next (counting/tally.py).
    op.execute("delete from counted where campaign_id in (select id from campaign where texting is not null)")
    op.add_column("exclusion", sa.Column("campaign_kind", sa.Text(), nullable=True))
    op.add_column("exclusion", sa.Column("removed_because_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("case_", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attention", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("chat_media", sa.Column("sid_to_delete", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        # The new one first: what stood once must at no moment stand twice.
        op.execute("drop index concurrently if exists uq_exclusion_place")
        op.create_index(
            "uq_exclusion_place",
            "exclusion",
            [
                *("kind", "print", sa.text("coalesce(campaign_id, 0)"), sa.text("coalesce(line, '')")),
                sa.text("coalesce(campaign_kind, '')"),
            ],
            unique=True,
            postgresql_where=sa.text("removed_at is null"),
            postgresql_concurrently=True,
        )
        op.drop_index("uq_exclusion_standing", table_name="exclusion", postgresql_concurrently=True, if_exists=True)
        for name, table, columns, where in _INDEXES:
            op.execute(f"drop index concurrently if exists {name}")
            found = sa.text(where) if where else None
            op.create_index(name, table, columns, postgresql_where=found, postgresql_concurrently=True)
        op.execute("reset lock_timeout")
