"""Claims that a call of the system took: each waits for a person, who alone may make a work order of it (R29, R46)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cases.problem import TextMissing
from cases.tables import claim
from core import audit
from core.privacy import Vault, mask_document, mask_phone


class ClaimState(StrEnum):
    POR_CONFIRMAR = "POR_CONFIRMAR"
    CONFIRMADO = "CONFIRMADO"  # an order was opened
    DESCARTADO = "DESCARTADO"


@dataclass(frozen=True)
class Claim:
    """A claim as a screen shows it."""

    id: int
    line: str
    document: str  #: masked; «—» where it could not be read
    has_document: bool
    phone: str  #: masked
    said_at: datetime


@dataclass(frozen=True)
class Discarded:
    """A discarded claim, as a screen shows it to a supervisor; ``reason``: empty where none is kept."""

    claim: Claim
    at: datetime
    by: str
    reason: str = field(repr=False)


@dataclass(frozen=True)
class ToCall:
    """Whom a person calls to confirm a claim."""

    line: str
    phone: str = field(repr=False)  #: E.164
    document: str | None = field(repr=False)


class NoSuchClaim(Exception):
    """Ese reclamo ya no espera: alguien lo confirmó o lo descartó."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def note_claim(
    tx: Connection, vault: Vault, now: datetime, *, attempt_id: int, line: str, document: str | None, phone: str
) -> int | None:
    """Writes down that somebody said they want to claim; its id, or None where that person's claim waits already.

    ``attempt_id``: the call on which it was said, counted once however often its webhook comes; ``phone``: E.164.
    """
    values = {
        "attempt_id": attempt_id,
        "line": line,
        "state": ClaimState.POR_CONFIRMAR,
        "document_print": vault.fingerprint("document", document) if document else None,
        "document_sealed": vault.seal(document) if document else None,
        "phone_sealed": vault.seal(phone),
        "phone_print": vault.fingerprint("phone", phone),
        "said_at": now,
    }
    noted = insert(claim).values(**values).on_conflict_do_nothing().returning(claim.c.id)
    claim_id = tx.execute(noted).scalar()
    if claim_id is not None:
        audit.record(tx, now, "ivr", "claim.noted", "claim", claim_id)
    return claim_id


def waiting_claims(tx: Connection, vault: Vault, hidden_lines: Collection[str] = (), limit: int = 200) -> list[Claim]:
    """Those that nobody confirmed or discarded, the oldest first, masked."""
    waits = (claim.c.state == ClaimState.POR_CONFIRMAR, claim.c.line.not_in(list(hidden_lines)))
    return [_claim(vault, row) for row in tx.execute(select(claim).where(*waits).order_by(claim.c.id).limit(limit))]


def discarded_claims(
    tx: Connection, vault: Vault, hidden_lines: Collection[str] = (), limit: int = 50
) -> list[Discarded]:
    """Those that are kept, the last first, masked, with why."""
    ours = (claim.c.state == ClaimState.DESCARTADO, claim.c.line.not_in(list(hidden_lines)))
    rows = tx.execute(select(claim).where(*ours).order_by(claim.c.decided_at.desc(), claim.c.id.desc()).limit(limit))
    return [_discarded(vault, row) for row in rows]


def to_call(tx: Connection, vault: Vault, claim_id: int, *, hidden_lines: Collection[str] = ()) -> ToCall:
    """Whom to call about a claim that waits. Raises NoSuchClaim: also for one of ``hidden_lines`` (R75)."""
    row = _waiting(tx, claim_id, hidden_lines, lock=True)
    document = vault.open(row.document_sealed) if row.document_sealed is not None else None
    return ToCall(row.line, vault.open(row.phone_sealed), document)


def document_of(tx: Connection, vault: Vault, claim_id: int, *, hidden_lines: Collection[str] = ()) -> str:
    """The whole document of a claim that waits. Raises NoSuchClaim: also where it could not be read, and for one of
    ``hidden_lines``."""
    row = _waiting(tx, claim_id, hidden_lines, lock=False)
    if row.document_sealed is None:
        raise NoSuchClaim
    return vault.open(row.document_sealed)


def order_of(tx: Connection, claim_id: int) -> int | None:
    """The order that was opened of it."""
    return tx.execute(select(claim.c.order_id).where(claim.c.id == claim_id)).scalar()


def settle(tx: Connection, now: datetime, document_print: bytes, actor: str, order_id: int) -> None:
    """Whoever claimed on a call of the system has spoken with a person now: nobody else need call them."""
    theirs = (claim.c.document_print == document_print, claim.c.state == ClaimState.POR_CONFIRMAR)
    settled = {"state": ClaimState.CONFIRMADO, "decided_at": now, "decided_by": actor, "order_id": order_id}
    tx.execute(update(claim).where(*theirs).values(**settled))


def discard(
    tx: Connection,
    vault: Vault,
    now: datetime,
    claim_id: int,
    actor: str,
    reason: str,
    *,
    hidden_lines: Collection[str] = (),
) -> None:
    """They do not claim after all, or it is taken care of. The reason stands sealed with the claim; the trail says that
    one was given, never its words: people write names, and nothing of it can be erased.

    Raises NoSuchClaim, TextMissing.
    """
    if not reason.strip():
        raise TextMissing
    _waiting(tx, claim_id, hidden_lines, lock=True)
    decided = {"state": ClaimState.DESCARTADO, "decided_at": now, "decided_by": actor}
    reason_sealed = vault.seal(reason.strip())
    tx.execute(update(claim).where(claim.c.id == claim_id).values(**decided, reason_sealed=reason_sealed))
    audit.record(tx, now, actor, "claim.discarded", "claim", claim_id, has_reason=True)


def erase_old(tx: Connection, before: datetime, most: int) -> int:
    """Deletes claims that were decided by then, at most ``most``; how many. That they were, the trail keeps, and what
    came of one, its order. One that still waits is kept, however old."""
    found = select(claim.c.id).where(claim.c.decided_at <= before).order_by(claim.c.id).limit(most)
    ids = tx.execute(found.with_for_update(skip_locked=True)).scalars().all()
    tx.execute(delete(claim).where(claim.c.id.in_(ids)))
    return len(ids)


def _waiting(tx: Connection, claim_id: int, hidden_lines: Collection[str], *, lock: bool) -> Row:
    theirs = (claim.c.id == claim_id, claim.c.line.not_in(list(hidden_lines)))
    query = select(claim).where(*theirs, claim.c.state == ClaimState.POR_CONFIRMAR)
    row = tx.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NoSuchClaim
    return row


def _discarded(vault: Vault, row: Row) -> Discarded:
    reason = vault.open(row.reason_sealed) if row.reason_sealed is not None else ""
    return Discarded(_claim(vault, row), row.decided_at, row.decided_by, reason)


def _claim(vault: Vault, row: Row) -> Claim:
    document = vault.open(row.document_sealed) if row.document_sealed is not None else None
    return Claim(
        id=row.id,
        line=row.line,
        document=mask_document(document) if document else "—",
        has_document=document is not None,
        phone=mask_phone(vault.open(row.phone_sealed)),
        said_at=row.said_at,
    )
