"""Texts to citizens, written in the transaction that wants them and sent by a job: no caller waits for one."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, Identity, LargeBinary, Table, Text, insert

from core import jobs
from core.database import Moment, metadata
from core.privacy import Vault

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("to_sealed", LargeBinary, nullable=False),
    Column("prompt", Text, nullable=False),  # a key of the catalogue: the text holds nothing of the person
    Column("state", Text, nullable=False),  # queued · sent · refused · failed
    Column("queued_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("remote_sid", Text),
)

SEND_SMS = "messages.send_sms"


def queue_sms(tx: Connection, vault: Vault, now: datetime, to: str, line: str, prompt: str) -> int:
    """Leaves a text for ``to`` (E.164): sent if, and only if, the transaction commits. Returns its id."""
    row = {"line": line, "to_sealed": vault.seal(to), "prompt": prompt, "state": "queued", "queued_at": now}
    message_id = tx.execute(insert(outbox).values(**row).returning(outbox.c.id)).scalar_one()
    jobs.defer(tx, SEND_SMS, message_id=message_id)
    return message_id
