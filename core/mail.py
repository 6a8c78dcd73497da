"""Letters to people who work: written in the transaction that wants them, sent by a job, kept until they are gone."""

import re
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from core import jobs
from core.database import Moment, metadata
from core.mail_address import valid_address
from core.privacy import Vault

mail = Table(
    "mail",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),  # a code of whoever writes: receipt, returned, report …
    Column("campaign_id", BigInteger),
    Column("once", Text, unique=True),  # what this letter is the only one about; null: nothing
    Column("to_sealed", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),  # holds nothing of a person
    Column("body_sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),  # queued · sent · failed
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("problem", Text),  # a sentence: why the last try came to nothing
    Column("queued_at", Moment, nullable=False),
    Column("tried_at", Moment),
    Column("sent_at", Moment),
    Index("ix_mail_campaign", "campaign_id"),
    Index("ix_mail_unsent", "state", postgresql_where=text("state <> 'sent'")),
)

SEND_MAIL = "messages.send_mail"
LONGEST_SUBJECT = 200
NO_ADDRESS = "La dirección no es un correo válido."
ERASED = "Lo que decía ya se borró."
HOPELESS = (NO_ADDRESS, ERASED)  #: problems that no further try mends


def post(
    tx: Connection,
    vault: Vault,
    now: datetime,
    kind: str,
    to: str,
    subject: str,
    body: str,
    *,
    campaign_id: int | None = None,
    once: str | None = None,
) -> int:
    """Leaves a letter of plain text for ``to``, one address: sent if, and only if, the transaction commits.

    Returns its id. ``once``: written before under the same name, nothing is written and that one's id returned. An
    address that is none is kept as failed, where people see it. The subject may hold nothing of a person.
    """
    address = valid_address(to)
    row = {
        "kind": kind,
        "campaign_id": campaign_id,
        "once": once,
        "to_sealed": vault.seal(address or to),
        "subject": re.sub(r"[\s\x00-\x1f\x7f]+", " ", subject).strip()[:LONGEST_SUBJECT],
        "body_sealed": vault.seal(body),
        "state": "queued" if address else "failed",
        "problem": None if address else NO_ADDRESS,
        "queued_at": now,
    }
    written = tx.execute(
        insert(mail).values(**row).on_conflict_do_nothing(index_elements=["once"]).returning(mail.c.id)
    ).scalar()
    if written is None:
        return tx.execute(select(mail.c.id).where(mail.c.once == once)).scalar_one()
    if address:
        defer_sending(tx, written)
    return written


def send_again(tx: Connection, now: datetime, mail_id: int) -> bool:
    """Has a letter that was not sent tried at once, and for a day again; False when there is none such."""
    unsent = (mail.c.id == mail_id, mail.c.state != "sent", _may_leave())
    fresh = {"state": "queued", "tries": 0, "queued_at": now}
    if not tx.execute(update(mail).where(*unsent).values(**fresh)).rowcount:
        return False
    defer_sending(tx, mail_id)
    return True


def defer_sending(tx: Connection, mail_id: int) -> None:
    """Leaves the job that sends it. One letter at a time: a server that hangs holds one of the worker's threads."""
    jobs.defer(tx, SEND_MAIL, lock=SEND_MAIL, mail_id=mail_id)


def _may_leave() -> ColumnElement[bool]:
    return func.coalesce(mail.c.problem, "").not_in(HOPELESS)


def erase(tx: Connection, vault: Vault, which: ColumnElement[bool]) -> int:
    """Forgets to whom letters went and what they said, of those that no longer wait; that there were any stays.

    How many; a second time none. ``which``: the condition on ``mail``.
    """
    nothing = vault.seal("")
    old = (which, mail.c.state != "queued", mail.c.problem.is_distinct_from(ERASED))
    gone = {"to_sealed": nothing, "body_sealed": nothing, "problem": ERASED}
    return tx.execute(update(mail).where(*old).values(**gone)).rowcount


def mask_address(address: str) -> str:
    """``ana.perez@salud.gob.sv`` → ``a•••@salud.gob.sv``."""
    name, at, domain = address.strip().rpartition("@")
    return f"{name[:1]}•••@{domain}"[:80] if at else "•••"


def waiting(tx: Connection) -> int:
    """How many letters are still to be sent, those that do not leave among them."""
    unsent = mail.c.state != literal_column("'sent'")  # written out: the index of these serves a plan that is kept
    return tx.execute(select(func.count()).select_from(mail).where(unsent)).scalar_one()
