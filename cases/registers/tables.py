"""What the registers leave in the database. All of them are one table, so that a number means one entry."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from core.append_only import keep_from_change
from core.database import Moment, metadata

register_entry = Table(
    "register_entry",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("register", Text, nullable=False),  # books.Register
    Column("line", Text, nullable=False),
    Column("kind", Text, nullable=False),  # a code of the register's book
    Column("person", Text, nullable=False),  # whose work it was: an e-mail
    Column("at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("follow_up_at", Moment),  # when somebody is to be called again
    Column("case_id", BigInteger, ForeignKey("case_.id")),
    Column("corrects", BigInteger, ForeignKey("register_entry.id")),
    Column("written_at", Moment, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("plain", JSONB, nullable=False),  # what is nobody's own: a subject, a place, an authority
    Column("words", TSVECTOR),  # of that, folded
    Column("told_sealed", LargeBinary),  # JSON: what may be somebody's
    Column("once", LargeBinary),  # the print of what was sent, and of the form that sent it
    Column("erased_at", Moment),  # because the person asked for it
    Column("erased_by", Text),
    Index(None, "register", "at", "id"),
    Index("ix_register_entry_line", "register", "line", "at", "id"),
    Index("ix_register_entry_person", "register", "person", "at", "id"),
    Index("ix_register_entry_kind", "register", "kind", "at", "id"),
    Index("ix_register_entry_case", "case_id", postgresql_where=text("case_id is not null")),
    Index("ix_register_entry_words", "words", postgresql_using="gin"),
    Index("uq_register_entry_corrects", "corrects", unique=True),
    Index("uq_register_entry_once", "once", unique=True, postgresql_where=text("once is not null")),
)

# A correction is another entry: what was written first stays beside it (R86).
keep_from_change(register_entry, "a register is only added to", but_erase="told_sealed")

#: What became of a step before an authority, one row each time somebody asked (R88).
register_step = Table(
    "register_step",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("entry_id", BigInteger, ForeignKey("register_entry.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("state", Text, nullable=False),  # authority.AuthorityState, as it is from then on
    Column("follow_up_at", Moment),  # the next call
    Column("text_sealed", LargeBinary),
    Column("erased_at", Moment),
    Column("erased_by", Text),
    Index(None, "entry_id", "id"),
)

keep_from_change(register_step, "a register is only added to", but_erase="text_sealed")

#: How each step before an authority stands: what its last row says, for whoever looks for those that wait.
register_standing = Table(
    "register_standing",
    metadata,
    Column("entry_id", BigInteger, ForeignKey("register_entry.id"), primary_key=True),
    Column("at", Moment, nullable=False),  # the entry's own
    Column("state", Text, nullable=False),
    Column("follow_up_at", Moment),
    Index(None, "state", "at", "entry_id"),
)

#: What operators of a line read from, one row each time it is approved; only that it is retired is written later (R71).
resource = Table(
    "resource",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("replaces", BigInteger, ForeignKey("resource.id")),
    Column("retired_at", Moment),
    Column("retired_by", Text),
    Column("words", TSVECTOR, nullable=False),
    Index("ix_resource_standing", "line", "position", "id", postgresql_where=text("retired_at is null")),
)
