"""What an operator did in a day, against the day's target (R14, §6.f)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, Connection, Date, Row, Table, and_, cast, func, select

from cases.tables import attention, case_, work_order

#: Counts an operator's answered calls, or the written conversations that they attended, between two moments; the desk
#: keeps them, and this room does not know the desk.
CountCalls = Callable[[Connection, str, datetime, datetime], int]


@dataclass(frozen=True)
class Production:
    """Of one operator and day."""

    calls: int
    cases: int
    orders: int
    target: int  #: conversations, spoken and written; 0: none
    chats: int = 0

    @property
    def attended(self) -> int:
        """Conversations, spoken and written."""
        return self.calls + self.chats

    @property
    def left(self) -> int:
        """Conversations that the target still asks for."""
        return max(self.target - self.attended, 0)


def production(
    tx: Connection,
    operator: str,
    day_start: datetime,
    day_end: datetime,
    *,
    count_calls: CountCalls,
    count_chats: CountCalls,
    target: int = 0,
) -> Production:
    """``day_start`` inside, ``day_end`` outside; ``operator``: an e-mail; ``target``: DeskLine.daily_target."""
    day = (operator, day_start, day_end)
    done = (count_calls(tx, *day), count_cases(tx, *day), count_orders(tx, *day))
    return Production(*done, target, count_chats(tx, *day))


def count_cases(tx: Connection, operator: str, start: datetime, end: datetime) -> int:
    """Attentions that the operator saved themselves, not those that went with the case of a colleague (R14)."""
    return _count(tx, attention, and_(attention.c.operator == operator, _SAVED), attention.c.saved_at, start, end)


def count_orders(tx: Connection, operator: str, start: datetime, end: datetime) -> int:
    """Work orders that the operator opened."""
    return _count(tx, work_order, work_order.c.opened_by == operator, work_order.c.opened_at, start, end)


def cases_by_day(
    tx: Connection, start: datetime, end: datetime, zone: ZoneInfo, hidden: Collection[str] = ()
) -> Sequence[Row]:
    """(operator, line, day, cases) of everybody, each as ``count_cases`` counts it. ``hidden``: lines not told of."""
    day, saved_at = _day(attention.c.saved_at, zone), attention.c.saved_at
    query = select(attention.c.operator, attention.c.line, day, func.count().label("cases"))
    query = query.where(_SAVED, saved_at >= start, saved_at < end, attention.c.line.not_in(list(hidden)))
    return tx.execute(query.group_by(attention.c.operator, attention.c.line, day)).all()


def orders_by_day(
    tx: Connection, start: datetime, end: datetime, zone: ZoneInfo, hidden: Collection[str] = ()
) -> Sequence[Row]:
    """(operator, line, day, orders) of everybody; the line of its consultation, None: it comes from none."""
    day, opened_at = _day(work_order.c.opened_at, zone), work_order.c.opened_at
    columns = (work_order.c.opened_by.label("operator"), case_.c.line, day)
    query = select(*columns, func.count().label("orders")).outerjoin(case_, case_.c.id == work_order.c.case_id)
    is_told = func.coalesce(case_.c.line, "").not_in(list(hidden))
    return tx.execute(query.where(opened_at >= start, opened_at < end, is_told).group_by(*columns)).all()


_SAVED = and_(attention.c.operator.is_not(None), ~attention.c.is_concluded)


def _day(column: Column, zone: ZoneInfo) -> ColumnElement:
    return cast(func.timezone(zone.key, column), Date).label("day")


def _count(
    tx: Connection, table: Table, is_theirs: ColumnElement[bool], when: Column, start: datetime, end: datetime
) -> int:
    asked = select(func.count()).select_from(table).where(is_theirs, when >= start, when < end)
    return tx.execute(asked).scalar_one()
