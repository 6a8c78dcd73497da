"""Deciding a correction of the padrón (R40): made, compared with a source that is not the caller, or refused.

What is made in the padrón is decided first and written down, then made, and then told: whoever comes between finds it
decided, and whoever it is taken from makes the same again (procedures/correcting.py).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from cases import tasks
from cases.corrections.corrections import (
    IS_ASKED,
    SOURCES,
    Correction,
    CorrectionKind,
    CorrectionState,
    NoSuchCorrection,
    as_correction,
)
from cases.events import CorrectionAct, EventKind, note
from cases.problem import TextMissing
from cases.tables import correction
from cases.tasks import TaskKind
from core import audit
from core.privacy import Vault

_SEEN = "correction.revealed"


class AlreadyDecided(Exception):
    """Esta corrección ya se decidió."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class OwnRequest(Exception):
    """Quien pidió la corrección no la decide: lo hace otra persona."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NothingToCorrect(Exception):
    """Es lo mismo que ya tiene el padrón: no hay nada que corregir. Rechácela, y escriba qué falla en realidad."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NotSeen(Exception):
    """Antes de decidirla, vea el documento y lo que se ha dicho de ella."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def reveal(tx: Connection, now: datetime, number: int, actor: str) -> None:
    """What is hidden of it is shown to them: from now on they may decide it."""
    audit.record(tx, now, actor, _SEEN, "correction", number)


def has_seen(tx: Connection, number: int, actor: str) -> bool:
    """Whether it was shown to them."""
    trail = audit.history(tx, "correction", number)
    return any((each["action"], each["actor"]) == (_SEEN, actor) for each in trail)


def begin(
    tx: Connection, vault: Vault, now: datetime, number: int, actor: str, *, reason: str, source: str
) -> Correction:
    """It is to be made, compared with ``source``: nobody else decides it any more.

    Raises NoSuchCorrection, AlreadyDecided, OwnRequest, NotSeen; TextMissing where there is no reason, or
    nothing that it was compared with.
    """
    if not reason.strip() or source not in SOURCES:
        raise TextMissing
    _may_decide(tx, vault, row := _held(tx, number), actor)
    said = {"source": source, "reason_sealed": vault.seal(reason.strip()), "decided_by": actor}
    found = _changed(tx, vault, row, correcting_since=now, **said)
    audit.record(tx, now, actor, "correction.begun", "correction", number, source=source)
    return found


def finish(tx: Connection, vault: Vault, now: datetime, number: int) -> Correction | None:
    """It stands in the padrón. None where somebody else finished it, or it was given back."""
    row = _held(tx, number)
    if as_correction(vault, row).state is not CorrectionState.CORRIGIENDO:
        return None
    return _decided(tx, vault, now, row, row.decided_by, CorrectionState.ACTUALIZADA)


def give_back(tx: Connection, vault: Vault, now: datetime, number: int, why: str) -> None:
    """It cannot be made: it waits to be decided, as before. ``why``: nothing of a person."""
    row = _held(tx, number)
    if as_correction(vault, row).state is not CorrectionState.CORRIGIENDO:
        return
    _changed(tx, vault, row, **dict.fromkeys(("correcting_since", "source", "reason_sealed", "decided_by")))
    said = {"case_id": row.case_id, "text": why, "state": CorrectionState.SOLICITADA, "correction": number}
    note(tx, vault, now, row.decided_by, EventKind.CORRECTION, **said, act=CorrectionAct.GIVEN_BACK)
    audit.record(tx, now, row.decided_by, "correction.given_back", "correction", number)


def refuse(tx: Connection, vault: Vault, now: datetime, number: int, actor: str, reason: str) -> Correction:
    """Raises NoSuchCorrection, AlreadyDecided, OwnRequest, NotSeen, TextMissing."""
    if not reason.strip():
        raise TextMissing
    _may_decide(tx, vault, row := _held(tx, number), actor)
    more = {"reason_sealed": vault.seal(reason.strip())}
    return _decided(tx, vault, now, row, actor, CorrectionState.RECHAZADA, **more)


def left_half_made(tx: Connection, before: datetime) -> list[int]:
    """Those that began to be made before then and of which nobody knows whether they were, oldest first."""
    begun = (IS_ASKED, correction.c.correcting_since <= before)
    return list(tx.execute(select(correction.c.id).where(*begun).order_by(correction.c.id)).scalars())


def _held(tx: Connection, number: int) -> Row:
    row = tx.execute(select(correction).where(correction.c.id == number).with_for_update()).first()
    if row is None:
        raise NoSuchCorrection
    return row


def _may_decide(tx: Connection, vault: Vault, row: Row, actor: str) -> None:
    if as_correction(vault, row).state is not CorrectionState.SOLICITADA:
        raise AlreadyDecided
    if row.asked_by == actor:
        raise OwnRequest
    if not has_seen(tx, row.id, actor):
        raise NotSeen


def _decided(
    tx: Connection, vault: Vault, now: datetime, row: Row, actor: str, state: CorrectionState, **more: Any
) -> Correction:
    found = _changed(tx, vault, row, state=state, decided_by=actor, decided_at=now, **more)
    act = CorrectionAct.REFUSED if state is CorrectionState.RECHAZADA else _made(found)
    about: dict[str, Any] = {"case_id": found.case_id, "state": state, "correction": found.id, "act": act}
    note(tx, vault, now, actor, EventKind.CORRECTION, **about, text=found.reason)
    audit.record(tx, now, actor, "correction.decided", "correction", found.id, state=state, source=found.source or "")
    tasks.end_those_of(tx, now, found.case_id, actor, kinds=(TaskKind.CORRECTION,))
    return found


def _made(found: Correction) -> CorrectionAct:
    return CorrectionAct.MADE if found.kind is CorrectionKind.IDENTITY else CorrectionAct.SOLVED


def _changed(tx: Connection, vault: Vault, row: Row, **values: Any) -> Correction:
    changed = update(correction).where(correction.c.id == row.id).values(**values).returning(correction)
    return as_correction(vault, tx.execute(changed).one())
