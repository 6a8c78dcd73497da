"""Consultations: a question that somebody must look into, and by when (R8, R18, R36–R42, R73–R74)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from cases.catalog import SUBJECTS, Subject, subject_of
from cases.tables import case_
from core import audit
from core.privacy import Vault, mask_document, mask_phone
from core.roles import Role

EL_SALVADOR = ZoneInfo("America/El_Salvador")
DUE = timedelta(hours=24)  # R73: pending ones are closed before 24 hours, counted by the clock


class CaseState(StrEnum):
    """R73."""

    PENDIENTE = "PENDIENTE"  # needs a second look
    CERRADO = "CERRADO"


@dataclass(frozen=True)
class PendingCase:
    """A consultation as a tray shows it."""

    id: int
    subject: Subject
    document: str | None  #: masked
    phone: str | None  #: masked
    line: str
    detail: str = field(repr=False)
    opened_at: datetime
    opened_by: str
    due_at: datetime


@dataclass(frozen=True)
class Revealed:
    """What a case hides in a tray, for the one who works on it."""

    document: str | None = field(repr=False)
    phone: str | None = field(repr=False)


class NoSuchCase(Exception):
    """No hay una consulta con ese número."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class TextMissing(Exception):
    """Hay que escribir un detalle claro y específico."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def open_case(
    tx: Connection,
    vault: Vault,
    now: datetime,
    subject: str,
    document: str | None,
    phone: str | None,
    line: str,
    call_sid: str | None,
    detail: str = "",
    *,
    actor: str = "ivr",
    zone: ZoneInfo = EL_SALVADOR,
) -> int:
    """Leaves a consultation PENDIENTE, due in 24 hours, and returns its id.

    ``subject``: a code of the catalogue; ``document``: letters and digits; ``phone``: E.164; ``zone`` says which day
    it is. Subjects that are ``once_a_day`` give the id of the day's first for the same document. An empty detail takes
    the subject's own. Raises UnknownSubject; TextMissing where there is no detail at all (R8).
    """
    kind = subject_of(subject)
    told = detail.strip() or kind.first_detail
    if not told:
        raise TextMissing
    document_print = vault.fingerprint("document", document) if document else None
    values = {
        "subject": kind.code,
        "state": CaseState.PENDIENTE,
        "document_print": document_print,
        "document_sealed": vault.seal(document) if document else None,
        "phone_sealed": vault.seal(phone) if phone else None,
        "line": line,
        "call_sid": call_sid,
        "detail_sealed": vault.seal(told),
        "opened_by": actor,
        "opened_at": now,
        "opened_on": now.astimezone(zone).date(),
        "due_at": now + DUE,
    }
    added = insert(case_).values(**values).on_conflict_do_nothing().returning(case_.c.id)
    case_id = tx.execute(added).scalar()
    if case_id is None:
        same = ("subject", "document_print", "opened_on")
        return tx.execute(select(case_.c.id).where(*(case_.c[name] == values[name] for name in same))).scalar_one()
    audit.record(tx, now, actor, "case.opened", "case", case_id, topic=kind.code, line=line)
    return case_id


def pending_cases(
    tx: Connection, vault: Vault, *, roles: Collection[Role] | None = None, limit: int = 200
) -> list[PendingCase]:
    """What waits to be looked into, the most urgent first; with ``roles``, only what lands in one of their trays."""
    waiting = select(case_).where(case_.c.state == CaseState.PENDIENTE)
    if roles is not None:
        theirs = [subject.code for subject in SUBJECTS.values() if set(subject.roles) & set(roles)]
        waiting = waiting.where(case_.c.subject.in_(theirs))
    return [_pending(vault, row) for row in tx.execute(waiting.order_by(case_.c.due_at, case_.c.id).limit(limit))]


def pending_case(tx: Connection, vault: Vault, case_id: int) -> PendingCase | None:
    """This one, if it still waits."""
    waiting = select(case_).where(case_.c.id == case_id, case_.c.state == CaseState.PENDIENTE)
    row = tx.execute(waiting).one_or_none()
    return _pending(vault, row) if row else None


def reveal_case(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str) -> Revealed:
    """The whole document and telephone; that they were shown goes to the audit trail. Raises NoSuchCase."""
    row = tx.execute(select(case_).where(case_.c.id == case_id)).one_or_none()
    if row is None:
        raise NoSuchCase
    audit.record(tx, now, actor, "case.revealed", "case", case_id)
    return Revealed(_opened(vault, row.document_sealed), _opened(vault, row.phone_sealed))


def close_case(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, resolution: str) -> bool:
    """Ends a consultation with what was done; False when it was closed already. Raises NoSuchCase, TextMissing."""
    if not resolution.strip():
        raise TextMissing
    ended = {
        "state": CaseState.CERRADO,
        "closed_at": now,
        "closed_by": actor,
        "resolution_sealed": vault.seal(resolution.strip()),
    }
    waiting = (case_.c.id == case_id, case_.c.state == CaseState.PENDIENTE)
    if tx.execute(update(case_).where(*waiting).values(**ended)).rowcount:
        audit.record(tx, now, actor, "case.closed", "case", case_id)
        return True
    if not tx.execute(select(exists().where(case_.c.id == case_id))).scalar_one():
        raise NoSuchCase
    return False


def _pending(vault: Vault, row: Row) -> PendingCase:
    document, phone = _opened(vault, row.document_sealed), _opened(vault, row.phone_sealed)
    return PendingCase(
        id=row.id,
        subject=subject_of(row.subject),
        document=mask_document(document) if document else None,
        phone=mask_phone(phone) if phone else None,
        line=row.line,
        detail=vault.open(row.detail_sealed),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        due_at=row.due_at,
    )


def _opened(vault: Vault, sealed: bytes | None) -> str | None:
    return vault.open(sealed) if sealed is not None else None
