"""What is kept of the texts that come in: that they came, and what was understood."""

from sqlalchemy import Column, Index, Table, Text

from core.database import Moment, metadata

#: By the carrier's own name for it: one that is delivered twice is heeded once. Neither who sent it nor their words.
incoming_text = Table(
    "incoming_text",
    metadata,
    Column("sid", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("said", Text, nullable=False),  # texting.stopping.Said
    Column("at", Moment, nullable=False),
    Index("ix_incoming_text_at", "at"),
)
