"""What somebody says is wrong in the padrón about them (R36–R41): asked for by whoever attended them, decided by a
coordinator who compared it with a source that is not the caller (deciding.py). procedures/correcting.py carries it
out."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, not_, or_, select, update

from cases import tasks
from cases.corrections.proposed import Proposed, opened
from cases.events import CorrectionAct, EventKind, note
from cases.tables import case_, correction, task
from cases.tasks import TaskKind
from core.privacy import Vault, mask_document
from core.roles import Role


class CorrectionKind(StrEnum):
    """What is wrong. Its code is kept in the database and never changes."""

    # R38, R39, and names (R18, type 11). Its code is of when there were dates alone: the version before this one, which
    # would raise at another, takes one of a name for a date that nobody told.
    IDENTITY = "BIRTH_DATE"
    PIN = "PIN"  # R36: the system says that the PIN is not valid
    NO_HISTORY = "NO_HISTORY"  # R37: with the technician

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def roles(self) -> tuple[Role, ...]:
        alone = (Role.COORDINADOR,)
        return (*alone, Role.TECNICO) if self is CorrectionKind.NO_HISTORY else alone


_LABELS = {
    CorrectionKind.IDENTITY: "Fecha de nacimiento o nombre",
    CorrectionKind.PIN: "PIN que el sistema no acepta",
    CorrectionKind.NO_HISTORY: "Documento sin historial",
}
#: By the consultation that it comes from.
KIND_OF = MappingProxyType(
    {
        "FECHA_NACIMIENTO": CorrectionKind.IDENTITY,
        "C11": CorrectionKind.IDENTITY,
        "PIN_INVALIDO": CorrectionKind.PIN,
        "SIN_HISTORIAL": CorrectionKind.NO_HISTORY,
    }
)


class CorrectionState(StrEnum):
    """R40."""

    SOLICITADA = "SOLICITADA"
    CORRIGIENDO = "CORRIGIENDO"  # decided, and not known yet to be in the padrón (cases/corrections/deciding.py)
    ACTUALIZADA = "ACTUALIZADA"
    RECHAZADA = "RECHAZADA"

    @property
    def label(self) -> str:
        return "Corrigiéndose" if self is CorrectionState.CORRIGIENDO else self.value.capitalize()


BY = "system"  #: who tells the person, and closes the case of whoever knows

#: Written out in the statement, as the indexes say it. One that is being made says so beside its state, which the
#: version before this one could not read: ``correcting_since``.
IS_ASKED = correction.c.state == literal_column(f"'{CorrectionState.SOLICITADA}'")

#: What it was compared with: never what the caller said.
SOURCES = MappingProxyType(
    {
        "VENTANILLA": "El documento, visto en Ventanilla",
        "REGISTRO_CIVIL": "Consulta al registro de las personas naturales",
        "EXPEDIENTE": "Expediente de un trámite anterior",
        "SISTEMA": "Revisión del sistema con el área técnica",
    }
)


@dataclass(frozen=True)
class Correction:
    """One, as a screen shows it."""

    id: int
    kind: CorrectionKind
    state: CorrectionState
    case_id: int
    line: str
    masked: str  #: the document
    document: str = field(repr=False)
    proposed: Proposed
    asked_by: str
    asked_at: datetime
    source: str | None
    reason: str = field(repr=False)
    decided_by: str | None
    decided_at: datetime | None
    campaign_id: int | None
    told_at: datetime | None

    @property
    def label(self) -> str:
        """What is asked for."""
        return self.proposed.datum.label if self.proposed.datum is not None else self.kind.label


class NoSuchCorrection(Exception):
    """No hay una corrección con ese número."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def give_tasks(tx: Connection, vault: Vault, now: datetime, limit: int = 200) -> int:
    """Those that nobody decided and that are nobody's task any more get theirs again; how many."""
    theirs = (task.c.case_id == correction.c.case_id, task.c.kind == TaskKind.CORRECTION, tasks.is_open())
    left = select(correction).where(IS_ASKED, ~select(task.c.id).where(*theirs).exists()).limit(limit)
    rows = tx.execute(left.with_for_update(skip_locked=True)).all()
    for row in rows:
        about: dict[str, Any] = {"line": row.line, "case_id": row.case_id, "about": row.id}
        roles = CorrectionKind(row.kind).roles
        tasks.open_task(tx, vault, now, TaskKind.CORRECTION, **about, to_roles=roles, actor=row.asked_by)
    return len(rows)


def waiting(
    tx: Connection,
    vault: Vault,
    *,
    hidden_lines: Collection[str] = (),
    kinds: Collection[CorrectionKind] = tuple(CorrectionKind),
    person: str = "",
    after: int = 0,
    limit: int = 100,
) -> list[Correction]:
    """Those of these kinds, or that this person asked for, that nobody decided yet, oldest first. ``after``: the number
    of the last one of the page before."""
    asked = (IS_ASKED, correction.c.line.not_in(list(hidden_lines)), correction.c.id > after)
    found = select(correction).where(*asked, _is_for(kinds, person)).order_by(correction.c.id).limit(limit)
    return [as_correction(vault, row) for row in tx.execute(found)]


def count_others(
    tx: Connection, *, hidden_lines: Collection[str], kinds: Collection[CorrectionKind], person: str
) -> int:
    """How many more nobody decided yet."""
    asked = (IS_ASKED, correction.c.line.not_in(list(hidden_lines)), not_(_is_for(kinds, person)))
    return tx.execute(select(func.count()).select_from(correction).where(*asked)).scalar_one()


def _is_for(kinds: Collection[CorrectionKind], person: str) -> ColumnElement[bool]:
    return or_(correction.c.kind.in_(list(kinds)), correction.c.asked_by == person)


def one(tx: Connection, vault: Vault, number: int, *, hidden_lines: frozenset[str] = frozenset()) -> Correction:
    """Raises NoSuchCorrection: also for one of ``hidden_lines``."""
    found = select(correction).where(correction.c.id == number, correction.c.line.not_in(list(hidden_lines)))
    row = tx.execute(found).first()
    if row is None:
        raise NoSuchCorrection
    return as_correction(vault, row)


def of_case(tx: Connection, vault: Vault, case_id: int) -> list[Correction]:
    """Newest first."""
    found = select(correction).where(correction.c.case_id == case_id).order_by(correction.c.id.desc())
    return [as_correction(vault, row) for row in tx.execute(found)]


def concerns(tx: Connection, case_id: int) -> bool:
    """Whether one was asked for in this case, or is not over yet of the same document: what is told about it is told on
    the telephone of the padrón alone (R41)."""
    whose = select(case_.c.document_print).where(case_.c.id == case_id).scalar_subquery()
    is_not_over = (correction.c.document_print == whose) & correction.c.told_at.is_(None)
    found = select(correction.c.id).where((correction.c.case_id == case_id) | is_not_over)
    return tx.execute(found.limit(1)).first() is not None


def is_called_by(tx: Connection, number: int, campaign_id: int) -> None:
    """Its citizen is called back by this campaign of one person."""
    tx.execute(update(correction).where(correction.c.id == number).values(campaign_id=campaign_id))


def was_told(
    tx: Connection, vault: Vault, now: datetime, number: int, text: str, act: CorrectionAct = CorrectionAct.TOLD
) -> None:
    """No call of ours is to be made about it any more: the history says how it went."""
    told = update(correction).where(correction.c.id == number, correction.c.told_at.is_(None))
    row = tx.execute(told.values(told_at=now).returning(correction.c.case_id, correction.c.state)).first()
    if row is not None:
        about: dict[str, Any] = {"case_id": row.case_id, "state": row.state, "correction": number, "act": act}
        note(tx, vault, now, BY, EventKind.CORRECTION, **about, text=text)


def locked(tx: Connection, vault: Vault, number: int) -> Correction:
    """As it is now, and stays until the transaction ends: of two who look after it, one does what is to be done."""
    return as_correction(vault, tx.execute(select(correction).where(correction.c.id == number).with_for_update()).one())


def untold(tx: Connection) -> list[tuple[int, int | None]]:
    """(number, the campaign that calls) of the decided ones whose citizen does not know yet, oldest first."""
    asked = (~IS_ASKED, correction.c.told_at.is_(None))
    rows = tx.execute(select(correction.c.id, correction.c.campaign_id).where(*asked).order_by(correction.c.id))
    return [(row.id, row.campaign_id) for row in rows]


def as_correction(vault: Vault, row: Row) -> Correction:
    """A row of ``correction``."""
    is_being_made = row.correcting_since is not None and row.state == CorrectionState.SOLICITADA
    document = vault.open(row.document_sealed)
    return Correction(
        id=row.id,
        kind=CorrectionKind(row.kind),
        state=CorrectionState.CORRIGIENDO if is_being_made else CorrectionState(row.state),
        case_id=row.case_id,
        line=row.line,
        masked=mask_document(document),
        document=document,
        proposed=opened(vault, row),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        source=row.source,
        reason=vault.open(row.reason_sealed) if row.reason_sealed is not None else "",
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        campaign_id=row.campaign_id,
        told_at=row.told_at,
    )
