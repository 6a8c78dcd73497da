"""The rehearsals of campaigns: who asked, how far each has come, what it told."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from core.database import Moment, metadata

rehearsal = Table(
    "rehearsal",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("is_going", Boolean, nullable=False, server_default="true"),  # waits or runs: one at a time
    Column("people", Integer),  # so many, drawn by chance; null: everybody
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),  # people of whom it is known how it ends
    Column("total", Integer, nullable=False, server_default="0"),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("reached_at", Moment),  # on the rehearsal's clock
    Column("told_at", Moment),  # real time: when the progress was last written
    Column("is_unwanted", Boolean, nullable=False, server_default="false"),  # somebody asked to stop it
    Column("ended_at", Moment),
    Column("problem", Text),  # a sentence: why it came to nothing
    Column("report", JSONB),  # campaigns/rehearsals/report.py: numbers and hours, nothing of anybody
    Index("uq_rehearsal_going", "is_going", unique=True, postgresql_where=text("is_going")),
)
