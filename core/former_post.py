"""The tables in which letters and texts waited until 0.4.2: emptied into ``post`` by a job (messages/former.py), and
dropped by the release after this one, with this file."""

from sqlalchemy import BigInteger, Column, Connection, Identity, Index, Integer, LargeBinary, Table, Text, select, text

from core.database import Moment, metadata

mail = Table(
    "mail",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("campaign_id", BigInteger),
    Column("once", Text, unique=True),
    Column("to_sealed", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),  # queued · sent · failed
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("problem", Text),
    Column("queued_at", Moment, nullable=False),
    Column("tried_at", Moment),
    Column("sent_at", Moment),
    Index("ix_mail_campaign", "campaign_id"),
    Index("ix_mail_unsent", "state", postgresql_where=text("state <> 'sent'")),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("to_sealed", LargeBinary, nullable=False),  # empty: erased
    Column("prompt", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued · unknown · sent · refused · failed
    Column("queued_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("remote_sid", Text),
)


def former_letter(tx: Connection, once: str) -> int | None:
    """The letter left under this name that is still to be brought over; it keeps its id."""
    return tx.execute(select(mail.c.id).where(mail.c.once == once)).scalar()
