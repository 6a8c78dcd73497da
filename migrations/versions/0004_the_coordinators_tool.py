"""the coordinators tool."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "area_columns",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("known", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_area_columns")),
    )
    op.create_table(
        "closed_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_day")),
    )
    op.create_index(
        "uq_closed_day_standing",
        "closed_day",
        ["country", "day"],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    )
    op.create_table(
        "filing_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_filing_year")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("once", name=op.f("uq_mail_once")),
    )
    op.create_index("ix_mail_campaign", "mail", ["campaign_id"], unique=False)
    op.create_index("ix_mail_unsent", "mail", ["state"], unique=False, postgresql_where=sa.text("state <> 'sent'"))
    op.create_table(
        "mapping_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("replaces", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_draft")),
    )
    op.create_table(
        "import_progress",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_import_progress_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_import_progress")),
    )
    op.create_table(
        "intake",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("requester_print", sa.LargeBinary(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correct_by", sa.Date(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comparison_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_intake_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_intake")),
    )
    op.create_index(op.f("ix_intake_requester_print"), "intake", ["requester_print"], unique=False)
    op.add_column("attempt", sa.Column("to_print", sa.LargeBinary(), nullable=True))
    op.add_column("attempt", sa.Column("caller_id", sa.Text(), nullable=True))
    op.create_index(
        "ix_attempt_to",
        "attempt",
        ["to_print", "started_at"],
        unique=False,
        postgresql_where=sa.text("to_print is not null"),
    )
    op.add_column("campaign", sa.Column("caller_ids", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("campaign", sa.Column("share", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("campaign", sa.Column("filing_number", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_campaign_filing_number"), "campaign", ["filing_number"])
    op.add_column("exclusion", sa.Column("line", sa.Text(), nullable=True))
    op.add_column("exclusion", sa.Column("value_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("exclusion", sa.Column("added_by", sa.Text(), server_default="ivr", nullable=False))
    op.add_column("exclusion", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("exclusion", sa.Column("removed_by", sa.Text(), nullable=True))
    op.add_column("exclusion", sa.Column("removed_because", sa.Text(), nullable=True))
    # Key 8 pressed twice was two rows: the first says it all.
    op.execute(
        "delete from exclusion later using exclusion first where later.id > first.id and later.kind = first.kind"
        " and later.print = first.print and coalesce(later.campaign_id, 0) = coalesce(first.campaign_id, 0)"
    )
    op.create_index(
        "uq_exclusion_standing",
        "exclusion",
        ["kind", "print", sa.literal_column("coalesce(campaign_id, 0)"), sa.literal_column("coalesce(line, '')")],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    )
    op.add_column("recipient", sa.Column("zone", sa.Text(), nullable=True))
    op.add_column("recipient", sa.Column("preferred", sa.Text(), nullable=True))
    op.create_index(
        "ix_recipient_zone",
        "recipient",
        ["campaign_id", "zone"],
        unique=False,
        postgresql_where=sa.text("zone is not null and not is_final"),
    )
