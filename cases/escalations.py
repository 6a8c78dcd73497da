"""A case that somebody above must see: who was not attended (R80), what belongs to another unit (R19)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, exists, select
from sqlalchemy.dialects.postgresql import insert

from cases.consultations import NoSuchCase, TextMissing, open_again
from cases.events import EventKind, note
from cases.tables import case_, escalation
from core import audit
from core.privacy import Vault
from core.roles import Role


class EscalationKind(StrEnum):
    """Why a case goes up."""

    UNATTENDED = "UNATTENDED"  # R80: to the Dirección, which says what to do
    UNIT = "UNIT"  # R19: to the coordinator, who sends it on

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def to_role(self) -> Role:
        return Role.DIRECTOR if self is EscalationKind.UNATTENDED else Role.COORDINADOR


_LABELS = {
    EscalationKind.UNATTENDED: "No recibió la atención que necesitaba",
    EscalationKind.UNIT: "Para remitir a otra unidad",
}


@dataclass(frozen=True)
class Escalation:
    """One that is open."""

    id: int
    case_id: int
    kind: EscalationKind
    to_role: Role
    unit: str | None
    reason: str = field(repr=False)
    made_by: str
    made_at: datetime


def to_director(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, reason: str) -> int:
    """«No recibió la atención»: the case goes to the Dirección (R80), and waits again if it was closed.

    Returns the escalation's id, that of the open one where there is one: what is said then is in the case's history.
    Raises TextMissing, NoSuchCase.
    """
    return _escalate(tx, vault, now, case_id, EscalationKind.UNATTENDED, actor, reason)


def to_unit(tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, unit: str, reason: str) -> int:
    """A task of the coordinator: send the case on to ``unit`` (R19); it waits again if it was closed, or no tray would
    show it. Raises TextMissing, NoSuchCase."""
    if not unit.strip():
        raise TextMissing
    return _escalate(tx, vault, now, case_id, EscalationKind.UNIT, actor, reason, unit.strip())


def open_escalations(tx: Connection, vault: Vault, case_ids: Iterable[int]) -> dict[int, list[Escalation]]:
    """Those of these cases that nobody has answered yet."""
    waiting = (escalation.c.case_id.in_(list(case_ids)), escalation.c.ended_at.is_(None))
    found: dict[int, list[Escalation]] = {}
    for row in tx.execute(select(escalation).where(*waiting).order_by(escalation.c.id)):
        found.setdefault(row.case_id, []).append(_escalation(vault, row))
    return found


def _escalate(
    tx: Connection,
    vault: Vault,
    now: datetime,
    case_id: int,
    kind: EscalationKind,
    actor: str,
    reason: str,
    unit: str | None = None,
) -> int:
    if not reason.strip():
        raise TextMissing
    if not tx.execute(select(exists().where(case_.c.id == case_id))).scalar_one():
        raise NoSuchCase
    values = {
        **{"case_id": case_id, "kind": kind, "to_role": kind.to_role, "unit": unit},
        **{"reason_sealed": vault.seal(reason.strip()), "made_by": actor, "made_at": now},
    }
    added = insert(escalation).values(**values).on_conflict_do_nothing().returning(escalation.c.id)
    number = tx.execute(added).scalar()
    said = reason.strip() if unit is None else f"{unit}: {reason.strip()}"
    note(tx, vault, now, actor, EventKind.ESCALATED, case_id=case_id, text=said, to_role=kind.to_role)
    audit.record(tx, now, actor, "case.escalated", "case", case_id, kind=kind, to_role=kind.to_role)
    open_again(tx, vault, now, case_id, actor)
    if number is None:
        same = (escalation.c.case_id == case_id, escalation.c.kind == kind, escalation.c.ended_at.is_(None))
        number = tx.execute(select(escalation.c.id).where(*same)).scalar_one()
    return number


def _escalation(vault: Vault, row: Row) -> Escalation:
    return Escalation(
        id=row.id,
        case_id=row.case_id,
        kind=EscalationKind(row.kind),
        to_role=Role(row.to_role),
        unit=row.unit,
        reason=vault.open(row.reason_sealed),
        made_by=row.made_by,
        made_at=row.made_at,
    )
