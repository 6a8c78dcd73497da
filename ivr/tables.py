"""What a call remembers, keyed by its CallSid: never in a URL, never in a log."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.database import Moment, metadata

call = Table(
    "call",
    metadata,
    Column("sid", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("direction", Text, nullable=False),  # inbound · outbound · test
    Column("attempt_id", BigInteger),
    Column("citizen_sealed", LargeBinary),  # their telephone; null when it was withheld
    Column("citizen_print", LargeBinary),
    Column("turn", Integer, nullable=False),  # of the keys we wait for; an older one was answered already
    Column("tries", SmallInteger, nullable=False),  # at the present question: silences and wrong keys
    Column("answer", JSONB, nullable=False),  # what we said last: keys of the catalogue, and what comes next
    Column("memory_sealed", LargeBinary),  # wiped when the call ends
    Column("path", ARRAY(Text)),  # the menus it went through, by their names: every call is registered (R101)
    Column("subject", Text),  # what it was about, where a menu says so: QUEJA, TRAMITE_PROPIO…
    Column("has_keyed", Boolean, nullable=False, server_default="false"),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment),  # the last turn: what the call did since then only its end can tell
    Column("ended_at", Moment),
    Column("remote_status", Text),
    Column("remote_sequence", Integer),
    Column("duration_s", Integer),
    Index("ix_call_started", "started_at"),
    Index("ix_call_open", "started_at", postgresql_where=text("ended_at is null")),
    Index("ix_call_citizen", "citizen_print"),
    Index(
        "ix_call_to_purge",
        "ended_at",
        postgresql_where=text("citizen_sealed is not null or citizen_print is not null"),
    ),
)
