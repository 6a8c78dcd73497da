"""What dialers share: who holds which trunk."""

from sqlalchemy import BigInteger, Column, Table, Text

from core.database import Moment, metadata

lease = Table(
    "lease",
    metadata,
    Column("trunk", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
