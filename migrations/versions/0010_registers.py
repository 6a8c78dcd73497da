"""The registers of a day's work: log, field, events, steps before an authority."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "register_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("corrects", sa.BigInteger(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("plain", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=True),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name=op.f("fk_register_entry_case_id_case_")),
        sa.ForeignKeyConstraint(
            ["corrects"], ["register_entry.id"], name=op.f("fk_register_entry_corrects_register_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
    )
    op.execute(
        "\ncreate function register_entry_is_append_only() returns trigger language plpgsql as $$\nbegin\n    raise exception 'a register is only added to' using errcode = 'insufficient_privilege';\nend $$;\ncreate trigger register_entry_is_append_only before delete or truncate on register_entry\n    for each statement execute function register_entry_is_append_only();\ncreate trigger register_entry_is_only_erased before update on register_entry for each row\n    when (old.told_sealed is null or new.told_sealed is not null or new.erased_at is null or new.erased_by is null\n        or to_jsonb(new.*) - array['told_sealed', 'erased_at', 'erased_by'] <> to_jsonb(old.*) - array['told_sealed', 'erased_at', 'erased_by'])\n    execute function register_entry_is_append_only();\n"
    )
    op.create_index(
        "ix_register_entry_case",
        "register_entry",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id is not null"),
    )
    op.create_index("ix_register_entry_kind", "register_entry", ["register", "kind", "at", "id"], unique=False)
    op.create_index("ix_register_entry_line", "register_entry", ["register", "line", "at", "id"], unique=False)
    op.create_index("ix_register_entry_person", "register_entry", ["register", "person", "at", "id"], unique=False)
    op.create_index(op.f("ix_register_entry_register_at_id"), "register_entry", ["register", "at", "id"], unique=False)
    op.create_index("ix_register_entry_words", "register_entry", ["words"], unique=False, postgresql_using="gin")
    op.create_index("uq_register_entry_corrects", "register_entry", ["corrects"], unique=True)
    op.create_table(
        "register_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["register_entry.id"], name=op.f("fk_register_step_entry_id_register_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_step")),
    )
    op.execute(
        "\ncreate function register_step_is_append_only() returns trigger language plpgsql as $$\nbegin\n    raise exception 'a register is only added to' using errcode = 'insufficient_privilege';\nend $$;\ncreate trigger register_step_is_append_only before delete or truncate on register_step\n    for each statement execute function register_step_is_append_only();\ncreate trigger register_step_is_only_erased before update on register_step for each row\n    when (old.text_sealed is null or new.text_sealed is not null or new.erased_at is null or new.erased_by is null\n        or to_jsonb(new.*) - array['text_sealed', 'erased_at', 'erased_by'] <> to_jsonb(old.*) - array['text_sealed', 'erased_at', 'erased_by'])\n    execute function register_step_is_append_only();\n"
    )
    op.create_index(op.f("ix_register_step_entry_id_id"), "register_step", ["entry_id", "id"], unique=False)
    op.create_table(
        "register_standing",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["register_entry.id"], name=op.f("fk_register_standing_entry_id_register_entry")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_register_standing")),
    )
    op.create_index(
        op.f("ix_register_standing_state_at_entry_id"), "register_standing", ["state", "at", "entry_id"], unique=False
    )
    op.create_table(
        "resource",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("replaces", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["replaces"], ["resource.id"], name=op.f("fk_resource_replaces_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    op.create_index(
        "ix_resource_standing",
        "resource",
        ["line", "position", "id"],
        unique=False,
        postgresql_where=sa.text("retired_at is null"),
    )
