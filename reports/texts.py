"""The parts of a report that are of texts and not of calls: what was sent, and whether it arrived (R49, R69)."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, literal, select

from campaigns.outcomes import Outcome
from campaigns.states import Channel
from campaigns.tables import attempt
from reports import sections, words
from reports.counting import ReportFigures
from reports.document import Chart, Drawn, Rate, Section, Value

Hours = list[tuple[int, int]]  #: (hour of the day, texts that went out in it, on all days)


def sent_by_hour(tx: Connection, campaign_id: int, zone: ZoneInfo) -> Hours:
    """Texts that the network took, by the hour of the day where the campaign is."""
    hour = func.date_bin(literal(timedelta(hours=1)), attempt.c.started_at, literal(datetime(2000, 1, 1, tzinfo=UTC)))
    mine = (attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None), attempt.c.channel == Channel.TEXT)
    found: Counter[int] = Counter()
    for at, sent in tx.execute(select(hour, func.count()).where(*mine).group_by(hour)):
        found[at.astimezone(zone).hour] += sent
    return sorted(found.items())


def figures(found: ReportFigures, sent: Hours) -> Section:
    """What was asked for, what could be loaded, what was sent and what became of it."""
    c = found.counts
    arrived, unsure, lost = (found.outcomes.get(code, 0) for code in _ENDS)
    technical = found.outcomes.get(Outcome.TECHNICAL, 0)
    rows: list[tuple[str, int, Value]] = [
        ("Solicitados (según la solicitud)", c.requested, None),
        ("Recibidos (filas del archivo)", c.received, None),
        ("Rechazados (con error, sin teléfono válido o repetidos)", c.rejected, _rate(c.rejected, c.received)),
        ("Cargados", c.loaded, _rate(c.loaded, c.received)),
        ("De ellos, excluidos (pidieron no recibir nada)", c.excluded, _rate(c.excluded, c.loaded)),
        ("Personas con mensaje enviado", c.called, _rate(c.called, c.loaded)),
        ("Entregados", arrived, _rate(arrived, c.called)),
        ("Enviados sin confirmar", unsure, _rate(unsure, c.called)),
        ("No entregados", lost, _rate(lost, c.called)),
        ("Sin saber si se envió (error técnico)", technical, _rate(technical, c.loaded)),
        _not_done(found),
        ("Mensajes enviados (con los de un segundo teléfono)", sum(count for _, count in sent), None),
        ("Personas que respondieron que no quieren más", c.opted_out, _rate(c.opted_out, c.called)),
    ]
    names = ("Recibidos", "Cargados", "Enviados", "Entregados")
    chart = Chart(Drawn.BARS, names, [("Registros", (c.received, c.loaded, c.called, arrived))], "Etapa")
    note = "«Sin confirmar»: la red lo envió y nunca dijo si llegó. Cada porcentaje es sobre la línea de la que sale."
    return Section("Solicitado, cargado y enviado", "Resumen", ("", "Cantidad", "%"), rows, note, chart, (6, 1, 1))


def indicators(found: ReportFigures) -> Section:
    """Each with its formula and the two numbers that it divides."""
    c = found.counts
    arrived, unsure, lost = (found.outcomes.get(code, 0) for code in _ENDS)
    told = (
        ("Cobertura", "Personas con mensaje enviado ÷ registros cargados.", c.called, c.loaded),
        ("Entrega", "Mensajes entregados ÷ personas con mensaje enviado.", arrived, c.called),
        ("Sin confirmar %", "Enviados de los que la red no dijo si llegaron ÷ personas con mensaje.", unsure, c.called),
        ("No entregados %", "Personas a quienes no llegó a ningún teléfono ÷ personas con mensaje.", lost, c.called),
        ("Opt-out %", "Personas que respondieron que no quieren más ÷ personas con mensaje.", c.opted_out, c.called),
    )
    rows = [(name, _rate(part, whole), part, whole, formula) for name, formula, part, whole in told]
    headings = ("Indicador", "Valor", "Dividendo", "Divisor", "Cómo se calcula")
    return Section("Indicadores", "Indicadores", headings, rows, widths=(3, 1.2, 1.4, 1.3, 6))


def outcomes(found: ReportFigures) -> Section:
    """As of calls, but that who was not reached yet was not «llamado»."""
    section = sections.outcomes(found)
    rows = [(_WAITING if row[0] == words.NOT_CALLED else row[0], *row[1:]) for row in section.rows]
    chart = section.chart and replace(section.chart, labels=[str(row[0]) for row in rows])
    return replace(section, rows=rows, chart=chart)


def hours(sent: Hours) -> Section:
    """When they went out."""
    rows = [(f"{hour:02}:00", count) for hour, count in sent]
    chart = Chart(Drawn.BARS, [f"{hour:02}" for hour, _ in sent], [("Mensajes", [count for _, count in sent])], "Hora")
    note = "Hora del país de la campaña, todos los días juntos."
    return Section("Mensajes por hora", "Por hora", ("Hora", "Mensajes"), rows, note, chart, (1, 1))


_WAITING = "Sin mensaje"
_ENDS = (Outcome.TEXT_DELIVERED, Outcome.TEXT_UNCONFIRMED, Outcome.TEXT_UNDELIVERED)


def _not_done(found: ReportFigures) -> tuple[str, int, Value]:
    c = found.counts
    if found.left:
        return "Quedaron sin terminar, y ya no se les escribe", found.left, _rate(found.left, c.loaded)
    return "Por enviar todavía", c.pending, _rate(c.pending, c.loaded)


def _rate(part: int, whole: int) -> Value:
    return Rate(part / whole) if whole else None
