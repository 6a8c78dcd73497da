"""Who did what, when, and why: a record that the database itself keeps from change."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, Identity, Index, Table, Text, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB

from core.append_only import keep_from_change
from core.database import Moment, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("reason", Text),
    Column("facts", JSONB, nullable=False),
    Index(None, "subject", "subject_id", "id"),
    Index("ix_audit_pin", "at", postgresql_where=text("action in ('pin.set', 'pin.refused')")),
)

keep_from_change(audit, "the audit trail cannot be changed")


def record(
    tx: Connection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    subject_id: object,
    reason: str | None = None,
    **facts: object,
) -> None:
    """Writes one line of the trail. ``facts`` never hold personal data, only codes, counts and states."""
    tx.execute(
        insert(audit).values(
            at=at, actor=actor, action=action, subject=subject, subject_id=str(subject_id), reason=reason, facts=facts
        )
    )


def history(tx: Connection, subject: str, subject_id: object) -> list[dict]:
    """The trail of one thing, newest first."""
    about = (audit.c.subject == subject, audit.c.subject_id == str(subject_id))
    rows = tx.execute(select(audit).where(*about).order_by(audit.c.id.desc()))
    return [dict(row) for row in rows.mappings()]
