"""Days that a supervisor takes out of the calendar: decreed holidays, public employees' vacations (requirements §6)."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Identity,
    Index,
    Row,
    Table,
    Text,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from core import audit
from core.database import Moment, metadata

#: Decreed days and public employees' vacations. A row is never deleted: it is taken back.
closed_day = Table(
    "closed_day",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("country", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # asueto · vacacion
    Column("added_at", Moment, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("removed_at", Moment),
    Column("removed_by", Text),
    Index("uq_closed_day_standing", "country", "day", unique=True, postgresql_where=text("removed_at is null")),
)

MOST_DAYS = 31  # at once: a vacation, not a calendar


class DayKind(StrEnum):
    ASUETO = "asueto"
    VACACION = "vacacion"

    @property
    def label(self) -> str:
        return {"asueto": "Asueto decretado", "vacacion": "Vacación"}[self.value]


def closed_days(tx: Connection, country: str) -> frozenset[date]:
    """The days of a country that stand closed. Read anew each time, so that a new one is heeded at once."""
    query = select(closed_day.c.day).where(closed_day.c.country == country, closed_day.c.removed_at.is_(None))
    return frozenset(tx.execute(query).scalars())


def every_closed_day(tx: Connection) -> dict[str, frozenset[date]]:
    """By country, for whoever looks at many campaigns; a country without any is not in it."""
    query = select(closed_day.c.country, closed_day.c.day).where(closed_day.c.removed_at.is_(None))
    found: dict[str, set[date]] = defaultdict(set)
    for country, day in tx.execute(query):
        found[country].add(day)
    return {country: frozenset(days) for country, days in found.items()}


def listed(tx: Connection, country: str, since: date) -> list[Row]:
    """The closed days of a country from a day on, the next one first."""
    standing = (closed_day.c.country == country, closed_day.c.removed_at.is_(None), closed_day.c.day >= since)
    return list(tx.execute(select(closed_day).where(*standing).order_by(closed_day.c.day)))


def close(
    tx: Connection, now: datetime, actor: str, country: str, first: date, last: date, name: str, kind: DayKind
) -> int:
    """Closes every day from ``first`` to ``last``; returns how many were not closed already. Raises ValueError with a
    sentence: the order of the days, too many of them, no name."""
    if last < first:
        raise ValueError("El último día es anterior al primero.")
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"Son demasiados días: hasta {MOST_DAYS} a la vez.")
    if not name.strip():
        raise ValueError("Escriba el nombre del día.")
    told = {"country": country, "name": name.strip()[:120], "kind": kind, "added_at": now, "added_by": actor}
    days = [{**told, "day": first + timedelta(days=n)} for n in range((last - first).days + 1)]
    added = tx.execute(insert(closed_day).values(days).on_conflict_do_nothing().returning(closed_day.c.id)).all()
    facts = {"first": first.isoformat(), "last": last.isoformat(), "kind": kind.value, "days": len(added)}
    audit.record(tx, now, actor, "calendar.closed", "country", country, name.strip()[:120], **facts)
    return len(added)


def reopen(tx: Connection, now: datetime, actor: str, day_id: int) -> bool:
    """The day is one like any other again; False where it was already."""
    row = tx.execute(
        update(closed_day)
        .where(closed_day.c.id == day_id, closed_day.c.removed_at.is_(None))
        .values(removed_at=now, removed_by=actor)
        .returning(closed_day.c.country, closed_day.c.day)
    ).first()
    if row is not None:
        audit.record(tx, now, actor, "calendar.reopened", "country", row.country, day=row.day.isoformat())
    return row is not None
