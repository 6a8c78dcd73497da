"""What is kept of a request on its way: its number, the term of its return, its correction, its columns."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Identity, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from core.database import Moment, metadata

filing_year = Table(
    "filing_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),  # the number given last; its row is locked until the campaign is stored
)

intake = Table(
    "intake",
    metadata,
    Column("campaign_id", BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
    Column("requester_print", LargeBinary, index=True),  # fingerprint EMAIL_PRINT of correo_solicitante
    Column("returned_at", Moment),
    Column("correct_by", Date),  # the last day on which a correction is taken
    Column("reminded_at", Moment),
    Column("comparison_sealed", LargeBinary),  # with the file that it corrects, as JSON, masked
)

#: A file that waits for somebody to say which of its columns is which.
mapping_draft = Table(
    "mapping_draft",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("file_id", BigInteger, nullable=False),
    Column("filename", Text, nullable=False),
    Column("replaces", BigInteger),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
)

#: How a requesting area calls its columns: {heading as ``vocabulary.key_of`` makes it: column of the Formato, or ""}.
area_columns = Table(
    "area_columns",
    metadata,
    Column("area", Text, primary_key=True),  # ``key_of`` of its name
    Column("known", JSONB, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
)
