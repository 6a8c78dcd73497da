"""The rehearsal clock's offset, shared by every process."""

from sqlalchemy import CheckConstraint, Column, Float, Integer, Table

from core.database import metadata

clock_offset = Table(
    "clock_offset",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seconds", Float, nullable=False),  # ahead of the real clock
    CheckConstraint("id = 1", name="one_row"),
)
