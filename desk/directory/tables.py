"""The directory: people and offices that a caller is put through to or referred to, and how their names are keyed."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from core.database import Moment, metadata

#: Whose order is that of the bytes, so that an index answers «begins with» whatever the database's own order is.
_PLAIN = Text(collation="C")

directory_entry = Table(
    "directory_entry",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("extension", Text),  # 2 to 8 digits, keyed once the switchboard answered: never a telephone
    Column("telephone", Text),  # E.164, or a short public number
    Column("email", Text),
    Column("category", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("verified_on", Date),
    Column("name_plain", _PLAIN, nullable=False),  # as spelling.fold makes it: the order of lists
    Column("words", TSVECTOR, nullable=False),  # of everything that is searched, folded
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", Text, nullable=False),
    Index(None, "line", "name_plain", "id"),
    Index(None, "name_plain", "id"),
    Index("ix_directory_entry_extension", "line", "extension"),
    Index("ix_directory_entry_words", "words", postgresql_using="gin"),
)

directory_key = Table(
    "directory_key",
    metadata,
    Column("entry_id", BigInteger, ForeignKey("directory_entry.id", ondelete="CASCADE"), primary_key=True),
    Column("position", SmallInteger, primary_key=True),  # of the word in the name
    Column("line", Text, nullable=False),
    Column("digits", _PLAIN, nullable=False),
    Column("name_plain", _PLAIN, nullable=False),  # here too: the index alone then tells whom to read out first
    Index("ix_directory_key_digits", "line", "digits", "name_plain", "entry_id"),
)
