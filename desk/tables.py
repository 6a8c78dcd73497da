"""What the desk keeps: operators, rooms, the legs of their calls, every second of them, promises and messages."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.append_only import keep_from_change
from core.database import Moment, metadata
from desk.states import CHAT_MOVES, MOVES

operator = Table(
    "operator",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("since", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),  # the desk's page is open
    Column("telephone_sealed", LargeBinary),  # null: the telephone in the browser
    Column("skills", ARRAY(Text), nullable=False, server_default="{}"),
    Column("is_supervisor", Boolean, nullable=False, server_default="false"),
    Column("role", Text, nullable=False, server_default="OPERADOR"),  # of the account: some lines are for some roles
    Column("room_id", BigInteger),  # the conversation that is theirs now
)

presence_change = Table(
    "presence_change",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Index(None, "account_id", "at"),
)

room = Table(
    "room",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("call_sid", Text),  # the citizen's call on this line, whose memory holds what the IVR learnt
    Column("citizen_sealed", LargeBinary),
    Column("citizen_print", LargeBinary),
    Column("learnt_sealed", LargeBinary),  # JSON: document, is_verified, path, wants, pin
    Column("document_print", LargeBinary),  # of the document in it; empty: there is none in it
    Column("is_crisis", Boolean, nullable=False, server_default="false"),
    Column("is_helpline", Boolean, nullable=False, server_default="false"),  # never a goodbye of ours
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("place_since", Moment, nullable=False),  # the place in the queue: kept when a call goes back to it
    Column("entered_at", Moment, nullable=False),
    Column("queued_at", Moment, nullable=False),  # into the present queue, for its limits
    Column("asked_queue", Text),  # the one that it came from by overflow (overflow.py); null: the present one
    Column("queues_passed", SmallInteger, nullable=False, server_default="0"),  # before the present one: overflow.py
    Column("ways_tried", SmallInteger, nullable=False, server_default="0"),  # out of the present queue
    Column("is_exhausted", Boolean, nullable=False, server_default="false"),  # every way was tried: they were told
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("ended_as", Text),
    Column("account_id", BigInteger),  # the operator who has it, or had it last
    Column("wanted_account", BigInteger),  # only this operator: a call that comes back
    Column("is_finished", Boolean, nullable=False, server_default="false"),  # the operator said goodbye
    Column("attempt_id", BigInteger),
    Column("promise_id", BigInteger),
    Column("conference_sid", Text),
    Column("carrier_account", Text),  # of the call that began it; null: of the line's number
    Column("is_emergency", Boolean, nullable=False, server_default="false"),
    Column("zone", Text),
    Column("place_sealed", LargeBinary),  # the exact location (R76)
    Column("is_safe_to_call", Boolean, nullable=False, server_default="false"),
    Column("confirmed", Text),  # «patrulla localizó», «situación controlada», or a supervisor's reason
    Column("override_sealed", LargeBinary),  # why a supervisor unlocked it, in their own words
    Column("reason_sealed", LargeBinary),  # why an operator placed this call, in their own words
    Column("support_since", Moment),  # the operator asked for support
    Column("purged_at", Moment),  # since when nothing here says whose it was: retention.py
    Index("ix_room_open", "state", "priority", "place_since", postgresql_where=text("state <> 'ENDED'")),
    Index("ix_room_call", "call_sid"),
    Index("ix_room_citizen", "citizen_print", "entered_at"),
    Index("ix_room_ended", "line", "queue", "ended_at"),
    Index("ix_room_entered", "entered_at"),
    Index("ix_room_to_purge", "ended_at", postgresql_where=text("purged_at is null and state = 'ENDED'")),
    Index("ix_room_document", "document_print", postgresql_where=text("document_print is not null")),
)

leg = Table(
    "leg",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("room_id", BigInteger, ForeignKey("room.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("result", Text),  # completed, busy, no-answer, failed, canceled, refused
    Column("sid", Text),
    Column("account_id", BigInteger),
    Column("address_sealed", LargeBinary),
    Column("send_digits", Text),
    Column("name", Text),  # of a service or of whoever is consulted; never a citizen's
    Column("kind", Text),  # of a service
    Column("rank", SmallInteger),  # its place in the list
    Column("is_quiet", Boolean, nullable=False, server_default="false"),  # to be told nothing before it is joined
    Column("wants_hold", Boolean, nullable=False, server_default="false"),
    Column("is_held", Boolean, nullable=False, server_default="false"),
    Column("wants_mute", Boolean, nullable=False, server_default="false"),
    Column("is_muted", Boolean, nullable=False, server_default="false"),
    Column("coaches", Text),  # the sid of whom alone they speak to
    Column("is_coaching", Boolean, nullable=False, server_default="false"),
    Column("wants_out", Boolean, nullable=False, server_default="false"),
    Column("wants_look", Boolean, nullable=False, server_default="false"),  # to be sent to its next document
    Column("ring_seconds", Integer, nullable=False, server_default="25"),
    Column("wanted_at", Moment, nullable=False),
    Column("asked_at", Moment),
    Column("answered_at", Moment),
    Column("joined_at", Moment),
    Column("ended_at", Moment),
    Column("claimed_until", Moment),  # somebody is speaking to the carrier about it
    Index("ix_leg_room", "room_id"),
    Index("ix_leg_sid", "sid"),
    Index("ix_leg_account", "account_id", "joined_at", postgresql_where=text("account_id is not null")),
    Index("ix_leg_open", "state", postgresql_where=text("state <> 'ENDED'")),
)

room_event = Table(
    "room_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("room_id", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("leg_id", BigInteger),
    Column("facts", JSONB, nullable=False),
    Index(None, "room_id", "id"),
    Index("ix_room_event_move", "at", "room_id", postgresql_where=text(f"kind in {MOVES}")),
    Index("ix_room_event_chat", "at", "room_id", postgresql_where=text(f"kind in {CHAT_MOVES}")),
)

# Every second of a call in an emergency is evidence.
keep_from_change(room_event, "what happened in a room cannot be changed")

promise = Table(
    "promise",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("phone_sealed", LargeBinary),  # null: purged
    Column("phone_print", LargeBinary),
    Column("learnt_sealed", LargeBinary),
    Column("document_print", LargeBinary),  # as of a room
    Column("place_since", Moment, nullable=False),
    Column("due_at", Moment),  # the hour that was promised (R79, R87); null: as soon as somebody is free
    Column("case_id", BigInteger),  # what it is about, where that is a case
    Column("made_by", Text),  # who promised it, an e-mail; null: the line
    Column("made_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("ended_at", Moment),
    Column("ended_by", Text),  # who said that it is not needed any more; null: it ended by itself
    Column("purged_at", Moment),
    Index("ix_promise_to_purge", "ended_at", postgresql_where=text("purged_at is null")),
    Index("ix_promise_document", "document_print", postgresql_where=text("document_print is not null")),
    Index("ix_promise_case", "case_id", postgresql_where=text("case_id is not null")),
    Index("ix_promise_next", "next_at", postgresql_where=text("state = 'WAITING'")),
    Index(
        "uq_promise_whose",  # a row never is two people's
        "line",
        "phone_print",
        "due_at",
        "case_id",
        "document_print",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("state in ('WAITING', 'CALLING')"),
    ),
)

voice_message = Table(
    "voice_message",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("phone_sealed", LargeBinary),
    Column("phone_print", LargeBinary),
    Column("recording_sid", Text, nullable=False, unique=True),
    Column("carrier_account", Text),  # where it is; null: at the line's
    Column("seconds", Integer, nullable=False),
    Column("file_id", BigInteger),
    Column("left_at", Moment, nullable=False),
    Column("is_deleted_remotely", Boolean, nullable=False, server_default="false"),
    Column("heard_at", Moment),
    Column("heard_by", Text),
    Index("ix_voice_message_state", "state", "left_at"),
    Index("ix_voice_message_phone", "phone_print", postgresql_where=text("phone_print is not null")),
)
