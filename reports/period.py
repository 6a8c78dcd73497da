"""The report of a period (R14, R23): everything that the page, the workbook, the PDF and the folder say of it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection

from core.privacy import Vault
from reports import chat_sections, period_sections, texted_sections, words, work_sections
from reports.calls import Day, Register, days_of
from reports.chats import ChatDay, chats_in
from reports.closed import Closed, closed_in
from reports.consultations import Consultations, Pendings, consultations_in, pendings_in
from reports.document import Document, Section
from reports.indicators import of_a_period, total
from reports.measures import Measures, Standards, Thresholds
from reports.occupation import Occupied, occupied_in, ocupacion
from reports.outbound import Called, called_in, dialled_in
from reports.periods import Period, Span
from reports.pins import PinRegister, Pins, pins_in
from reports.production import Worked, worked_in
from reports.service import Service, inbound, service_of
from reports.texted import Texted, texted_in

TITLE = "Informe de llamadas, consultas y campañas"
_BY_DAY, _BY_WEEK = 62, 200  # days up to which a report tells them one by one, and then week by week


@dataclass(frozen=True)
class House:
    """What of the installation a report needs. ``names``: of the lines, by id; ``standards``: what it measures by now;
    ``register`` and ``pins``: of ivr/register.py and ivr/pins.py; ``people``: who works here, by their e-mail."""

    vault: Vault
    institution: str
    names: Mapping[str, str]
    standards: Callable[[], Standards] = Standards
    register: Register | None = None
    pins: PinRegister | None = None
    people: Callable[[Connection], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Figures:
    """What was counted. ``line``: of it alone; none: of all that may be told of; ``limits``: each that was in force on
    some of the days."""

    period: Period
    line: str
    limits: Sequence[Thresholds]
    days: Sequence[Day]
    chats: Sequence[ChatDay]
    consultations: Sequence[Consultations]
    pendings: Sequence[Pendings]
    worked: Sequence[Worked]
    occupied: Mapping[str, Occupied]
    pins: Pins
    called: Sequence[Called]
    texted: Texted
    closed: Sequence[Closed]


def counted(
    tx: Connection,
    house: House,
    period: Period,
    *,
    seen: ColumnElement[bool] | None = None,
    hidden: Collection[str] = (),
    line: str = "",
    now: datetime | None = None,
) -> Figures:
    """Everything that a period's report says in numbers. ``seen``: the condition under which whoever reads may know of
    a campaign (campaigns/readers.py); ``hidden``: lines that they are not told of (R75); ``now``: where the period is
    not over."""
    dialled = dialled_in(tx, period)
    measures = Measures(tx, period, house.standards())
    stretches = measures.stretches()
    days = days_of(tx, period, house.register, dialled, hidden, stretches)
    worked = worked_in(tx, period, measures, hidden, line, house.people(tx) if house.people else None)
    told = {each.operator for each in worked} if not line else set()  # nobody's time at the desk is of one line
    return Figures(
        period=period,
        line=line,
        limits=list(dict.fromkeys(limits for _, limits in stretches)),
        days=[each for each in days if not line or each.line == line],
        chats=chats_in(tx, period, hidden, line),
        consultations=consultations_in(tx, period, hidden, line),
        pendings=pendings_in(tx, period, hidden, line),
        worked=worked,
        occupied={email: each for email, each in occupied_in(tx, period, now).items() if email in told},
        pins=pins_in(tx, period, house.pins, hidden, line),
        called=called_in(tx, house.vault, period, dialled, seen, hidden, line),
        texted=texted_in(tx, period, measures, seen, hidden, line),
        closed=closed_in(tx, period, seen, hidden, line),
    )


def span_for(period: Period) -> Span:
    """What a report of so many days is told by, where nobody says."""
    days = (period.last - period.first).days + 1
    return Span.DAY if days <= _BY_DAY else Span.WEEK if days <= _BY_WEEK else Span.MONTH


def document(found: Figures, house: House, *, made_at: datetime, name: str, span: Span | None = None) -> Document:
    """The report. ``name``: of its files; ``span``: whether it is told by day, week or month."""
    period, line = found.period, found.line
    sections = [each for each in _sections(found, house, span or span_for(period)) if each.rows]
    whose = house.names.get(line, line) if line else "todas las líneas"
    return Document(
        title=TITLE,
        subtitle=f"{period.told} · {whose}",
        name=name,
        facts=[],
        sections=sections,
        footer=f"{house.institution} · {period.told} · hecho {words.moment(made_at, period.zone)}"
        f" ({words.zone_told(made_at, period.zone)})",
        told="" if sections else "No hubo llamadas, mensajes ni consultas, ni se cerraron campañas en estos días.",
    )


def _sections(found: Figures, house: House, span: Span) -> list[Section]:
    """The long tables last."""
    names = house.names
    service = service_of(found.days, found.consultations, found.pendings, found.limits)
    of_days = partial(service_of, consultations=(), pendings=(), limits=found.limits)
    is_any = bool(found.days or found.consultations or found.pendings)
    attended = inbound(service) if is_any else []
    occupation = [ocupacion(found.occupied.values())] if found.occupied else []
    saved: Counter[date] = Counter()
    for each in found.consultations:
        saved[each.day] += each.all
    return [
        period_sections.by_line(found.days, names),
        chat_sections.by_channel(found.days, found.chats, names),
        period_sections.in_and_out(found.days, saved, span),
        period_sections.indicators(
            "Indicadores de la atención", "Atención", [*attended, *occupation], _SAID_OF_SERVICE
        ),
        period_sections.service_by_line(_of_lines(found), names),
        period_sections.attention(found.days, span, of_days),
        work_sections.production(found.worked, found.occupied),
        work_sections.consultations(found.consultations),
        work_sections.channels(found.consultations, names),
        work_sections.scripts(found.consultations, names),
        work_sections.pins(found.pins),
        period_sections.indicators(
            "Indicadores de las campañas",
            "Indicadores",
            of_a_period(total(each.counts for each in found.called)) if found.called else [],
            _SAID_OF_CAMPAIGNS,
        ),
        work_sections.campaigns(found.called, names),
        texted_sections.by_line(found.texted, names),
        texted_sections.by_campaign(found.texted, names),
        work_sections.closed(found.closed),
        work_sections.closed_texts(found.closed),
        period_sections.incoming(found.days, names, span),
        period_sections.outgoing(found.days, names, span),
        chat_sections.by_day(found.chats, names, span),
        work_sections.production_by(span, found.worked),
    ]


_SAID_OF_SERVICE = "El nivel de servicio se dice de las dos maneras, porque los contratos usan una u otra."
_SAID_OF_CAMPAIGNS = (
    "De las campañas que llamaron en el período, y de lo que pasó en él: un registro es una fila de un archivo, una "
    "llamada la que la red telefónica aceptó."
)


def _of_lines(found: Figures) -> dict[str, Service]:
    parts: tuple[Sequence[Day | Consultations | Pendings], ...] = (found.days, found.consultations, found.pendings)
    return {
        line: service_of(
            (each for each in found.days if each.line == line),
            (each for each in found.consultations if each.line == line),
            (each for each in found.pendings if each.line == line),
            found.limits,
        )
        for line in sorted({each.line for part in parts for each in part})
    }
