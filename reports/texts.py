"""The parts of a report that are of texts and not of calls: what was sent, and whether it arrived (R49, R69)."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, literal, select

from campaigns.outcomes import REJECTED, Outcome
from campaigns.states import Channel
from campaigns.tables import attempt
from reports import sections, words
from reports.counting import ReportFigures
from reports.document import Chart, Drawn, Rate, Section, Value
from reports.texted_people import TextedPeople

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
    """What was asked for, what could be loaded, what was sent and what became of it: each record that was loaded is in
    one line."""
    c = found.counts
    rows: list[tuple[str, int, Value]] = [
        ("Solicitados (según la solicitud)", c.requested, None),
        ("Recibidos (filas del archivo)", c.received, None),
        ("Rechazados (con error, sin teléfono válido o repetidos)", c.rejected, _rate(c.rejected, c.received)),
        ("Cargados", c.loaded, _rate(c.loaded, c.received)),
        *((became, count, _rate(count, c.loaded)) for became, count in _fates(found)),
        ("Personas con mensaje enviado", c.called, _rate(c.called, c.loaded)),
        ("Mensajes enviados (con los de un segundo teléfono)", sum(count for _, count in sent), None),
        ("Personas que respondieron que no quieren más", c.opted_out, _rate(c.opted_out, c.called)),
    ]
    names = ("Recibidos", "Cargados", "Enviados", "Entregados")
    chart = Chart(Drawn.BARS, names, [("Registros", (c.received, c.loaded, c.called, c.delivered))], "Etapa")
    note = "«Sin confirmar»: la red lo envió y nunca dijo si llegó. Cada registro cargado está en una sola de las "
    note += "líneas que van desde «Entregados»: juntas suman los cargados."
    return Section("Solicitado, cargado y enviado", "Resumen", ("", "Cantidad", "%"), rows, note, chart, (6, 1, 1))


def indicators(found: ReportFigures) -> Section:
    """Each with its formula and the two numbers that it divides."""
    c = found.counts
    arrived, unsure, lost = (found.ended.get(code, 0) for code in _OF_TEXTS)
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


def beside_calls(texted: TextedPeople, sent: Hours) -> list[Section]:
    """Of a campaign that calls too: its texts, which no figure of its calls counts."""
    told = (
        ("Personas con mensaje enviado", texted.people, None),
        ("Mensajes enviados", texted.texts, None),
        ("Personas con mensaje entregado", texted.delivered, texted.people),
        ("Enviado sin confirmar", texted.unconfirmed, texted.people),
        ("No entregado", texted.undelivered, texted.people),
        ("Personas que respondieron que no quieren más", texted.opted_out, texted.people),
        ("La red no aceptó su mensaje", texted.refused, None),
    )
    rows = [(name, count, _rate(count, of) if of is not None else None) for name, count, of in told if count or of]
    note = "Aparte de las llamadas: ninguna otra cifra de este informe cuenta un mensaje como llamada. Cada porcentaje "
    note += "es de las personas con mensaje enviado. «Sin confirmar»: la red lo envió y nunca dijo si llegó."
    headings = ("", "Cantidad", "%")
    return [
        Section("Mensajes de texto", "Mensajes", headings, rows, note, widths=(6, 1, 1)),
        replace(hours(sent), sheet="Mensajes por hora"),
    ]


def outcomes(found: ReportFigures) -> Section:
    """As of calls, but that who was not reached yet was not «llamado»."""
    section = sections.outcomes(found)
    rows = [(words.NOT_TEXTED if row[0] == words.NOT_CALLED else row[0], *row[1:]) for row in section.rows]
    chart = section.chart and replace(section.chart, labels=[str(row[0]) for row in rows])
    return replace(section, rows=rows, chart=chart)


def hours(sent: Hours) -> Section:
    """When they went out."""
    rows = [(f"{hour:02}:00", count) for hour, count in sent]
    chart = Chart(Drawn.BARS, [f"{hour:02}" for hour, _ in sent], [("Mensajes", [count for _, count in sent])], "Hora")
    note = "Hora del país de la campaña, todos los días juntos."
    return Section("Mensajes por hora", "Por hora", ("Hora", "Mensajes"), rows, note, chart, (1, 1))


_OF_TEXTS = (Outcome.TEXT_DELIVERED, Outcome.TEXT_UNCONFIRMED, Outcome.TEXT_UNDELIVERED)
#: What may become of whoever was loaded; the first ones are told of though there be none.
_ALWAYS = {
    Outcome.TEXT_DELIVERED: "Entregados",
    Outcome.TEXT_UNCONFIRMED: "Enviados sin confirmar",
    Outcome.TEXT_UNDELIVERED: "No entregados",
    Outcome.EXCLUDED: "Excluidos (pidieron no recibir nada)",
}
_SELDOM = {
    Outcome.INVALID_PHONE: "Sin mensaje: sus teléfonos son de otra persona",
    Outcome.CONTACT_LIMIT: "Sin mensaje: no lo dejó el tope de contactos",
    Outcome.EXPIRED: "Sin mensaje: se acabó el plazo",
    Outcome.TECHNICAL: "Sin saber si se envió (error técnico)",
}


def _fates(found: ReportFigures) -> list[tuple[str, int]]:
    """(what became of them, how many): together, whoever was loaded."""
    ended = {Outcome(code): count for code, count in found.ended.items() if code not in REJECTED and count}
    told = [(became, ended.pop(code, 0)) for code, became in _ALWAYS.items()]
    told += [(became, ended.pop(code)) for code, became in _SELDOM.items() if code in ended]
    told += [(code.label, count) for code, count in ended.items()]
    if found.left:
        return [*told, ("Quedaron sin terminar, y ya no se les escribe", found.left)]
    return [*told, ("Por enviar todavía", found.counts.pending)]


def _rate(part: int, whole: int) -> Value:
    return Rate(part / whole) if whole else None
