"""The calls of each line and day, in and out (R23), and the campaigns that were closed meanwhile."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Date, Row, Text, and_, cast, extract, func, select, true

from campaigns.counting.days import by_day
from campaigns.intake.reception import number_of
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core.audit import audit
from desk.states import RoomKind, RoomState
from desk.tables import room
from reports import words
from reports.document import Chart, Document, Drawn, Rate, Section, Value
from reports.indicators import Counts, outbound
from reports.kinds import FINAL
from reports.tables import report

#: The calls that reached a line, of ivr/register.py: (tx, since, until, zone) → rows with line, day, received, alone.
Register = Callable[[Connection, datetime, datetime, ZoneInfo], Iterable[Row]]

LONGEST = 400  # days of one report


@dataclass
class Day:
    """One line on one day. In: ``received`` by the line, ``alone`` those that asked for no person, ``asked`` those that
    did; of them ``attended``, ``abandoned``, and ``waited``, seconds in all of those attended. Out: of campaigns and of
    the desk, ``answered`` those that a person took: a machine is nobody (campaigns.outcomes.BY_PERSON)."""

    line: str
    day: date
    received: int = 0
    alone: int = 0
    asked: int = 0
    attended: int = 0
    abandoned: int = 0
    waited: float = 0.0
    of_campaigns: int = 0
    campaigns_answered: int = 0
    of_desk: int = 0
    desk_answered: int = 0

    @property
    def outgoing(self) -> int:
        return self.of_campaigns + self.of_desk


@dataclass(frozen=True)
class Period:
    """Whole days, both inside, where the institution is."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone)

    @property
    def told(self) -> str:
        if self.first == self.last:
            return words.day(self.first)
        return f"{words.day(self.first)} – {words.day(self.last)}"


def days_of(tx: Connection, period: Period, register: Register | None, hidden: Collection[str] = ()) -> list[Day]:
    """Each line on each day on which there was a call, days first. ``hidden``: lines that are not told of (R75)."""
    found: dict[tuple[date, str], Day] = {}

    def day(row: Row) -> Day:
        return found.setdefault((row.day, row.line), Day(row.line, row.day))

    for row in register(tx, period.since, period.until, period.zone) if register else ():
        day(row).received, day(row).alone = row.received, row.alone
    for row in _of_desk(tx, period):
        each = day(row)
        each.asked, each.attended, each.abandoned = row.asked, row.attended, row.abandoned
        each.waited, each.of_desk, each.desk_answered = float(row.waited or 0), row.of_desk, row.desk_answered
    for row in by_day(tx, period.since, period.until, period.zone):
        day(row).of_campaigns, day(row).campaigns_answered = row.calls, row.answered
    return [found[key] for key in sorted(found) if key[1] not in hidden]


def closed_in(tx: Connection, period: Period, seen: ColumnElement[bool] | None = None, line: str = "") -> list[Row]:
    """Campaigns closed in these days, with ``figures`` of their final report and ``closed_at``. ``seen``: the condition
    under which whoever reads may know of one (campaigns/readers.py)."""
    when = and_(
        audit.c.subject == "campaign",
        audit.c.subject_id == cast(campaign.c.id, Text),
        audit.c.action == f"campaign.{CampaignState.CLOSED}",
    )
    final = and_(report.c.campaign_id == campaign.c.id, report.c.kind == FINAL)
    query = (
        select(campaign, audit.c.at.label("closed_at"), report.c.figures)
        .join(audit, when)
        .outerjoin(report, final)
        .where(campaign.c.state == CampaignState.CLOSED, audit.c.at >= period.since, audit.c.at < period.until)
        .where(seen if seen is not None else true())
        .where(campaign.c.line == line if line else true())
    )
    return list(tx.execute(query.order_by(audit.c.at, campaign.c.id)))


def document(
    period: Period,
    days: Sequence[Day],
    closed: Sequence[Row],
    names: Mapping[str, str],
    *,
    made_at: datetime,
    institution: str,
    name: str,
    line: str = "",
) -> Document:
    """The report of a period. ``names``: of the lines, by id; ``line``: the one that it is of, none for all."""
    kept = [each for each in days if not line or each.line == line]
    sections = [
        _by_line(kept, names),
        _by_day(kept),
        _incoming(kept, names),
        _outgoing(kept, names),
        _campaigns(closed),
    ]
    return Document(
        title="Informe de llamadas y campañas",
        subtitle=f"{period.told} · {names.get(line, line) if line else 'todas las líneas'}",
        name=name,
        facts=[],
        sections=[each for each in sections if each.rows],
        footer=f"{institution} · {period.told} · hecho {words.moment(made_at, period.zone)}"
        f" ({words.zone_told(made_at, period.zone)})",
        told="" if kept or closed else "No hubo llamadas ni se cerraron campañas en estos días.",
    )


def _by_line(days: Sequence[Day], names: Mapping[str, str]) -> Section:
    lines = sorted({each.line for each in days})
    rows: list[list[Value]] = []
    for line in lines:
        mine = [each for each in days if each.line == line]
        received, attended = sum(d.received for d in mine), sum(d.attended for d in mine)
        asked, outgoing = sum(d.asked for d in mine), sum(d.outgoing for d in mine)
        alone, abandoned = sum(d.alone for d in mine), sum(d.abandoned for d in mine)
        attention = Rate(attended / asked) if asked else None
        rows.append([names.get(line, line), received, alone, asked, attended, abandoned, attention, outgoing])
    headings = ("Línea", "Recibidas", "Solo la máquina", "Pidieron persona", "Atendidas", "Abandonadas",
                "Nivel de atención", "Salientes")  # fmt: skip
    note = "Nivel de atención: atendidas por una persona ÷ las que la pidieron."
    return Section("Por línea", "Por línea", headings, rows, note, widths=(3.4, 1.3, 1.2, 1.3, 1.3, 1.5, 1.4, 1.3))


def _by_day(days: Sequence[Day]) -> Section:
    found = sorted({each.day for each in days})
    totals = [(day, [each for each in days if each.day == day]) for day in found]
    rows = [(words.day(day), sum(d.received for d in mine), sum(d.outgoing for d in mine)) for day, mine in totals]
    series = [("Entrantes", [row[1] for row in rows]), ("Salientes", [row[2] for row in rows])]
    chart = Chart(Drawn.STACKED, _short(found), series, "Día")
    return Section("Entrantes y salientes por día", "Por día", ("Día", "Entrantes", "Salientes"), rows, "", chart)


def _incoming(days: Sequence[Day], names: Mapping[str, str]) -> Section:
    rows: list[list[Value]] = [
        [words.day(d.day), names.get(d.line, d.line), d.received, d.alone, d.asked, d.attended, d.abandoned,
         round(d.waited / d.attended) if d.attended else None]
        for d in days
        if d.received or d.asked
    ]  # fmt: skip
    headings = ("Día", "Línea", "Recibidas", "Solo la máquina", "Pidieron persona", "Atendidas", "Abandonadas",
                "Espera media (s)")  # fmt: skip
    widths = (1.5, 3, 1.3, 1.2, 1.3, 1.3, 1.5, 1.2)
    return Section("Llamadas entrantes por línea y día", "Entrantes", headings, rows, widths=widths)


def _outgoing(days: Sequence[Day], names: Mapping[str, str]) -> Section:
    rows: list[list[Value]] = [
        [words.day(d.day), names.get(d.line, d.line), d.of_campaigns, d.campaigns_answered, d.of_desk, d.desk_answered]
        for d in days
        if d.outgoing
    ]
    headings = ("Día", "Línea", "De campañas", "Contestadas", "Del puesto", "Contestadas")
    note = "Contestadas por una persona: un buzón no cuenta. "
    note += "Del puesto: las que marcó un operador y las devoluciones prometidas."
    return Section("Llamadas salientes por línea y día", "Salientes", headings, rows, note, widths=(1.5, 3, 1, 1, 1, 1))


def _campaigns(closed: Sequence[Row]) -> Section:
    rows: list[list[Value]] = []
    for row in closed:
        counts = Counts(**row.figures) if row.figures else None
        values = {each.name: each.value for each in outbound(counts)} if counts else {}
        rates: list[Value] = [Rate(rate) if (rate := values.get(name)) is not None else None for name in _SHOWN]
        loaded: list[Value] = [counts.loaded, counts.calls] if counts else [None, None]
        rows.append([f"{row.name} ({number_of(row)})", row.area, *loaded, *rates])
    headings = ("Campaña", "Área", "Cargados", "Llamadas", *_SHOWN)
    note = "Cómo se calcula cada indicador está en el informe de la campaña."
    widths = (3.4, 2, 1.3, 1.3, 1.1, 1.6, 1.3, 1.5)
    return Section("Campañas cerradas en el período", "Campañas", headings, rows, note, widths=widths)


_SHOWN = ("Barrido", "Contactabilidad", "Contacto efectivo", "Efectividad")


def _short(days: Sequence[date]) -> list[str]:
    """Labels that still can be read where there are many: every so many says its day."""
    each = max(1, len(days) // 12)
    return [f"{day:%d/%m}" if number % each == 0 else "" for number, day in enumerate(days)]


def _day(column: ColumnElement[datetime], zone: ZoneInfo) -> ColumnElement[date]:
    return cast(func.timezone(zone.key, column), Date).label("day")


def _of_desk(tx: Connection, period: Period) -> Iterable[Row]:
    """Conversations of the desk. A campaign's contact is counted with the campaigns."""
    column = room.c
    came_in, went_out = column.kind == RoomKind.INBOUND, column.kind.in_((RoomKind.OUTBOUND, RoomKind.CALLBACK))
    attended = column.answered_at.is_not(None)
    gone = and_(came_in, ~attended, column.state == RoomState.ENDED)
    wait = extract("epoch", column.answered_at - column.entered_at)
    query = select(
        column.line,
        (day := _day(column.entered_at, period.zone)),
        func.count().filter(came_in).label("asked"),
        func.count().filter(came_in, attended).label("attended"),
        func.count().filter(gone).label("abandoned"),
        func.sum(wait).filter(came_in, attended).label("waited"),
        func.count().filter(went_out).label("of_desk"),
        func.count().filter(went_out, attended).label("desk_answered"),
    ).where(column.entered_at >= period.since, column.entered_at < period.until)
    return tx.execute(query.group_by(column.line, day))
