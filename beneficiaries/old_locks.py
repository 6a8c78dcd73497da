"""Locks that are over, and why a person lifted one, for as long as they are kept; and failed tries of long ago."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select

from beneficiaries.locks import Scope
from beneficiaries.tables import failed_try, lock
from core.privacy import Vault


@dataclass(frozen=True)
class Lifted:
    """A lock that a person lifted, as a screen may show it to who answers for that person's work."""

    id: int
    scope: Scope
    masked: str  #: ``00•••••-•`` or ``+503 ••••-••44``
    at: datetime
    by: str
    reason: str = field(repr=False)


def lifted_locks(tx: Connection, vault: Vault, limit: int = 50) -> list[Lifted]:
    """Those that are kept, the last to be lifted first. Of one of before reasons were kept the reason is empty."""
    query = select(lock).where(lock.c.lifted_at.is_not(None)).order_by(lock.c.lifted_at.desc(), lock.c.id.desc())
    return [_lifted(vault, row) for row in tx.execute(query.limit(limit))]


def erase_old(tx: Connection, before: datetime, most: int) -> int:
    """Deletes locks lifted or run out by then, at most ``most``; how many. The trail keeps that they were."""
    is_over = func.coalesce(lock.c.lifted_at, lock.c.until) <= before
    found = select(lock.c.id).where(is_over).order_by(lock.c.id).limit(most)
    ids = tx.execute(found.with_for_update(skip_locked=True)).scalars().all()
    tx.execute(delete(lock).where(lock.c.id.in_(ids)))
    return len(ids)


def forget_tries(tx: Connection, before: datetime, most: int) -> int:
    """Deletes failed tries of that time, at most ``most``; how many. Nothing counts one that is a day old."""
    found = select(failed_try.c.id).where(failed_try.c.at <= before).order_by(failed_try.c.id).limit(most)
    ids = tx.execute(found.with_for_update(skip_locked=True)).scalars().all()
    tx.execute(delete(failed_try).where(failed_try.c.id.in_(ids)))
    return len(ids)


def _lifted(vault: Vault, row: Row) -> Lifted:
    reason = vault.open(row.reason_sealed) if row.reason_sealed is not None else ""
    return Lifted(row.id, Scope(row.scope), row.masked, row.lifted_at, row.lifted_by, reason)
