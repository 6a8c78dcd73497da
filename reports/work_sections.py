"""The parts of a period's report that tell what was done: by operator, by consultation, PINs, and by campaign."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from campaigns.intake.reception import number_of
from campaigns.states import TEXTS
from cases.catalogue.catalogue import channel_named, subject_named, subjects_for
from reports import words
from reports.closed import Closed
from reports.consultations import Consultations
from reports.document import Chart, Drawn, Rate, Section, Value
from reports.indicators import Counts, of_a_period, outbound
from reports.occupation import Occupied
from reports.outbound import Called
from reports.periods import Span, first_of, told
from reports.pins import Pins, in_order
from reports.production import Worked

Names = Mapping[str, str]
_MOST_BARS = 12
_SCRIPT = re.compile(r"(\S+) v(\S+)")  # cases.catalogue.values.Script.label
_SHOWN = ("Barrido", "Contactabilidad", "Contacto efectivo", "Efectividad")


def production(worked: Sequence[Worked], occupied: Mapping[str, Occupied]) -> Section:
    """Each operator, all days together. ``occupied``: by their e-mail; of a line alone there is none."""
    rows: list[list[Value]] = []
    for email, mine in _by_operator(worked).items():
        days = len({each.day for each in mine})
        share = [occupied.get(email, Occupied()).shown] if occupied else []
        rows.append([mine[0].name, days, *_did(mine), *share])
    top = sorted(rows, key=lambda row: -_attended(row))[:_MOST_BARS]
    series = [("Conversaciones", [_attended(row) for row in top])]
    chart = Chart(Drawn.BARS, [_cut(str(row[0])) for row in top], series, "Operador")
    note = (
        "Salientes: las que marcó y las devoluciones prometidas. Meta: las conversaciones de un día (llamadas de los "
        "tres tipos y por escrito), por los días en que trabajó; la suya si la tiene, o la más alta de las líneas que "
        "atendió ese día, según lo que regía."
    )
    note += " «—»: esas líneas no tienen meta (en Puesto se ve la de las líneas que se pueden atender)."
    note += " Una orden es de la línea de su consulta."
    note += f" Se dibujan los {_MOST_BARS} con más conversaciones." if len(rows) > _MOST_BARS else ""
    headings = ("Operador", "Días", *_DID, *(["Ocupación"] if occupied else []))
    widths = (3, 0.7, *_DID_WIDTHS, *([1.2] if occupied else []))
    return Section("Producción por operador", "Producción", headings, rows, note, chart, widths)


def production_by(span: Span, worked: Sequence[Worked]) -> Section:
    """Each operator on each day, week or month (R14); nothing where there is one, which the table before tells."""
    found: dict[tuple[object, str, str], list[Worked]] = {}
    for each in worked:
        found.setdefault((first_of(span, each.day), each.name, each.operator), []).append(each)
    rows: list[list[Value]] = [
        [told(span, mine[0].day), mine[0].name, *_did(mine)]
        for _, mine in sorted(found.items(), key=lambda one: one[0])
    ]
    if len({first_of(span, each.day) for each in worked}) < 2:
        rows = []
    headings = (span.label, "Operador", *_DID)
    unit = span.label.lower()
    return Section(f"Producción por operador y {unit}", f"Producción por {unit}", headings, rows,
                   widths=(1.4, 3.3, *_DID_WIDTHS), is_detail=True)  # fmt: skip


def consultations(found: Sequence[Consultations]) -> Section:
    """By kind, the most frequent first."""
    saved: Counter[str] = Counter()
    at_once: Counter[str] = Counter()
    by_line: Counter[str] = Counter()
    for each in found:
        saved[each.subject] += each.by_people
        at_once[each.subject] += each.at_once
        by_line[each.subject] += each.by_line
    order = sorted({each.subject for each in found}, key=lambda code: (-saved[code] - by_line[code], code))
    rows: list[list[Value]] = [
        [subject_named(code).name, saved[code], at_once[code], _rate(at_once[code], saved[code]), by_line[code]]
        for code in order
    ]
    names, counts = [str(row[0]) for row in rows], [saved[code] + by_line[code] for code in order]
    chart = Chart(
        Drawn.BARS, [_cut(name) for name in names[:_MOST_BARS]], [("Consultas", counts[:_MOST_BARS])], "Consulta"
    )
    headings: tuple[str, ...] = ("Consulta", "De personas", "Cerradas en el primer contacto", "FCR", "De la línea")
    note = (
        "De personas: las que guardó quien atendió. De la línea: las que dejó la máquina cuando alguien no pudo seguir."
    )
    widths: tuple[float, ...] = (6, 1.3, 1.7, 1.1, 1.1)
    owners = [subject_named(code).owner for code in order]
    if any(owners):  # R97
        headings, widths = (*headings, "Le corresponde a"), (4, 1.3, 1.7, 1.1, 1.1, 2)
        rows = [[*row, owner or "—"] for row, owner in zip(rows, owners, strict=True)]
    return Section("Consultas por tipo", "Consultas", headings, rows, note, chart, widths)


def channels(found: Sequence[Consultations], names: Names) -> Section:
    """By line and by the channel on which they came (R1)."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in found:
        counts[each.line, each.channel] += each.all
    rows = [(names.get(line, line), channel_named(channel), count)
            for (line, channel), count in sorted(counts.items())]  # fmt: skip
    return Section("Consultas por línea y canal", "Canales", ("Línea", "Canal", "Consultas"), rows, widths=(5, 2, 1.3))


def scripts(found: Sequence[Consultations], names: Names) -> Section:
    """Which version of which script was shown (R5, R70)."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in found:
        if each.script:
            counts[each.line, each.script] += each.by_people
    rows = [
        (names.get(line, line), _script_named(line, script), count) for (line, script), count in sorted(counts.items())
    ]
    headings = ("Línea", "Guion y versión", "Consultas")
    return Section("Guiones usados", "Guiones", headings, rows, widths=(4, 4, 1.3))


def _script_named(line: str, label: str) -> str:
    """By the consultation that it is for, and its version; one that is for none any more by its own name."""
    written = _SCRIPT.fullmatch(label)
    if written is None:
        return label
    name, version = written.groups()
    of_it = (each.name for each in subjects_for(line) if each.script and each.script.name == name)
    return f"{next(of_it, words.plain(name))}, versión {version}"


def pins(found: Pins) -> Section:
    """What became of the calls for a PIN, by reason."""
    rows: list[list[Value]] = []
    for became, why, count in in_order(found):
        of_it = sum(each for (other, _), each in found.items() if other == became)
        rows.append([became, why, count, _rate(count, of_it)])
    note = "El porcentaje es de los activados, cambiados o rechazados. Un rechazo es una llamada que se quedó sin PIN."
    return Section("PIN por motivo", "PIN", ("Qué pasó", "Motivo", "Llamadas", "%"), rows, note, widths=(2, 5, 1.3, 1))


def campaigns(called: Sequence[Called], names: Names) -> Section:
    """Each campaign that called in the period, and what came of those calls."""
    rows: list[list[Value]] = []
    for each in called:
        values = {one.name: one for one in of_a_period(each.counts)}
        rates: list[Value] = [values[name].shown for name in (*_SHOWN[:1], "Intensidad", *_SHOWN[1:])]
        line = names.get(each.campaign.line, each.campaign.line)
        rows.append([_called(each.campaign), line, each.counts.calls, each.counts.called, *rates])
    headings = ("Campaña", "Línea", "Llamadas", "Registros marcados", "Barrido", "Intensidad", "Contactabilidad",
                "Contacto efectivo", "Efectividad")  # fmt: skip
    note = "Lo que pasó en las llamadas de este período; el informe de cada campaña dice el total. "
    note += "De una campaña reservada saben solo las personas nombradas."
    widths = (3, 2, 1.1, 1.2, 1, 1.2, 1.6, 1.1, 1.3)
    return Section("Campañas que llamaron en el período", "Campañas", headings, rows, note, widths=widths)


def closed(found: Sequence[Closed]) -> Section:
    """Those that were closed in the period, with what their final report says, but those that only texted."""
    rows: list[list[Value]] = []
    for each in (each for each in found if each.campaign.mode != TEXTS):
        counts = Counts(**each.figures) if each.figures else None
        values = {one.name: one for one in outbound(counts)} if counts else {}
        rates = [values[name].shown if values else None for name in _SHOWN]
        loaded: list[Value] = [counts.loaded, counts.calls] if counts else [None, None]
        rows.append([_called(each.campaign), each.campaign.area, *loaded, *rates])
    headings = ("Campaña", "Área", "Cargados", "Llamadas", *_SHOWN)
    note = "Las cifras de toda la campaña, como las dice su informe final."
    widths = (3.2, 2, 1.3, 1.2, 1.1, 1.7, 1.2, 1.4)
    return Section("Campañas cerradas en el período", "Cerradas", headings, rows, note, widths=widths)


def closed_texts(found: Sequence[Closed]) -> Section:
    """Of those that only texted, the same."""
    rows: list[list[Value]] = []
    for each in (each for each in found if each.campaign.mode == TEXTS):
        counts = Counts(**each.figures) if each.figures else None
        told: list[Value] = [None] * 4
        if counts:
            arrived = counts.delivered
            told = [counts.loaded, counts.called, arrived, _rate(arrived, counts.called)]
        rows.append([_called(each.campaign), each.campaign.area, *told])
    headings = ("Campaña", "Área", "Cargados", "Personas con mensaje", "Entregados", "%")
    note = "Las cifras de toda la campaña, como las dice su informe final."
    widths = (3.2, 2, 1.3, 1.4, 1.3, 1)
    title = "Campañas de mensajes cerradas en el período"
    return Section(title, "Mensajes, cerradas", headings, rows, note, widths=widths)


def _by_operator(worked: Sequence[Worked]) -> dict[str, list[Worked]]:
    found: dict[str, list[Worked]] = {}
    for each in worked:
        found.setdefault(each.operator, []).append(each)
    return found


_DID = ("Entrantes", "Salientes", "De campaña", "Por escrito", "Consultas", "Órdenes", "Meta", "Cumplimiento")
_DID_WIDTHS = (1.2, 1.1, 1.1, 1.1, 1.2, 1, 0.8, 1.5)
_CONVERSATIONS = ("incoming", "outgoing", "of_campaigns", "chats")


def _did(mine: Sequence[Worked]) -> list[Value]:
    counts = [sum(getattr(each, name) for each in mine) for name in (*_CONVERSATIONS, "cases", "orders")]
    target = sum(each.target for each in mine)
    return [*counts, target or None, _rate(sum(counts[: len(_CONVERSATIONS)]), target)]


def _attended(row: Sequence[Value]) -> int:
    return sum(int(count or 0) for count in row[2 : 2 + len(_CONVERSATIONS)])


def _rate(part: int, whole: int) -> Value:
    return Rate(part / whole) if whole else None


def _cut(name: str, longest: int = 30) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


def _called(campaign: object) -> str:
    return f"{campaign.name} ({number_of(campaign)})"  # type: ignore[attr-defined, arg-type]
