"""Texts to citizens, written in the transaction that wants them and sent by a job: no caller waits for one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, Identity, LargeBinary, Table, Text, func, insert, select, update

from core import jobs
from core.database import Moment, metadata
from core.privacy import Vault

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("to_sealed", LargeBinary, nullable=False),  # empty: erased (``erase``)
    Column("prompt", Text, nullable=False),  # a key of the catalogue: the text holds nothing of the person
    Column("state", Text, nullable=False),  # queued · unknown · sent · refused · failed
    Column("queued_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("remote_sid", Text),
)

SEND_SMS = "messages.send_sms"
WAITING = ("queued", "unknown")  #: the latter: it was asked for once, and is not known to have been taken
_NEWEST = 10_000  # texts that are looked through for those that wait: there is no index of those that wait
ERASED = b""  #: in place of the telephone


def queue_sms(tx: Connection, vault: Vault, now: datetime, to: str, line: str, prompt: str) -> int:
    """Leaves a text for ``to`` (E.164): sent if, and only if, the transaction commits. Returns its id."""
    row = {"line": line, "to_sealed": vault.seal(to), "prompt": prompt, "state": "queued", "queued_at": now}
    message_id = tx.execute(insert(outbox).values(**row).returning(outbox.c.id)).scalar_one()
    jobs.defer(tx, SEND_SMS, message_id=message_id)
    return message_id


@dataclass(frozen=True)
class Failed:
    """Texts of a line with the same words that nobody was sent. ``last``: when the newest was written."""

    line: str
    prompt: str
    count: int
    last: datetime


def failed_texts(tx: Connection, hidden_lines: Collection[str] = ()) -> list[Failed]:
    """Those whose telephones are not erased yet, the newest first."""
    which = (outbox.c.state == "failed", outbox.c.to_sealed != ERASED, outbox.c.line.not_in(list(hidden_lines)))
    last = func.max(outbox.c.queued_at)
    query = select(outbox.c.line, outbox.c.prompt, func.count(), last).where(*which)
    rows = tx.execute(query.group_by(outbox.c.line, outbox.c.prompt).order_by(last.desc(), outbox.c.prompt))
    return [Failed(*row) for row in rows]


def waiting(tx: Connection) -> list[int]:
    """Which of the newest texts are still to be sent: an old one has failed by then (``fail_forgotten``)."""
    newest = select(outbox.c.id, outbox.c.state).order_by(outbox.c.id.desc()).limit(_NEWEST).subquery()
    return list(tx.execute(select(newest.c.id).where(newest.c.state.in_(WAITING)).order_by(newest.c.id)).scalars())


def fail_forgotten(tx: Connection, now: datetime, before: datetime) -> int:
    """Texts that wait since then and will not be sent: their job was lost. How many."""
    waiting = (outbox.c.state.in_(WAITING), outbox.c.queued_at <= before)
    return tx.execute(update(outbox).where(*waiting).values(state="failed", sent_at=now)).rowcount


def erase(tx: Connection, before: datetime) -> int:
    """Forgets whom the texts queued by then went to, of those that no longer wait; that there were any stays, with
    their line, text and end. How many; a second time none."""
    old = (outbox.c.state.not_in(WAITING), outbox.c.queued_at <= before, outbox.c.to_sealed != ERASED)
    return tx.execute(update(outbox).where(*old).values(to_sealed=ERASED)).rowcount
