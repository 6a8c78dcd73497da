"""What each operator did on each day, against the day's target (R14)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Row, distinct, func, select

from cases.production import cases_by_day, orders_by_day
from desk.chats.counting import attended_by_day
from desk.states import LegRole
from desk.tables import leg, operator, room
from reports.calls import day_in
from reports.periods import Period


@dataclass
class Worked:
    """One operator on one day. ``calls`` answered, those handed to them too (desk/call_list.py), as are ``chats``;
    ``cases`` saved; ``orders`` opened; ``target``: conversations, spoken and written, the highest of the lines on which
    they worked that day, 0: none."""

    operator: str  #: an e-mail
    name: str
    day: date
    calls: int = 0
    chats: int = 0
    cases: int = 0
    orders: int = 0
    lines: set[str] = field(default_factory=set)
    target: int = 0


def worked_in(
    tx: Connection,
    period: Period,
    targets: Mapping[str, int],
    hidden: Collection[str] = (),
    line: str = "",
    people: Mapping[str, str] | None = None,
) -> list[Worked]:
    """Everybody on each day on which they did something, by name and day. ``targets``: of each line, a day;
    ``line``: on it alone, and then without the orders that come from no consultation; ``people``: names by e-mail,
    of whoever was never at the desk."""
    names = dict(people or {})
    names |= {row.email: row.name for row in tx.execute(select(operator.c.email, operator.c.name))}
    found: dict[tuple[str, date], Worked] = {}

    def of(row: Row) -> Worked:
        name = names.get(row.operator, row.operator)
        return found.setdefault((row.operator, row.day), Worked(row.operator, name, row.day))

    for row in _of_lines(_calls(tx, period, hidden), line):
        of(row).calls += row.calls
        of(row).lines.add(row.line)
    for row in _of_lines(attended_by_day(tx, period.since, period.until, period.zone, hidden), line):
        of(row).chats += row.chats
        of(row).lines.add(row.line)
    for row in _of_lines(cases_by_day(tx, period.since, period.until, period.zone, hidden), line):
        of(row).cases += row.cases
        of(row).lines.add(row.line)
    for row in _of_lines(orders_by_day(tx, period.since, period.until, period.zone, hidden), line):
        of(row).orders += row.orders
    for each in found.values():
        each.target = max((targets.get(one, 0) for one in each.lines), default=0)
    return sorted(found.values(), key=lambda each: (each.name, each.operator, each.day))


def _of_lines(rows: Iterable[Row], line: str) -> Iterable[Row]:
    return (row for row in rows if not line or row.line == line)


def _calls(tx: Connection, period: Period, hidden: Collection[str]) -> Iterable[Row]:
    """(operator, line, day, calls), as ``desk.call_list.count_attended`` counts those of one."""
    joined_at = leg.c.joined_at
    query = (
        select(
            operator.c.email.label("operator"),
            room.c.line,
            (day := day_in(period.zone, joined_at)),
            func.count(distinct(leg.c.room_id)).label("calls"),
        )
        .select_from(operator)
        .join(leg, leg.c.account_id == operator.c.account_id)
        .join(room, room.c.id == leg.c.room_id)
        .where(leg.c.role == LegRole.OPERATOR, joined_at >= period.since, joined_at < period.until)
        .where(room.c.line.not_in(list(hidden)))
    )
    return tx.execute(query.group_by(operator.c.email, room.c.line, day))
