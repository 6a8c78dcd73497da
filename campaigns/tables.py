"""What a campaign leaves in the database: the request, its people, the attempts to reach them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaigns.states import LIVE, AttemptState
from core.database import Moment, metadata

campaign = Table(
    "campaign",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("state", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("kind", Text, nullable=False),  # tipo_campana
    Column("mode", Text, nullable=False),  # AUTOMATICA · OPERADOR · TEXTOS
    Column("texting", Text),  # when it sends texts (states.Texting); null: it only calls
    Column("is_plain_text", Boolean, nullable=False, server_default="false"),  # its texts go in the letters of GSM-7
    Column("line", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("trunk", Text, nullable=False, server_default="default"),
    Column("caller_id", Text, nullable=False),
    Column("caller_ids", ARRAY(Text)),  # the line's, where it has several; null: caller_id alone
    Column("share", SmallInteger, nullable=False, server_default="1"),  # of a trunk, beside its equals in priority
    Column("request_sealed", LargeBinary, nullable=False),  # every field of the request, as JSON
    Column("headings", JSONB, nullable=False),  # of the upload, in its order
    Column("delimiter", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("file_id", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("starts_at", Moment, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("hours_from", Text),  # HH:MM, narrows the country's window
    Column("hours_to", Text),
    Column("weekdays", ARRAY(SmallInteger)),  # 0 Monday … 6 Sunday; null: the country's
    Column("max_attempts", SmallInteger, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("is_sensitive", Boolean, nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("finished_at", Moment),
    Column("replaces", BigInteger),
    Column("filing_number", Text, unique=True),  # CAMP-AAAA-NNNN (campaigns/intake/filing.py)
    Column("people_purged_at", Moment),  # since when nothing here says who they were (reports/retention.py)
    Column("file_removed_at", Moment),  # since when the upload itself is gone
    Column("named_readers", ARRAY(Text)),  # e-mails of those who alone may know of it; null: not reserved by name
    Column("trouble", Text),  # why the carrier refuses its calls: refused, and the carrier's code
    Column("must_validate", Boolean, nullable=False, server_default="false"),  # requiere_validacion
    Column(
        "carries_to", Text
    ),  # the conversation that whoever heard the message may go on to (campaigns/one_person.py)
)

recipient = Table(
    "recipient",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), nullable=False),
    Column("row", Integer, nullable=False),  # of the upload: the first person is where the sheet says
    Column("person_print", LargeBinary),  # fingerprint of the document; null when it was unreadable
    Column("data_sealed", LargeBinary, nullable=False),  # {"cells": [...], "contact": {...} | null}
    Column("phones", SmallInteger, nullable=False),  # how many usable ones
    Column("spent", SmallInteger, nullable=False, server_default="0"),  # a bit for each phone not to be dialled again
    Column("answers", ARRAY(LargeBinary)),  # keyed hashes of the security answers; purged when the campaign ends
    Column("outcome", Text),  # the last one, or why it is never dialled
    Column("is_final", Boolean, nullable=False, server_default="false"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),  # calls placed
    Column("first_attempt_at", Moment),
    Column("last_attempt_at", Moment),
    Column("last_phone", SmallInteger),
    Column("last_duration_s", Integer),
    Column("collected_sealed", LargeBinary),  # {"1": "…"} answers to recolectar_N
    Column("zone", Text),  # IANA, where the person is; null: the country's
    Column("preferred", Text),  # HH:MM-HH:MM, their franja_preferida; null: none that we understand
    UniqueConstraint("campaign_id", "row"),
    Index("ix_recipient_person", "person_print"),
    Index("ix_recipient_open", "campaign_id", postgresql_where=text("not is_final")),
    Index("ix_recipient_zone", "campaign_id", "zone", postgresql_where=text("zone is not null and not is_final")),
    Index("ix_recipient_uncalled", "campaign_id", "row", postgresql_where=text("outcome is null")),
    Index("ix_recipient_outcome", "campaign_id", "outcome", "row", postgresql_where=text("outcome is not null")),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), nullable=False),
    Column("recipient_id", BigInteger, ForeignKey("recipient.id"), nullable=False),
    Column("phone", SmallInteger, nullable=False),  # 0, 1 or 2: telefono_1 …
    Column("channel", Text),  # states.Channel; null: a call, of a campaign that only calls
    Column("state", Text, nullable=False, server_default=AttemptState.DUE),
    Column("due_at", Moment, nullable=False),
    Column("trunk", Text, nullable=False),
    Column(
        "carrier_account", Text
    ),  # at which the carrier was asked; null: not yet, by the desk, or before this was kept
    Column("epoch", BigInteger),  # of the lease under which it was claimed
    Column("asked_at", Moment),  # real time: what reconciling measures with
    Column("started_at", Moment),  # the citizen's time
    Column("ended_at", Moment),
    Column("remote_sid", Text, unique=True),
    Column("remote_status", Text),
    Column("refused_code", Integer),
    Column("answered_by", Text),
    Column("progress", Text),
    Column("outcome", Text),
    Column("duration_s", Integer),
    Column("to_print", LargeBinary),  # fingerprint of the telephone, once it was to be dialled
    Column("caller_id", Text),  # what the telephone showed; null: the campaign's
    Column("segments", SmallInteger),  # of a text, as it was handed over; null: a call, or before this was kept
    Index(
        "ix_attempt_due",
        "campaign_id",
        "due_at",
        "id",
        postgresql_where=text(f"state = '{AttemptState.DUE}'"),
    ),
    Index(
        "ix_attempt_due_channel",
        "campaign_id",
        "channel",
        "due_at",
        "id",
        postgresql_where=text(f"state = '{AttemptState.DUE}' and channel is not null"),
    ),
    Index(
        "ix_attempt_live",
        "trunk",
        "asked_at",
        postgresql_where=text("state in ({})".format(", ".join(f"'{state}'" for state in LIVE))),
    ),
    Index("ix_attempt_recipient", "recipient_id"),
    Index("ix_attempt_started", "campaign_id", "started_at"),
    Index("ix_attempt_to", "to_print", "started_at", postgresql_where=text("to_print is not null")),
)

#: Whose a contact of a campaign in mode OPERADOR is, and how far its call has come. An open row is somebody's.
operated_contact = Table(
    "operated_contact",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("attempt_id", BigInteger, ForeignKey("attempt.id"), nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("operator", Text, nullable=False),
    Column("claimed_at", Moment, nullable=False, key="taken_at"),
    Column("claimed_until", Moment, nullable=False, key="taken_until"),
    Column("room_id", BigInteger),  # the conversation at the desk; null: nobody has been rung
    Column("answered_at", Moment),  # somebody is, or was, on the citizen's telephone
    Column("remote_status", Text),  # the citizen's telephone is off the line: the carrier's word
    Column("duration_s", Integer),
    Column("entries", JSONB, nullable=False, server_default="{}"),  # {"0": [false, true]}: never what was said
    Column("redeemed", Text),  # R46: what they say of the subsidy
    Column("ended_at", Moment),
    Column("ended_as", Text),  # outcome, put_back, expired, concluded
    Column("reason_sealed", LargeBinary),  # why they put it back, in their words: goes with the campaign's people
    Index("uq_operated_attempt", "attempt_id", unique=True, postgresql_where=text("ended_at is null")),
    Index("uq_operated_account", "account_id", unique=True, postgresql_where=text("ended_at is null")),
    Index("ix_operated_history", "attempt_id", "account_id"),
)

observation = Table(
    "observation",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("level", Text, nullable=False),  # error · aviso
    Column("sheet", Text),
    Column("row", Integer),
    Column("column", Text),
    Column("cell", Text),
    Column("value", Text),  # masked
    Column("message", Text, nullable=False),
    Column("suggestion", Text),
)

#: Who is not to be called. A row is never deleted: it is taken back, by somebody and for a reason.
exclusion = Table(
    "exclusion",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),  # person · phone
    Column("print", LargeBinary, nullable=False),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id")),  # for one campaign
    Column("line", Text),  # for the entity of this line; null with campaign_id null: everything
    Column("campaign_kind", Text),  # of the line's campaigns those of this kind (tipo_campana); null: of every kind
    Column("value_sealed", LargeBinary),  # the document or telephone, for whoever may read it
    Column("since", Moment, nullable=False),
    Column("cause", Text, nullable=False),  # what the version before reads; the next one writes none
    Column("cause_sealed", LargeBinary),  # null: the line's own words, erased, or not sealed yet
    Column("added_by", Text, nullable=False, server_default="ivr"),
    Column("removed_at", Moment),
    Column("removed_by", Text),
    Column("removed_because", Text),  # what was written before it was sealed; nothing is any more
    Column("removed_because_sealed", LargeBinary),
    Index("ix_exclusion_print", "print", "kind", postgresql_where=text("removed_at is null")),
    Index(
        "uq_exclusion_place",
        "kind",
        "print",
        text("coalesce(campaign_id, 0)"),
        text("coalesce(line, '')"),
        text("coalesce(campaign_kind, '')"),
        unique=True,
        postgresql_where=text("removed_at is null"),
    ),
)

lease = Table(
    "lease",
    metadata,
    Column("trunk", Text, primary_key=True),
    Column("owner", Text, nullable=False),  # the dialer that holds it
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),  # by the database's real clock
    Column("trouble", Text),  # why it rests: carrier_down, or refused and the carrier's code
)
