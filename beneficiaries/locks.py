"""Failed tries and the silent locks that follow them: per document and per caller number (requirements.md §7).

Tries are counted over the last 24 hours, not by calendar day: midnight is no second chance. A try is counted before it
is judged, so that many at once are still counted one by one. One that succeeds is taken back and forgets those of its
document; the others of its caller stay, or one known date of birth would pay for guessing at others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select, update

from beneficiaries.tables import failed_try, lock
from core import audit
from core.privacy import Vault, mask_document, mask_phone

_WINDOW = timedelta(hours=24)


class Scope(StrEnum):
    """What is counted and locked."""

    DOCUMENT = "document"
    CALLER = "phone"  # the same fingerprints as any telephone's


@dataclass(frozen=True)
class Limits:
    """Failures in 24 hours that bring a lock, and its length."""

    per_document: int = 5
    per_caller: int = 10
    lock: timedelta = timedelta(hours=24)

    def of(self, scope: Scope) -> int:
        return self.per_document if scope is Scope.DOCUMENT else self.per_caller


@dataclass(frozen=True)
class Try:
    """A try as it was counted, before anybody judged it: a call remembers it while the padrón is asked."""

    counted: list[int]  #: its entries among the failed ones
    may_pass: bool  #: False behind a lock: right or wrong, it is a wrong one


@dataclass(frozen=True)
class Lock:
    """A lock as a screen may show it."""

    id: int
    scope: Scope
    masked: str  #: ``00•••••-•`` or ``+503 ••••-••44``
    since: datetime
    until: datetime


class ReasonMissing(Exception):
    """Para levantar un bloqueo hay que escribir el motivo."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


@dataclass(frozen=True)
class _Key:
    scope: Scope
    value_print: bytes
    masked: str


def list_locks(tx: Connection, now: datetime) -> list[Lock]:
    """Every lock that holds now, newest first, masked."""
    return _locks(tx, now)


def count_try(
    tx: Connection,
    vault: Vault,
    now: datetime,
    document: str | None = None,
    caller: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Try:
    """Counts a try as failed on each of the two that is given, before it is judged.

    ``document``: letters and digits; ``caller``: E.164, None when withheld. Two calls at once both count: they queue
    on an advisory lock of the document, then of the caller, until the other's transaction ends. Then follows one of
    note_failure, note_success and take_back.
    """
    counted, may_pass = [], True
    for key in _keys(vault, document, caller):
        _wait_for_others(tx, key)
        if _is_spent(tx, now, key, limits):
            may_pass = False  # a try behind a lock tells nothing, and must not make it longer
            continue
        entry = insert(failed_try).values(scope=key.scope, value_print=key.value_print, at=now)
        counted.append(tx.execute(entry.returning(failed_try.c.id)).scalar_one())
    return Try(counted, may_pass)


def note_failure(
    tx: Connection,
    vault: Vault,
    now: datetime,
    document: str | None = None,
    caller: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> None:
    """A try that was counted is wrong: locks whichever of the two has reached its limit."""
    for key in _keys(vault, document, caller):
        _wait_for_others(tx, key)
        _is_spent(tx, now, key, limits)


def note_success(tx: Connection, vault: Vault, tried: Try, document: str, caller: str | None = None) -> None:
    """A try was right: takes it back, and forgets the failed ones of the document, whose holder was verified."""
    take_back(tx, vault, tried, document, caller)
    _forget(tx, Scope.DOCUMENT, vault.fingerprint("document", document))


def take_back(tx: Connection, vault: Vault, tried: Try, document: str | None = None, caller: str | None = None) -> None:
    """A try that nobody could judge, the padrón being down, is none."""
    for key in _keys(vault, document, caller):
        _wait_for_others(tx, key)
    tx.execute(delete(failed_try).where(failed_try.c.id.in_(tried.counted)))


def lift(tx: Connection, vault: Vault, now: datetime, lock_id: int, actor: str, reason: str) -> bool:
    """Ends a lock, and counting begins anew; False when it no longer held. Raises ReasonMissing.

    The reason stands sealed with the lock (old_locks.py). The trail says that one was given, never its words: people
    write names, and nothing of it can be erased.
    """
    if not reason.strip():
        raise ReasonMissing
    still_holds = (lock.c.id == lock_id, lock.c.lifted_at.is_(None), lock.c.until > now)
    said = {"lifted_at": now, "lifted_by": actor, "reason_sealed": vault.seal(reason.strip())}
    ended = update(lock).where(*still_holds).values(**said)
    scope = tx.execute(ended.returning(lock.c.scope)).scalar()
    if scope is None:
        return False
    audit.record(tx, now, actor, "lock.lifted", "lock", lock_id, has_reason=True, scope=scope)
    return True


def _keys(vault: Vault, document: str | None, caller: str | None) -> list[_Key]:
    keys = []
    if document:
        keys.append(_Key(Scope.DOCUMENT, vault.fingerprint("document", document), mask_document(document)))
    if caller:
        keys.append(_Key(Scope.CALLER, vault.fingerprint("phone", caller), mask_phone(caller)))
    return keys


def _is(table: Table, key: _Key) -> ColumnElement[bool]:
    return and_(table.c.scope == key.scope, table.c.value_print == key.value_print)


def _wait_for_others(tx: Connection, key: _Key) -> None:
    tx.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key.value_print[:8], signed=True))))


def _is_spent(tx: Connection, now: datetime, key: _Key, limits: Limits) -> bool:
    """Whether a lock holds; as many tries as bring one do so here, judged wrong or not judged yet."""
    if _locks(tx, now, _is(lock, key)):
        return True
    if _tries(tx, now, key) < limits.of(key.scope):
        return False
    _lock(tx, now, key, limits)
    return True


def _tries(tx: Connection, now: datetime, key: _Key) -> int:
    recent = select(func.count()).where(_is(failed_try, key), failed_try.c.at > now - _WINDOW)
    return tx.execute(recent).scalar_one()


def _locks(tx: Connection, now: datetime, *where: ColumnElement[bool]) -> list[Lock]:
    columns = (lock.c.id, lock.c.scope, lock.c.masked, lock.c.since, lock.c.until)
    holds = select(*columns).where(lock.c.lifted_at.is_(None), lock.c.until > now, *where)
    rows = tx.execute(holds.order_by(lock.c.id.desc())).all()
    return [Lock(row.id, Scope(row.scope), row.masked, row.since, row.until) for row in rows]


def _lock(tx: Connection, now: datetime, key: _Key, limits: Limits) -> None:
    values = {"scope": key.scope, "value_print": key.value_print, "masked": key.masked}
    added = insert(lock).values(since=now, until=now + limits.lock, **values).returning(lock.c.id)
    lock_id = tx.execute(added).scalar_one()
    _forget(tx, key.scope, key.value_print)  # they are paid for: after the lock, one more try is the first again
    audit.record(tx, now, "system", "lock.set", "lock", lock_id, scope=key.scope)


def _forget(tx: Connection, scope: str, value_print: bytes) -> None:
    tx.execute(delete(failed_try).where(failed_try.c.scope == scope, failed_try.c.value_print == value_print))
