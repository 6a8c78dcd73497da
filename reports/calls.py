"""The calls of each line and day, in and out (R23, requirements.md §9), read off what is kept for good: nothing here
asks whose a call was, so that a period gives the same figures again after its telephones were erased."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Row,
    Subquery,
    and_,
    cast,
    extract,
    func,
    literal_column,
    select,
    true,
)

from campaigns.outcomes import BY_PERSON
from desk.states import MOVES, LegRole, Presence, RoomKind, RoomState
from desk.tables import leg, operator, presence_change, room, room_event
from reports.measures import Thresholds
from reports.periods import Period

#: The calls that reached a line, of ivr/register.py: (tx, since, until, zone) → rows with line, day, received, alone.
Register = Callable[[Connection, datetime, datetime, ZoneInfo], Iterable[Row]]

#: How a conversation that nobody attended ends where its citizen took another way: they abandoned nothing.
OTHER_WAYS = ("promised a call", "leaves a message", "finished by machine")
_IS_A_MOVE = room_event.c.kind.in_([literal_column(f"'{each}'") for each in MOVES])  # written out: an index has them
_LONGEST_CALL = timedelta(days=1)


@dataclass
class Day:
    """One line on one day, by when a call began. In: ``received`` by the line, ``alone`` those that asked for no
    person, ``asked`` those that did; of them ``attended`` (``in_time`` soon enough, ``moved`` handed on), ``abandoned``
    (``short`` at once), ``otherwise`` gone by a way that the line offered. Seconds in all of those attended: ``waited``
    before, ``talked``, ``wrote`` afterwards. Out: of campaigns and of the desk, ``answered`` those that a person took:
    a machine is nobody (campaigns.outcomes.BY_PERSON)."""

    line: str
    day: date
    received: int = 0
    alone: int = 0
    asked: int = 0
    attended: int = 0
    abandoned: int = 0
    otherwise: int = 0
    in_time: int = 0
    short: int = 0
    moved: int = 0
    waited: float = 0.0
    talked: float = 0.0
    wrote: float = 0.0
    of_campaigns: int = 0
    campaigns_answered: int = 0
    of_desk: int = 0
    desk_answered: int = 0

    @property
    def outgoing(self) -> int:
        return self.of_campaigns + self.of_desk


def days_of(
    tx: Connection,
    period: Period,
    register: Register | None,
    dialled: Iterable[Row] = (),
    hidden: Collection[str] = (),
    stretches: Sequence[tuple[Period, Thresholds]] = (),
) -> list[Day]:
    """Each line on each day on which there was a call, days first. ``dialled``: the calls of campaigns (outbound.py);
    ``hidden``: lines that are not told of (R75); ``stretches``: the period, by the thresholds that were in force; none:
    the usual ones."""
    found: dict[tuple[date, str], Day] = {}

    def day(row: Row) -> Day:
        return found.setdefault((row.day, row.line), Day(row.line, row.day))

    for row in register(tx, period.since, period.until, period.zone) if register else ():
        day(row).received, day(row).alone = row.received, row.alone
    for stretch, limits in stretches or [(period, Thresholds())]:
        for row in _of_desk(tx, stretch, limits):
            each = day(row)
            for name in _OF_DESK:
                setattr(each, name, getattr(row, name))
            each.waited, each.talked = float(row.waited or 0), float(row.talked or 0)
    for row in _written_down(tx, period):
        day(row).wrote = float(row.wrote or 0)
    for row in dialled:
        day(row).of_campaigns += row.calls
        day(row).campaigns_answered += row.calls if row.outcome in BY_PERSON else 0
    return [found[key] for key in sorted(found) if key[1] not in hidden]


def is_anybody_on_the_line(tx: Connection, period: Period) -> bool:
    """Whether a conversation of the desk that began in the period goes on, or is being written down: its figures are
    not whole yet."""
    began = (room.c.entered_at >= period.since, room.c.entered_at < period.until)
    goes_on = select(room.c.id).where(room.c.state != RoomState.ENDED, *began)
    writes = (operator.c.state == Presence.POST_LLAMADA, operator.c.since < period.until)
    writing = select(operator.c.account_id).where(*writes)
    return any(tx.execute(query.limit(1)).first() is not None for query in (goes_on, writing))


def day_in(zone: ZoneInfo, column: ColumnElement[datetime]) -> ColumnElement[date]:
    """The day of a moment where the institution is, by the name ``day``."""
    return cast(func.timezone(zone.key, column), Date).label("day")


_OF_DESK = (*("asked", "attended", "abandoned", "otherwise", "in_time", "short", "moved", "of_desk", "desk_answered"),)


def _of_desk(tx: Connection, period: Period, limits: Thresholds) -> Iterable[Row]:
    """Conversations of the desk. A campaign's contact is counted with the campaigns; a call of the desk is one as soon
    as its citizen's telephone was asked for: a promised one that waits has not left."""
    column, moved, dialled = room.c, _moved(period), _dialled()
    came_in, went_out = column.kind == RoomKind.INBOUND, dialled.c.room_id.is_not(None)
    attended = column.answered_at.is_not(None)
    gone = and_(came_in, ~attended, column.state == RoomState.ENDED)
    otherwise = func.coalesce(column.ended_as, "").in_(OTHER_WAYS)
    wait = extract("epoch", column.answered_at - column.entered_at)
    stayed = extract("epoch", column.ended_at - column.entered_at)
    query = (
        select(
            column.line,
            (day := day_in(period.zone, column.entered_at)),
            func.count().filter(came_in).label("asked"),
            func.count().filter(came_in, attended).label("attended"),
            func.count().filter(gone, ~otherwise).label("abandoned"),
            func.count().filter(gone, otherwise).label("otherwise"),
            func.count().filter(came_in, wait <= limits.in_time).label("in_time"),
            func.count().filter(gone, ~otherwise, stayed <= limits.short).label("short"),
            func.count().filter(came_in, attended, moved.c.room_id.is_not(None)).label("moved"),
            func.sum(wait).filter(came_in, attended).label("waited"),
            func.sum(extract("epoch", column.ended_at - column.answered_at)).filter(came_in).label("talked"),
            func.count().filter(went_out).label("of_desk"),
            func.count().filter(went_out, attended).label("desk_answered"),
        )
        .outerjoin(moved, moved.c.room_id == column.id)
        .outerjoin(dialled, true())
        .where(column.entered_at >= period.since, column.entered_at < period.until)
    )
    return tx.execute(query.group_by(column.line, day))


def _dialled() -> FromClause:
    """The telephone of the citizen of a call that the desk makes: looked up for each, so that not all are read."""
    theirs = (leg.c.room_id == room.c.id, leg.c.role == LegRole.CALLER, leg.c.asked_at.is_not(None))
    is_made = room.c.kind.in_((RoomKind.OUTBOUND, RoomKind.CALLBACK))
    return select(leg.c.room_id).where(*theirs, is_made).limit(1).lateral()


def _moved(period: Period) -> Subquery:
    """Conversations that were handed on."""
    at = room_event.c.at
    when = (at >= period.since, at < period.until + _LONGEST_CALL)
    return select(room_event.c.room_id).distinct().where(_IS_A_MOVE, *when).subquery()


def _written_down(tx: Connection, period: Period) -> Iterable[Row]:
    """(line, day, wrote): seconds after citizens' calls in which whoever attended wrote them down, each spell with the
    last call that they had had. One that goes on after the period counts until its end: later figures are the same."""
    change = presence_change.c
    next_at = func.lead(change.at).over(partition_by=change.account_id, order_by=(change.at, change.id))
    during = (change.at >= period.since, change.at < period.until + _LONGEST_CALL)
    spell = select(change.account_id, change.at, change.state, next_at.label("next_at")).where(*during).subquery()
    had = (
        select(leg.c.room_id)
        .where(leg.c.account_id == spell.c.account_id, leg.c.joined_at <= spell.c.at)
        .where(leg.c.role.in_((LegRole.OPERATOR, LegRole.CONSULTED)))
        .order_by(leg.c.joined_at.desc(), leg.c.id.desc())
        .limit(1)
        .lateral()
    )
    seconds = extract("epoch", func.least(spell.c.next_at, period.until) - spell.c.at)
    query = (
        select(room.c.line, (day := day_in(period.zone, room.c.entered_at)), func.sum(seconds).label("wrote"))
        .select_from(spell.join(had, true()).join(room, room.c.id == had.c.room_id))
        .where(spell.c.state == Presence.POST_LLAMADA, spell.c.next_at.is_not(None), spell.c.at < period.until)
        .where(room.c.kind == RoomKind.INBOUND, room.c.entered_at >= period.since, room.c.entered_at < period.until)
    )
    return tx.execute(query.group_by(room.c.line, day))
