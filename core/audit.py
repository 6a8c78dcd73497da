"""Who did what, when, and why: a record that the database itself keeps from change."""

from datetime import datetime

from sqlalchemy import DDL, BigInteger, Column, Connection, Identity, Index, Table, Text, event, insert, select
from sqlalchemy.dialects.postgresql import JSONB

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
)

#: The trail only grows: the database refuses to change or to remove a line, whoever asks (architecture.md, Trust).
APPEND_ONLY = """
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail cannot be changed' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function audit_is_append_only();
"""
event.listen(audit, "after_create", DDL(APPEND_ONLY))
event.listen(audit, "after_drop", DDL("drop function audit_is_append_only()"))


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
