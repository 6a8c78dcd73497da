"""The calls that wanted a person: every one registered, with who attended it and how it ended (issue 3, §1)."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, distinct, func, or_, select

from core.privacy import mask_phone
from desk.lines import DeskLine, Queue
from desk.states import LegRole, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import operator
from desk.tables import room as room_table
from desk.world import Desk

A_PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which calls are looked for: None is any. ``since`` inside, ``until`` outside."""

    line: str | None = None
    account_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    ended_as: str | None = None
    is_emergency: bool | None = None


@dataclass(frozen=True)
class Registered:
    """One call, masked. ``seconds``: talked; ``waited``: before somebody answered, or altogether."""

    id: int
    at: datetime
    line: DeskLine | None
    queue: Queue | None
    kind: RoomKind
    state: RoomState
    ended_as: str | None
    phone: str | None
    path: tuple[str, ...]
    attended_by: list[str]
    waited: int | None
    seconds: int | None
    is_crisis: bool
    is_emergency: bool
    confirmed: str | None  # of an emergency: what let it end
    has_reason: bool  # an operator placed it, and wrote why (desk/call_reason.py)


@dataclass(frozen=True)
class MachineCall:
    """A call that the machine alone attended, masked. ``seconds``: how long it lasted, where it is over."""

    at: datetime
    line: DeskLine | None
    phone: str | None
    path: tuple[str, ...]
    subject: str | None
    seconds: int | None


def calls(
    tx: Connection,
    desk: Desk,
    wanted: Wanted,
    hidden: Collection[str] = (),
    *,
    without: Select | None = None,
    limit: int = A_PAGE,
    offset: int = 0,
) -> list[Registered]:
    """Newest first. ``hidden``: lines whose calls the reader may not know of (R75); ``without``: ids of attempts of
    which neither (R43, campaigns/readers.py)."""
    query = select(room_table).where(*_where(wanted, hidden, without))
    rows = tx.execute(
        query.order_by(room_table.c.entered_at.desc(), room_table.c.id.desc()).limit(limit).offset(offset)
    )
    found = rows.all()
    names = _attended_by(tx, [row.id for row in found])
    return [_registered(desk, row, names.get(row.id, [])) for row in found]


def count(tx: Connection, wanted: Wanted, hidden: Collection[str] = (), *, without: Select | None = None) -> int:
    """How many there are of them."""
    query = select(func.count()).select_from(room_table).where(*_where(wanted, hidden, without))
    return tx.execute(query).scalar_one()


def count_attended(tx: Connection, email: str, start: datetime, end: datetime) -> int:
    """Calls that an operator answered between two moments: those handed to them too (R14)."""
    mine = (
        leg_table.c.account_id == operator.c.account_id,
        operator.c.email == email,
        leg_table.c.role == LegRole.OPERATOR,
        leg_table.c.joined_at >= start,
        leg_table.c.joined_at < end,
    )
    return tx.execute(select(func.count(distinct(leg_table.c.room_id))).where(*mine)).scalar_one()


def _where(wanted: Wanted, hidden: Collection[str], without: Select | None) -> list[ColumnElement[bool]]:
    column = room_table.c
    asked: list[ColumnElement[bool]] = [column.line.not_in(list(hidden))]
    if without is not None:
        asked.append(or_(column.attempt_id.is_(None), column.attempt_id.not_in(without)))
    if wanted.line:
        asked.append(column.line == wanted.line)
    if wanted.since:
        asked.append(column.entered_at >= wanted.since)
    if wanted.until:
        asked.append(column.entered_at < wanted.until)
    if wanted.ended_as:
        asked.append(column.ended_as == wanted.ended_as)
    if wanted.is_emergency is not None:
        asked.append(column.is_emergency.is_(wanted.is_emergency))
    if wanted.account_id is not None:
        theirs = (leg_table.c.account_id == wanted.account_id, leg_table.c.joined_at.is_not(None))
        asked.append(column.id.in_(select(leg_table.c.room_id).where(*theirs)))
    return asked


def _attended_by(tx: Connection, ids: list[int]) -> dict[int, list[str]]:
    """The names of those who spoke with the citizen, in the order in which they came."""
    if not ids:
        return {}
    spoke = (
        leg_table.c.room_id.in_(ids),
        leg_table.c.role.in_([LegRole.OPERATOR, LegRole.CONSULTED]),
        leg_table.c.joined_at.is_not(None),
    )
    found: dict[int, list[str]] = {}
    for row in tx.execute(select(leg_table.c.room_id, leg_table.c.name).where(*spoke).order_by(leg_table.c.id)):
        names = found.setdefault(row.room_id, [])
        if row.name and row.name not in names:
            names.append(row.name)
    return found


def _registered(desk: Desk, row: Row, names: list[str]) -> Registered:
    line = desk.lines.get(row.line)
    known = json.loads(desk.vault.open(row.learnt_sealed)) if row.learnt_sealed else {}
    until = row.answered_at or row.ended_at
    return Registered(
        id=row.id,
        at=row.entered_at,
        line=line,
        queue=line.queue(row.queue) if line else None,
        kind=RoomKind(row.kind),
        state=RoomState(row.state),
        ended_as=row.ended_as,
        phone=mask_phone(desk.vault.open(row.citizen_sealed)) if row.citizen_sealed else None,
        path=tuple(str(step) for step in known.get("path") or ()),
        attended_by=names,
        waited=_between(row.entered_at, until),
        seconds=_between(row.answered_at, row.ended_at),
        is_crisis=row.is_crisis,
        is_emergency=row.is_emergency,
        confirmed=row.confirmed,
        has_reason=row.reason_sealed is not None,
    )


def _between(since: datetime | None, until: datetime | None) -> int | None:
    return int((until - since).total_seconds()) if since and until else None
