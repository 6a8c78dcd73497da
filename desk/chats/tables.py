"""What is kept of conversations that are written: whose they are, each message, and what came with one."""

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

from core.database import Moment, metadata

# Written out, as the indexes of these are: so they serve a plan that is kept.
IS_OPEN = "chat.state <> 'ENDED'"
IS_TALKING = "chat.state = 'TALKING'"
IS_UNSENT = "chat_message.state in ('QUEUED', 'ASKING', 'UNKNOWN')"

chat = Table(
    "chat",
    metadata,
    # Numbered with the rooms: a conversation has one number, spoken or written (decision 0036).
    Column(
        "id", BigInteger, primary_key=True, autoincrement=False, server_default=text("nextval('room_id_seq'::regclass)")
    ),
    Column("line", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("citizen_sealed", LargeBinary),  # null: purged
    Column("citizen_print", LargeBinary),
    Column("carrier_account", Text),  # that told of it; null: the line's
    Column("opened_at", Moment, nullable=False),
    Column("wrote_at", Moment, nullable=False),  # the person, last: what may be written to them hangs on it
    Column("owed_since", Moment),  # they wrote, and no person has answered yet
    Column("queued_at", Moment),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("ended_as", Text),
    Column("account_id", BigInteger),  # the operator who has it, or had it last
    Column("misses", SmallInteger, nullable=False, server_default="0"),  # in a row, that the menu did not understand
    Column("version", Integer, nullable=False, server_default="0"),  # of all that a page shows of it
    Column("purged_at", Moment),
    Index(
        "uq_chat_open", "line", "citizen_print", unique=True, postgresql_where=text("state <> 'ENDED'")
    ),  # one at a time with each person
    Index("ix_chat_waiting", "queued_at", postgresql_where=text("state = 'WAITING'")),
    Index("ix_chat_account", "account_id", postgresql_where=text("state = 'TALKING'")),
    Index("ix_chat_silent", "wrote_at", postgresql_where=text("state <> 'ENDED'")),
    Index("ix_chat_opened", "opened_at"),
    Index("ix_chat_answered", "answered_at", postgresql_where=text("answered_at is not null")),
    Index("ix_chat_ended", "ended_at", postgresql_where=text("ended_at is not null")),
    Index("ix_chat_citizen", "citizen_print", "opened_at"),
    Index("ix_chat_to_purge", "ended_at", postgresql_where=text("purged_at is null and state = 'ENDED'")),
)

chat_message = Table(
    "chat_message",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("chat_id", BigInteger, ForeignKey("chat.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("side", Text, nullable=False),
    Column("author", Text),  # the operator; null: the person, or the line itself
    Column("sid", Text, unique=True),
    Column("body_sealed", LargeBinary),  # null: purged
    Column("template", Text),  # ContentSid: these words were approved, and may be sent at any time
    Column("once", Text),  # of the page that sent it: a second press is the same message
    Column("state", Text, nullable=False),
    Column("asked_at", Moment),  # the carrier was last asked for it, or after it
    Column("tries", SmallInteger, nullable=False, server_default="0"),  # how often it was asked for
    Column("error", Integer),  # the carrier's code
    Index("ix_chat_message_chat", "chat_id", "id"),
    Index("uq_chat_message_once", "chat_id", "once", unique=True, postgresql_where=text("once is not null")),
    Index("ix_chat_message_unsent", "id", postgresql_where=text("state in ('QUEUED', 'ASKING', 'UNKNOWN')")),
)

chat_media = Table(
    "chat_media",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("message_id", BigInteger, ForeignKey("chat_message.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("sid", Text),  # at the carrier, where its bytes stay; null: purged, or it told none
    Column("sid_to_delete", Text),  # the same, once purged here, until the carrier has deleted it
    Column("shows", Text),  # what an operator saw in it: the document, the bill (R22)
    Column("shown_by", Text),
    Column("is_seen", Boolean, nullable=False, server_default="false"),
    Index("ix_chat_media_message", "message_id"),
    Index("ix_chat_media_to_delete", "id", postgresql_where=text("sid_to_delete is not null")),
)
