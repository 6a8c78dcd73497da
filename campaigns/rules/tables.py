"""What the rules keep of their own: days on which nobody is called, beside the country's holidays."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Table, Text, text

from core.database import Moment, metadata

#: Decreed days and public employees' vacations. A row is never deleted: it is taken back.
closed_day = Table(
    "closed_day",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("country", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # asueto · vacacion
    Column("added_at", Moment, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("removed_at", Moment),
    Column("removed_by", Text),
    Index("uq_closed_day_standing", "country", "day", unique=True, postgresql_where=text("removed_at is null")),
)
