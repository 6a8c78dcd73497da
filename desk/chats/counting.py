"""Written conversations, counted for production and reports (R14, R23): each figure on the day of its own moment, and
of what is never changed or erased, so that a period gives the same again."""

from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Row,
    cast,
    distinct,
    extract,
    func,
    literal_column,
    select,
)

from desk.chats.tables import chat
from desk.states import CHAT_MOVES
from desk.tables import operator, room_event

_WAITS, *_TAKES = CHAT_MOVES
_MOVED = room_event.c.kind.in_([literal_column(f"'{each}'") for each in CHAT_MOVES])  # written out: an index has them
_TAKEN = (_MOVED, room_event.c.kind.in_(_TAKES))
_BY = cast(room_event.c.facts["account"].astext, BigInteger)
#: The person asked for it, and nobody put it back into its queue.
_ASKED = (_MOVED, room_event.c.kind == _WAITS, room_event.c.actor == "whatsapp")


def count_attended(tx: Connection, email: str, start: datetime, end: datetime) -> int:
    """Conversations that an operator took, or was handed, between two moments (R14)."""
    query = select(func.count(distinct(room_event.c.room_id))).join(operator, operator.c.account_id == _BY)
    when = (room_event.c.at >= start, room_event.c.at < end)
    return tx.execute(query.where(*_TAKEN, *when, operator.c.email == email)).scalar_one()


def attended_by_day(
    tx: Connection, since: datetime, until: datetime, zone: ZoneInfo, hidden: Collection[str] = ()
) -> Iterable[Row]:
    """(operator, line, day, chats) of everybody, as ``count_attended`` counts them. ``hidden``: lines not told of."""
    at = room_event.c.at
    columns = (operator.c.email.label("operator"), chat.c.line, _day(zone, at))
    query = (
        select(*columns, func.count(distinct(room_event.c.room_id)).label("chats"))
        .join(operator, operator.c.account_id == _BY)
        .join(chat, chat.c.id == room_event.c.room_id)
        .where(*_TAKEN, at >= since, at < until, chat.c.line.not_in(list(hidden)))
    )
    return tx.execute(query.group_by(*columns))


def opened(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> Iterable[Row]:
    """(line, day, opened): those that people began."""
    return _of(tx, zone, chat.c.opened_at, since, until, func.count().label("opened"))


def asked(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> Iterable[Row]:
    """(line, day, asked): those in which they asked for a person."""
    at = room_event.c.at
    columns = (chat.c.line, _day(zone, at))
    query = select(*columns, func.count(distinct(chat.c.id)).label("asked"))
    query = query.join(room_event, room_event.c.room_id == chat.c.id).where(*_ASKED, at >= since, at < until)
    return tx.execute(query.group_by(*columns))


def attended(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> Iterable[Row]:
    """(line, day, attended, waited): those that a person took for the first time, and the seconds until then in all."""
    first = select(func.min(room_event.c.at)).where(room_event.c.room_id == chat.c.id, room_event.c.kind == _WAITS)
    waited = func.sum(extract("epoch", chat.c.answered_at - first.scalar_subquery())).label("waited")
    return _of(tx, zone, chat.c.answered_at, since, until, func.count().label("attended"), waited)


def unattended(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> Iterable[Row]:
    """(line, day, unattended): those that ended though a person was asked for, and none had come."""
    left = (chat.c.answered_at.is_(None), chat.c.queued_at.is_not(None))
    return _of(tx, zone, chat.c.ended_at, since, until, func.count().label("unattended"), where=left)


def _of(
    tx: Connection,
    zone: ZoneInfo,
    at: ColumnElement[datetime],
    since: datetime,
    until: datetime,
    *counts: ColumnElement,
    where: Iterable[ColumnElement[bool]] = (),
) -> Iterable[Row]:
    columns = (chat.c.line, _day(zone, at))
    return tx.execute(select(*columns, *counts).where(at >= since, at < until, *where).group_by(*columns))


def _day(zone: ZoneInfo, at: ColumnElement[datetime]) -> ColumnElement:
    return cast(func.timezone(zone.key, at), Date).label("day")
