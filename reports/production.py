"""What each operator did on each day, against the day's target (R14)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Row, distinct, func, select

from cases.production import cases_by_day, orders_by_day
from desk.chats.counting import attended_by_day
from desk.states import LegRole, RoomKind
from desk.tables import leg, operator, room
from reports.calls import day_in
from reports.measures import Measures
from reports.periods import Period


@dataclass
class Worked:
    """One operator on one day. Calls that they answered, those handed to them too (desk/call_list.py): ``incoming``,
    ``outgoing`` that they dialled or that were promised, and ``of_campaigns``; ``chats`` the same; ``cases`` saved;
    ``orders`` opened; ``target``: conversations, spoken and written, the highest of the lines on which they worked that
    day or, where they have one of their own, that one; 0: none."""

    operator: str  #: an e-mail
    name: str
    day: date
    incoming: int = 0
    outgoing: int = 0
    of_campaigns: int = 0
    chats: int = 0
    cases: int = 0
    orders: int = 0
    lines: set[str] = field(default_factory=set)
    target: int = 0

    @property
    def calls(self) -> int:
        return self.incoming + self.outgoing + self.of_campaigns


def worked_in(
    tx: Connection,
    period: Period,
    measures: Measures,
    hidden: Collection[str] = (),
    line: str = "",
    people: Mapping[str, str] | None = None,
) -> list[Worked]:
    """Everybody on each day on which they did something, by name and day. ``measures``: the targets that were in force;
    ``line``: on it alone, and then without the orders that come from no consultation; ``people``: names by e-mail, of
    whoever was never at the desk."""
    names = dict(people or {})
    accounts = {}
    for row in tx.execute(select(operator.c.email, operator.c.name, operator.c.account_id)):
        names[row.email], accounts[row.email] = row.name, row.account_id
    found: dict[tuple[str, date], Worked] = {}

    def of(row: Row) -> Worked:
        name = names.get(row.operator, row.operator)
        return found.setdefault((row.operator, row.day), Worked(row.operator, name, row.day))

    for row in _of_lines(_calls(tx, period, hidden), line):
        for name in ("incoming", "outgoing", "of_campaigns"):
            setattr(of(row), name, getattr(of(row), name) + getattr(row, name))
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
        own = measures.own_target_on(each.day, accounts.get(each.operator))
        of_lines = max((measures.target_on(each.day, one) for one in each.lines), default=0)
        each.target = of_lines if own is None else own
    return sorted(found.values(), key=lambda each: (each.name, each.operator, each.day))


def _of_lines(rows: Iterable[Row], line: str) -> Iterable[Row]:
    return (row for row in rows if not line or row.line == line)


def _calls(tx: Connection, period: Period, hidden: Collection[str]) -> Iterable[Row]:
    """(operator, line, day, incoming, outgoing, of_campaigns), as ``desk.call_list.count_attended`` counts those of one
    together."""
    joined_at = leg.c.joined_at
    calls = func.count(distinct(leg.c.room_id))
    query = (
        select(
            operator.c.email.label("operator"),
            room.c.line,
            (day := day_in(period.zone, joined_at)),
            calls.filter(room.c.kind == RoomKind.INBOUND).label("incoming"),
            calls.filter(room.c.kind.in_((RoomKind.OUTBOUND, RoomKind.CALLBACK))).label("outgoing"),
            calls.filter(room.c.kind == RoomKind.CAMPAIGN).label("of_campaigns"),
        )
        .select_from(operator)
        .join(leg, leg.c.account_id == operator.c.account_id)
        .join(room, room.c.id == leg.c.room_id)
        .where(leg.c.role == LegRole.OPERATOR, joined_at >= period.since, joined_at < period.until)
        .where(room.c.line.not_in(list(hidden)))
    )
    return tx.execute(query.group_by(operator.c.email, room.c.line, day))
