"""What an operator did in a day, against the day's target (R14, §6.f)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, func, select

from cases.tables import attention, work_order

#: Counts an operator's answered calls between two moments; the desk keeps them, and this room does not know the desk.
CountCalls = Callable[[Connection, str, datetime, datetime], int]


@dataclass(frozen=True)
class Production:
    """Of one operator and day."""

    calls: int
    cases: int
    orders: int
    target: int  #: calls; 0: none

    @property
    def left(self) -> int:
        """Calls that the target still asks for."""
        return max(self.target - self.calls, 0)


def production(
    tx: Connection,
    operator: str,
    day_start: datetime,
    day_end: datetime,
    *,
    count_calls: CountCalls,
    target: int = 0,
) -> Production:
    """``day_start`` inside, ``day_end`` outside; ``operator``: an e-mail; ``target``: calls (DeskLine.daily_target)."""
    day = (operator, day_start, day_end)
    return Production(count_calls(tx, *day), count_cases(tx, *day), count_orders(tx, *day), target)


def count_cases(tx: Connection, operator: str, start: datetime, end: datetime) -> int:
    """Attentions that the operator saved themselves, not those that went with the case of a colleague (R14)."""
    theirs = and_(attention.c.operator == operator, ~attention.c.is_concluded)
    return _count(tx, attention, theirs, attention.c.saved_at, start, end)


def count_orders(tx: Connection, operator: str, start: datetime, end: datetime) -> int:
    """Work orders that the operator opened."""
    return _count(tx, work_order, work_order.c.opened_by == operator, work_order.c.opened_at, start, end)


def _count(
    tx: Connection, table: Table, is_theirs: ColumnElement[bool], when: Column, start: datetime, end: datetime
) -> int:
    asked = select(func.count()).select_from(table).where(is_theirs, when >= start, when < end)
    return tx.execute(asked).scalar_one()
