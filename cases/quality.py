"""«Calidad y calidez»: what a supervisor who listened to a call thought of it (R74)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.postgresql import insert

from cases.tables import quality
from core import audit
from core.privacy import Vault

#: What is judged, each from 1 to 5.
ITEMS = MappingProxyType(
    {
        "greeting": "Saludo",
        "listening": "Escucha",
        "clarity": "Claridad",
        "warmth": "Calidez",
        "script": "Guion",
        "closing": "Cierre",
    }
)
LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True)
class Quality:
    """One judgement."""

    id: int
    room_id: int
    line: str
    operator: str
    supervisor: str
    at: datetime
    marks: Mapping[str, int]  #: by the names of ITEMS
    comment: str = field(repr=False)
    would_escalate: bool

    @property
    def average(self) -> float:
        return sum(self.marks.values()) / len(self.marks)


@dataclass(frozen=True)
class Averages:
    """Of one operator."""

    operator: str
    calls: int
    marks: Mapping[str, float]  #: by the names of ITEMS

    @property
    def average(self) -> float:
        return sum(self.marks.values()) / len(self.marks)


class WrongMark(Exception):
    """Cada aspecto se valora de 1 a 5."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class AlreadyJudged(Exception):
    """Usted ya valoró esta llamada."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def record_quality(
    tx: Connection,
    vault: Vault,
    now: datetime,
    *,
    supervisor: str,
    room_id: int,
    operator: str,
    line: str,
    marks: Mapping[str, int],
    comment: str = "",
    would_escalate: bool = False,
) -> int:
    """Keeps what was thought of the call, once for each supervisor. ``marks``: all of ITEMS, 1 to 5.

    Raises WrongMark, AlreadyJudged.
    """
    if marks.keys() != ITEMS.keys() or not all(LOWEST <= mark <= HIGHEST for mark in marks.values()):
        raise WrongMark
    told = vault.seal(comment.strip()) if comment.strip() else None
    about = {"room_id": room_id, "line": line, "operator": operator, "supervisor": supervisor, "at": now}
    values = {**about, **marks, "comment_sealed": told, "would_escalate": would_escalate}
    number = tx.execute(insert(quality).values(**values).on_conflict_do_nothing().returning(quality.c.id)).scalar()
    if number is None:
        raise AlreadyJudged
    audit.record(tx, now, supervisor, "quality.recorded", "room", room_id, operator=operator)
    return number


def qualities_of(
    tx: Connection, vault: Vault, operator: str | None = None, *, hidden_lines: Collection[str] = (), limit: int = 100
) -> list[Quality]:
    """The judgements of an operator's calls, or of everybody's, newest first."""
    found = select(quality).where(quality.c.line.not_in(hidden_lines)).order_by(quality.c.id.desc()).limit(limit)
    if operator is not None:
        found = found.where(quality.c.operator == operator)
    return [_quality(vault, row) for row in tx.execute(found)]


def averages(tx: Connection, start: datetime, end: datetime, *, hidden_lines: Collection[str] = ()) -> list[Averages]:
    """Of each operator whose calls were judged from ``start`` to before ``end``, by name."""
    means = [func.avg(quality.c[item]).label(item) for item in ITEMS]
    judged = (quality.c.at >= start, quality.c.at < end, quality.c.line.not_in(hidden_lines))
    asked = select(quality.c.operator, func.count().label("calls"), *means).where(*judged)
    rows = tx.execute(asked.group_by(quality.c.operator).order_by(quality.c.operator))
    return [Averages(row.operator, row.calls, {item: float(getattr(row, item)) for item in ITEMS}) for row in rows]


def judged_by(tx: Connection, supervisor: str, room_ids: Collection[int]) -> set[int]:
    """Which of these rooms this supervisor has judged."""
    theirs = (quality.c.supervisor == supervisor, quality.c.room_id.in_(room_ids))
    return set(tx.execute(select(quality.c.room_id).where(*theirs)).scalars())


def _quality(vault: Vault, row: Row) -> Quality:
    return Quality(
        id=row.id,
        room_id=row.room_id,
        line=row.line,
        operator=row.operator,
        supervisor=row.supervisor,
        at=row.at,
        marks={item: getattr(row, item) for item in ITEMS},
        comment=vault.open(row.comment_sealed) if row.comment_sealed else "",
        would_escalate=row.would_escalate,
    )
