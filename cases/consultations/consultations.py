"""Consultations: a question that somebody must look into, and by when (R8, R18, R36–R42, R73–R74)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from cases import tasks
from cases.catalogue.catalogue import Caller, Subject, caller_named, subject_named, subject_of
from cases.events import EventKind, note
from cases.problem import TextMissing
from cases.tables import case_, task
from cases.tasks import DUE, PENDING
from core import audit
from core.countries import COUNTRIES
from core.privacy import Vault, mask_document, mask_phone
from core.roles import Role


class CaseState(StrEnum):
    """R73."""

    PENDIENTE = PENDING  # needs a second look
    CERRADO = "CERRADO"

    @property
    def label(self) -> str:
        return self.value.capitalize()


#: Written out in the statement: the server's kept plans see that the index of those that wait serves.
IS_PENDING = case_.c.state == literal_column(f"'{CaseState.PENDIENTE}'")


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
    caller: Caller | None = None
    is_anonymous: bool = False
    state: CaseState = CaseState.PENDIENTE


@dataclass(frozen=True)
class Revealed:
    """What a case hides in a tray, for the one who works on it."""

    document: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    contact_name: str | None = field(default=None, repr=False)


class NoSuchCase(Exception):
    """No hay una consulta con ese número."""

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
    zone: ZoneInfo = COUNTRIES["SV"].zone,
) -> int:
    """Leaves a consultation PENDIENTE, due in 24 hours, and returns its id.

    ``subject``: a code of the catalogue; ``document``: letters and digits; ``phone``: E.164; ``zone`` says which day
    it is. Subjects that are ``once_a_day`` give the id of the day's first for the same document, which says that it was
    asked for again and waits again if it was closed. An empty detail takes the subject's own. Raises UnknownSubject;
    TextMissing where there is no detail at all (R8).
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
        "phone_print": vault.fingerprint("phone", phone) if phone else None,
        "line": line,
        "call_sid": call_sid,
        "detail_sealed": vault.seal(told),
        "opened_by": actor,
        "opened_at": now,
        "opened_on": now.astimezone(zone).date(),
        "due_at": now + DUE,
        "once": once_a_day(vault, kind, document, now.astimezone(zone).date()),
    }
    case_id, is_new = add(tx, values)
    if is_new:
        note(tx, vault, now, actor, EventKind.OPENED, case_id=case_id, text=told)
        audit.record(tx, now, actor, "case.opened", "case", case_id, topic=kind.code, line=line)
        tasks.close_by(tx, vault, now + DUE, case_id, kind.code, line, now=now, actor=actor)
    elif not _is_of_call(tx, case_id, call_sid):
        note(tx, vault, now, actor, EventKind.REPEATED, case_id=case_id, text=told, topic=kind.code)
        audit.record(tx, now, actor, "case.repeated", "case", case_id, topic=kind.code, line=line)
        open_again(tx, vault, now, case_id, actor)
    return case_id


def _is_of_call(tx: Connection, case_id: int, call_sid: str | None) -> bool:
    """Whether this very call opened it: who is stopped twice in one call has not called again."""
    opened_in = tx.execute(select(case_.c.call_sid).where(case_.c.id == case_id)).scalar()
    return call_sid is not None and opened_in == call_sid


def once_a_day(vault: Vault, kind: Subject, document: str | None, day: date) -> bytes | None:
    """The print under which there is one case of this kind a document and day; None: there may be any number."""
    if not kind.once_a_day or not document:
        return None
    return vault.fingerprint("case of the day", f"{kind.code} {document} {day.isoformat()}")


def add(tx: Connection, values: dict[str, Any]) -> tuple[int, bool]:
    """Stores a row of ``case_``: its id, and whether it is new; with ``once``, the id of the day's first."""
    added = insert(case_).values(**values).on_conflict_do_nothing().returning(case_.c.id)
    case_id = tx.execute(added).scalar()
    if case_id is not None:
        return case_id, True
    once = select(case_.c.id).where(case_.c.once == values["once"])
    case_id = tx.execute(once).scalar() if values["once"] else None
    if case_id is None:  # the day's first is of a version that did not write ``once``
        same = (case_.c[name] == values[name] for name in ("subject", "document_print", "opened_on"))
        case_id = tx.execute(select(case_.c.id).where(*same).order_by(case_.c.id).limit(1)).scalar_one()
    return case_id, False


def pending_cases(
    tx: Connection,
    vault: Vault,
    *,
    roles: Collection[Role] | None = None,
    hidden_lines: Collection[str] = (),
    after: tuple[datetime, int] | None = None,
    limit: int = 200,
) -> list[PendingCase]:
    """What waits to be looked into, the most urgent first.

    With ``roles``, only what lands in one of their trays, by its subject or because it was escalated to them;
    ``hidden_lines``: those whose cases the reader may not see (R81); ``after``: (due, id) of the last one of the page
    before.
    """
    waiting = _waiting(roles, hidden_lines).order_by(case_.c.due_at, case_.c.id).limit(limit)
    if after is not None:
        waiting = waiting.where(tuple_(case_.c.due_at, case_.c.id) > tuple_(*after))
    return [as_pending(vault, row) for row in tx.execute(waiting)]


def one_case(
    tx: Connection,
    vault: Vault,
    case_id: int,
    *,
    roles: Collection[Role] | None = None,
    hidden_lines: Collection[str] = (),
    only_pending: bool = False,
) -> PendingCase | None:
    """This one, if it is or was in the trays asked for. ``only_pending``: if it still waits there."""
    theirs = (_waiting if only_pending else seen_by)(roles, hidden_lines)
    row = tx.execute(theirs.where(case_.c.id == case_id)).one_or_none()
    return as_pending(vault, row) if row else None


def _waiting(roles: Collection[Role] | None, hidden_lines: Collection[str]) -> Select:
    return seen_by(roles, hidden_lines, task.c.ended_at.is_(None)).where(IS_PENDING)


def seen_by(roles: Collection[Role] | None, hidden_lines: Collection[str], *tasked: ColumnElement[bool]) -> Select:
    """Cases of the roles' trays: those that they have, or had, something to do about."""
    seen = select(case_).where(case_.c.line.not_in(hidden_lines))
    if roles is None:
        return seen
    theirs = select(task.c.id).where(task.c.case_id == case_.c.id, tasks.is_of(roles), *tasked)
    return seen.where(theirs.exists())


def contact_of(tx: Connection, vault: Vault, case_id: int) -> Revealed:
    """What a case hides, for the service itself, which shows it to nobody. Raises NoSuchCase."""
    row = tx.execute(select(case_).where(case_.c.id == case_id)).one_or_none()
    if row is None:
        raise NoSuchCase
    sealed = (row.document_sealed, row.phone_sealed, row.contact_name_sealed)
    return Revealed(*(_opened(vault, each) for each in sealed))


def reveal_case(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str) -> Revealed:
    """The whole document and telephone; that they were shown goes to the audit trail. Raises NoSuchCase."""
    found = contact_of(tx, vault, case_id)
    audit.record(tx, now, actor, "case.revealed", "case", case_id)
    return found


def close_case(
    tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, resolution: str, **facts: Any
) -> bool:
    """Ends a consultation with what was done; False when it was closed already. ``facts``: what its history keeps of
    it beside the words (events.note). Raises NoSuchCase, TextMissing."""
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
        tasks.end_those_of(tx, now, case_id, actor)
        note(tx, vault, now, actor, EventKind.CLOSED, case_id=case_id, text=resolution.strip(), **facts)
        audit.record(tx, now, actor, "case.closed", "case", case_id)
        return True
    if not tx.execute(select(exists().where(case_.c.id == case_id))).scalar_one():
        raise NoSuchCase
    return False


def open_again(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str) -> bool:
    """A closed case waits again, 24 hours at most; False where it was not closed.

    Of one that was erased, what is written from now on is erased too, once its term is over anew: to refuse it would
    turn somebody away in the middle of a call.
    """
    closed = (case_.c.id == case_id, case_.c.state == CaseState.CERRADO)
    again = {"state": CaseState.PENDIENTE, "due_at": now + DUE, "erased_at": None}
    again |= {"closed_at": None, "closed_by": None}
    row = tx.execute(update(case_).where(*closed).values(**again).returning(case_.c.subject, case_.c.line)).first()
    if row is None:
        return False
    tasks.close_by(tx, vault, now + DUE, case_id, row.subject, row.line, now=now, actor=actor)
    note(tx, vault, now, actor, EventKind.REOPENED, case_id=case_id)
    audit.record(tx, now, actor, "case.reopened", "case", case_id)
    return True


def as_pending(vault: Vault, row: Row) -> PendingCase:
    """A row of ``case_``."""
    document, phone = _opened(vault, row.document_sealed), _opened(vault, row.phone_sealed)
    return PendingCase(
        id=row.id,
        subject=subject_named(row.subject),
        document=mask_document(document) if document else None,
        phone=mask_phone(phone) if phone else None,
        line=row.line,
        detail=vault.open(row.detail_sealed),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        due_at=row.due_at,
        caller=caller_named(row.caller_kind),
        is_anonymous=row.is_anonymous,
        state=CaseState(row.state),
    )


def _opened(vault: Vault, sealed: bytes | None) -> str | None:
    return vault.open(sealed) if sealed is not None else None
