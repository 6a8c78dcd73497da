"""The parts of a campaign's report, each a table with what it says, most of them with a chart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.outcomes import Outcome
from reports import words
from reports.counting import ReportFigures
from reports.document import Chart, Drawn, Rate, Section, Value
from reports.indicators import Counts, outbound


def figures(found: ReportFigures) -> Section:
    """What was asked for, what came, what could be loaded."""
    c = found.counts
    silent = c.loaded - c.called
    rows: list[tuple[str, int, Value]] = [
        ("Solicitados (según la solicitud)", c.requested, None),
        ("Recibidos (filas del archivo)", c.received, None),
        ("Rechazados (con error, sin teléfono válido o repetidos)", c.rejected, _rate(c.rejected, c.received)),
        ("Cargados", c.loaded, _rate(c.loaded, c.received)),
        ("De ellos, excluidos (pidieron no recibir llamadas)", c.excluded, _rate(c.excluded, c.loaded)),
        ("Registros marcados", c.called, _rate(c.called, c.loaded)),
        ("Sin ninguna llamada (su tipificación dice por qué)", silent, _rate(silent, c.loaded)),
        ("Con contacto", c.contacted, _rate(c.contacted, c.called)),
        ("Con titular confirmado", c.confirmed, _rate(c.confirmed, c.contacted)),
        ("Con el objetivo cumplido", c.met, _rate(c.met, c.confirmed)),
        _not_done(found),
        ("Llamadas hechas", c.calls, None),
        ("Llamadas contestadas", c.answered, _rate(c.answered, c.calls)),
    ]
    names = ("Recibidos", "Cargados", "Marcados", "Contacto", "Titular", "Cumplido")
    values = (c.received, c.loaded, c.called, c.contacted, c.confirmed, c.met)
    chart = Chart(Drawn.BARS, names, [("Registros", values)], "Etapa")
    note = "Cada porcentaje es sobre la línea de la que sale: recibidos, cargados, marcados, con contacto, confirmados."
    return Section("Solicitado, cargado y alcanzado", "Resumen", ("", "Cantidad", "%"), rows, note, chart, (6, 1, 1))


def _not_done(found: ReportFigures) -> tuple[str, int, Value]:
    c = found.counts
    if found.left:
        return "Quedaron sin terminar, y ya no se llaman", found.left, _rate(found.left, c.loaded)
    return "Por llamar todavía", c.pending, _rate(c.pending, c.loaded)


def indicators(counts: Counts) -> Section:
    """Every indicator with its formula and the two numbers that it divides."""
    rows = [(each.name, each.shown, each.part, each.whole, each.formula) for each in outbound(counts)]
    over = [each.name for each in outbound(counts) if each.is_over]
    note = "Un registro es una fila del archivo; una llamada, la que la red telefónica aceptó."
    note += f" Por encima de lo debido: {', '.join(over)}." if over else ""
    headings = ("Indicador", "Valor", "Dividendo", "Divisor", "Cómo se calcula")
    return Section("Indicadores", "Indicadores", headings, rows, note, widths=(3, 1.2, 1.4, 1.3, 6))


def outcomes(found: ReportFigures) -> Section:
    """How each record stands: its last outcome."""
    order: list[str | None] = [*(each.value for each in Outcome), None]
    total = found.counts.received
    kept = [(code, found.outcomes[code]) for code in order if found.outcomes.get(code)]
    rows = [(words.outcome(code), code or "", count, _rate(count, total)) for code, count in kept]
    chart = Chart(
        Drawn.BARS, [words.outcome(code) for code, _ in kept], [("Registros", [n for _, n in kept])], "Tipificación"
    )
    headings = ("Tipificación", "Código", "Registros", "%")
    return Section("Tipificaciones", "Tipificaciones", headings, rows, "", chart, (4, 5, 1.3, 1))


def calls_wanted(people: int) -> Section:
    """Who said yes to being called, where somebody did: the calls that the campaign owes."""
    rows = [("Personas que pidieron que se les llame", people)] if people else []
    note = (
        "El sistema no las llama otra vez. Su lista se descarga en la página de la campaña, mientras tenga sus datos."
    )
    return Section("Llamadas que se deben", "Llamadas que se deben", ("", "Personas"), rows, note, widths=(5, 1))


def tries(found: ReportFigures) -> Section:
    """The curve of attempts: what each further call brought."""
    reached = 0
    rows: list[tuple[Value, ...]] = []
    for each in found.tries:
        reached += each.contacted
        rows.append((each.number, each.records, each.contacted, _rate(reached, found.counts.loaded)))
    chart = Chart(
        Drawn.BARS,
        [str(each.number) for each in found.tries],
        [
            ("Registros", [each.records for each in found.tries]),
            ("Terminaron en contacto", [each.contacted for each in found.tries]),
        ],
        "Llamadas por registro",
    )
    headings = ("Llamadas", "Registros llamados tantas veces", "Terminaron en contacto", "Acumulado ÷ cargados")
    note = "Cada registro está una vez, en la línea de las llamadas que recibió."
    return Section("Curva de intentos", "Intentos", headings, rows, note, chart, (1, 2, 1.3, 2))


def hours(found: ReportFigures, zone: ZoneInfo, now: datetime) -> Section:
    """How many calls were answered, by the hour at which they were made."""
    rows = [
        (f"{each.hour:02}:00", each.calls, each.answered, _rate(each.answered, each.calls), each.by_person,
         _rate(each.by_person, each.calls))
        for each in found.hours
    ]  # fmt: skip
    by_hour = {each.hour: each for each in found.hours}
    whole_day = range(min(by_hour, default=0), max(by_hour, default=-1) + 1)  # an hour without calls is a gap
    each_hour = [by_hour.get(hour) for hour in whole_day]
    chart = Chart(
        Drawn.LINE,
        [f"{hour:02}" for hour in whole_day],
        [
            ("Contestadas", [each.answered / each.calls if each else None for each in each_hour]),
            ("Por una persona", [each.by_person / each.calls if each else None for each in each_hour]),
        ],
        "Hora",
    )
    headings = ("Hora", "Llamadas", "Contestadas", "% contestadas", "Por una persona", "% por una persona")
    note = f"Hora del país de la campaña ({words.zone_told(now, zone)}), todos los días juntos."
    return Section("Contestación por hora", "Por hora", headings, rows, note, chart, (1, 1.2, 1.3, 1.4, 1.5, 1.6))


def rejected(found: Sequence[tuple[str, str, int]], codes: Mapping[str, str]) -> Section:
    """What the checks found in the file, counted. ``found``: (code, level, how many)."""
    rows = [(code, codes.get(code, code), level.capitalize(), count) for code, level, count in found]
    headings = ("Código", "Qué se encontró", "Grado", "Veces")
    note = "Las filas con error no se cargan; las que tienen aviso, sí."
    return Section("Observaciones del archivo", "Observaciones", headings, rows, note, widths=(1, 6, 1, 1))


def news(trail: Sequence[dict], zone: ZoneInfo, technical: int, people: Mapping[str, str] | None = None) -> Section:
    """What happened on the way, oldest first, each with who and why."""
    told = [(each, words.news(each["action"])) for each in reversed(trail)]
    rows: list[tuple[Value, ...]] = [
        (words.moment(each["at"], zone), said, words.who(each["actor"], people), each["reason"] or "")
        for each, said in told
        if said
    ]
    note = f"{technical:,} registros quedaron con error técnico: no se sabe si se les llamó." if technical else ""
    return Section("Novedades", "Novedades", ("Cuándo", "Qué", "Quién", "Motivo"), rows, note, widths=(2, 3, 3, 4))


def approval(trail: Sequence[dict], zone: ZoneInfo, people: Mapping[str, str] | None = None) -> Section:
    """Who verified it and who approved it (R60)."""
    names = {"campaign.verified": "Verificó", "campaign.approved": "Aprobó"}
    rows = [
        (names[each["action"]], words.who(each["actor"], people), words.moment(each["at"], zone), each["reason"] or "")
        for each in reversed(trail)
        if each["action"] in names
    ]
    headings = ("", "Quién", "Cuándo", "Qué dijo")
    return Section("Quién la aprobó", "Aprobación", headings, rows, widths=(1, 3, 2, 4))


def _rate(part: int, whole: int) -> Value:
    return Rate(part / whole) if whole else None
