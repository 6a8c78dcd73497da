"""What was done about a message."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text

from core.database import Moment, metadata

voice_message_note = Table(
    "voice_message_note",
    metadata,
    Column("message_id", BigInteger, ForeignKey("voice_message.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("note_sealed", LargeBinary, nullable=False),
)
