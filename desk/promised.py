"""Calls promised for an hour (R79, R87), as whoever promised them reads of them: of a case, and what comes next."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, or_, select

from core.privacy import Vault
from desk.promises import IS_OPEN, OPEN
from desk.states import PromiseState
from desk.tables import promise

WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Promised:
    """``words``: what for, None once that is erased; ``ended_by``: who said that it is not needed any more; ``due_at``:
    None, where it was promised for as soon as somebody is free."""

    id: int
    line: str
    case_id: int | None
    state: PromiseState
    due_at: datetime | None
    next_at: datetime  #: when it rings, or rings again: the hour, or the first after it that is legal and attended
    made_by: str
    made_at: datetime
    ended_by: str | None
    words: str | None = field(repr=False)

    @property
    def is_waiting(self) -> bool:
        return self.state is PromiseState.WAITING

    @property
    def is_owed(self) -> bool:
        return self.state in OPEN

    @property
    def label(self) -> str:
        return "Ya no hacía falta" if self.ended_by else _LABELS[self.state]


_LABELS = {
    PromiseState.WAITING: "Por llamar",
    PromiseState.CALLING: "Se le está llamando",
    PromiseState.KEPT: "Se le llamó",
    PromiseState.GIVEN_UP: "Se le llamó dos veces y no contestó",
    PromiseState.WITHDRAWN: "Llamó antes la persona",
}


def of_case(tx: Connection, vault: Vault, case_id: int) -> list[Promised]:
    """All that were promised about it, in the order of their hours."""
    theirs = select(promise).where(promise.c.case_id == case_id, promise.c.due_at.is_not(None))
    return [_promised(vault, row) for row in tx.execute(theirs.order_by(promise.c.due_at, promise.c.id))]


def next_ones(tx: Connection, vault: Vault, *, hidden_lines: Collection[str] = (), limit: int = 50) -> list[Promised]:
    """Those about a case that are still to be made, what comes first before."""
    waiting = (IS_OPEN, promise.c.due_at.is_not(None), promise.c.case_id.is_not(None))
    seen = select(promise).where(*waiting, promise.c.line.not_in(list(hidden_lines)))
    return [_promised(vault, row) for row in tx.execute(seen.order_by(promise.c.due_at, promise.c.id).limit(limit))]


def at_this_telephone(tx: Connection, vault: Vault, now: datetime, line_id: str, phone_print: bytes) -> list[Promised]:
    """What else is owed to it within the hour: somebody else of the house, or another matter. Each rings by itself, but
    where whoever has them on the line says that it was spoken of (``promises.take_back``)."""
    theirs = (promise.c.line == line_id, promise.c.phone_print == phone_print, IS_OPEN)
    soon = or_(promise.c.due_at.is_(None), promise.c.due_at <= now + WITHIN)
    waits = (promise.c.state == PromiseState.WAITING, soon)
    rows = tx.execute(select(promise).where(*theirs, *waits).order_by(promise.c.next_at, promise.c.id))
    return [_promised(vault, row) for row in rows]


def one(tx: Connection, vault: Vault, promise_id: int) -> Promised | None:
    """This one, over or not; None for one that was promised for no hour."""
    mine = select(promise).where(promise.c.id == promise_id, promise.c.due_at.is_not(None))
    row = tx.execute(mine).first()
    return _promised(vault, row) if row else None


def _promised(vault: Vault, row: Row) -> Promised:
    known = json.loads(vault.open(row.learnt_sealed)) if row.learnt_sealed is not None else {}
    return Promised(
        id=row.id,
        line=row.line,
        case_id=row.case_id,
        state=PromiseState(row.state),
        due_at=row.due_at,
        next_at=row.next_at,
        made_by=row.made_by or "",
        made_at=row.made_at,
        ended_by=row.ended_by,
        words=" · ".join(known.get("words") or known.get("path") or ()) or None,
    )
