"""What was written to the padrón, so that one act said twice is done once, and told once in the audit trail."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from beneficiaries.tables import padron_act
from core.privacy import Vault


def print_of(vault: Vault, what: str, *told: str) -> bytes:
    """Of an act: what is done, to whom, the value, and who or what does it."""
    return vault.fingerprint(what, "\x00".join(told))


def is_first(tx: Connection, now: datetime, act_print: bytes) -> bool:
    """Notes the act; False where it was noted before. The same one at once waits for the other's transaction."""
    noted = insert(padron_act).values(print=act_print, at=now).on_conflict_do_nothing().returning(padron_act.c.at)
    return tx.execute(noted).first() is not None


def forget(tx: Connection, before: datetime, most: int) -> int:
    """Deletes acts of that time, at most ``most``; how many. Nobody repeats one that is days old."""
    found = select(padron_act.c.print).where(padron_act.c.at <= before).order_by(padron_act.c.at).limit(most)
    prints = tx.execute(found.with_for_update(skip_locked=True)).scalars().all()
    tx.execute(delete(padron_act).where(padron_act.c.print.in_(prints)))
    return len(prints)
