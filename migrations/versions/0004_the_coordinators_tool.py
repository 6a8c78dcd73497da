"""The coordinator's tool: imports, rules, letters, forecasts, rehearsals, reports and the API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "api_pace",
        sa.Column("key_print", sa.LargeBinary(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_print", name=op.f("pk_api_pace")),
    )
    op.create_index(op.f("ix_api_pace_minute"), "api_pace", ["minute"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("print", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("name", name=op.f("uq_api_token_name")),
        sa.UniqueConstraint("print", name=op.f("uq_api_token_print")),
    )
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
        "counted",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_counted")),
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
        "own_telephone",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_own_telephone")),
    )
    op.create_table(
        "api_submission",
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("key_print", sa.LargeBinary(), nullable=False),
        sa.Column("request_print", sa.LargeBinary(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_api_submission_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_token.id"], name=op.f("fk_api_submission_token_id_api_token"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_id", "key_print", name=op.f("pk_api_submission")),
    )
    op.create_index(op.f("ix_api_submission_at"), "api_submission", ["at"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document_print", sa.LargeBinary(), nullable=True),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name=op.f("fk_claim_order_id_work_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_claim_attempt_id")),
    )
    op.create_index(
        "uq_claim_waiting",
        "claim",
        ["document_print"],
        unique=True,
        postgresql_where=sa.text("state = 'POR_CONFIRMAR'"),
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
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_going", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_unwanted", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_rehearsal_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
    )
    op.create_index(op.f("ix_rehearsal_campaign_id"), "rehearsal", ["campaign_id"], unique=False)
    op.create_index("uq_rehearsal_going", "rehearsal", ["is_going"], unique=True, postgresql_where=sa.text("is_going"))
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("xlsx_file_id", sa.BigInteger(), nullable=True),
        sa.Column("pdf_file_id", sa.BigInteger(), nullable=True),
        sa.Column("to_print", sa.LargeBinary(), nullable=True),
        sa.Column("mail_id", sa.BigInteger(), nullable=True),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_report_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(
        "uq_report_calls", "report", ["kind", "until"], unique=True, postgresql_where=sa.text("campaign_id is null")
    )
    op.create_index("uq_report_campaign", "report", ["campaign_id", "kind", "until"], unique=True)
    op.create_table(
        "test_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remote_sid", sa.Text(), nullable=True),
        sa.Column("remote_status", sa.Text(), nullable=True),
        sa.Column("refused_code", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_test_call_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_call")),
        sa.UniqueConstraint("remote_sid", name=op.f("uq_test_call_remote_sid")),
    )
    op.create_index("ix_test_call_account", "test_call", ["account_id", "wanted_at"], unique=False)
    op.create_table(
        "collected_answer",
        sa.Column("recipient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("given_print", sa.LargeBinary(), nullable=False),
        sa.Column("stands_print", sa.LargeBinary(), nullable=False),
        sa.Column("corrected_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_collected_answer_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipient.id"],
            name=op.f("fk_collected_answer_recipient_id_recipient"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recipient_id", "number", name=op.f("pk_collected_answer")),
    )
    op.create_index(
        "ix_collected_counted", "collected_answer", ["campaign_id", "number", "state", "stands_print"], unique=False
    )
    op.create_index(
        "ix_collected_state", "collected_answer", ["campaign_id", "state", "recipient_id", "number"], unique=False
    )
    op.create_index(
        "ix_collected_waiting",
        "collected_answer",
        ["campaign_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "people_tally",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("was_called", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
    )
    op.execute(
        "\ncreate function count_people() returns trigger language plpgsql as $$\nbegin\n    insert into people_tally (campaign_id, outcome, is_final, was_called, people) values\n        (old.campaign_id, old.outcome, old.is_final, old.attempts > 0, -1),\n        (new.campaign_id, new.outcome, new.is_final, new.attempts > 0, 1);\n    return null;\nend $$;\ncreate trigger people_are_counted after update of outcome, is_final, attempts on recipient for each row\n    when ((old.outcome, old.is_final, old.attempts > 0) is distinct from (new.outcome, new.is_final, new.attempts > 0))\n    execute function count_people();\n"
    )
    op.create_index("ix_people_tally", "people_tally", ["campaign_id"], unique=False)
    op.create_table(
        "call_tally",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
    )
    op.execute(
        "\ncreate function count_calls() returns trigger language plpgsql as $$\nbegin\n    insert into call_tally (campaign_id, minute, calls, answered) values (new.campaign_id,\n        date_trunc('minute', new.started_at), 1, coalesce(left(new.outcome, 8) = 'contacto' or new.outcome = 'no_contacto.colgo', false)::int);\n    return null;\nend $$;\ncreate trigger calls_are_counted after update of state on attempt for each row\n    when (new.state = 'ended' and old.state <> 'ended' and new.remote_sid is not null and new.started_at is not null)\n    execute function count_calls();\n"
    )
    op.create_index("ix_call_tally", "call_tally", ["campaign_id", "minute"], unique=False)
    op.create_table(
        "rule_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_the_phones", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_rule_decision_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_decision")),
    )
    op.create_index(op.f("ix_rule_decision_attempt_id"), "rule_decision", ["attempt_id"], unique=False)
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
    op.add_column("campaign", sa.Column("people_purged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaign", sa.Column("file_removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaign", sa.Column("named_readers", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("campaign", sa.Column("must_validate", sa.Boolean(), server_default="false", nullable=False))
    op.create_unique_constraint(op.f("uq_campaign_filing_number"), "campaign", ["filing_number"])
    op.add_column("exclusion", sa.Column("line", sa.Text(), nullable=True))
    op.add_column("exclusion", sa.Column("value_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("exclusion", sa.Column("added_by", sa.Text(), server_default="ivr", nullable=False))
    op.add_column("exclusion", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("exclusion", sa.Column("removed_by", sa.Text(), nullable=True))
    op.add_column("exclusion", sa.Column("removed_because", sa.Text(), nullable=True))
    # Whoever pressed 8 in two calls was noted twice; the first stands.
    op.execute(
        "delete from exclusion later using exclusion earlier where later.id > earlier.id and later.kind = earlier.kind"
        " and later.print = earlier.print and later.campaign_id is not distinct from earlier.campaign_id"
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
        "ix_recipient_outcome",
        "recipient",
        ["campaign_id", "outcome", "row"],
        unique=False,
        postgresql_where=sa.text("outcome is not null"),
    )
    op.create_index(
        "ix_recipient_zone",
        "recipient",
        ["campaign_id", "zone"],
        unique=False,
        postgresql_where=sa.text("zone is not null and not is_final"),
    )
