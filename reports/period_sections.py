"""The parts of a period's report: its calls in and out, by line and by day, week or month."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from reports.calls import Day
from reports.document import Chart, Drawn, Seconds, Section, Value
from reports.indicators import Indicator
from reports.periods import Span, briefly, first_of, told
from reports.service import Service, inbound

Names = Mapping[str, str]
_MOST_LABELS = 12  # that can still be read under a plot

#: (heading, place in service.INBOUND) of the indicators that fit beside each other.
_SHORT = (("Nivel de atención", 0), ("Servicio, con cortos", 1), ("Servicio, sin cortos", 2), ("Abandono", 3))
_TIMES = (("ASA", 4), ("AHT", 5))


def by_line(days: Sequence[Day], names: Names) -> Section:
    """Each line, all days together."""
    rows: list[list[Value]] = []
    for line in sorted({each.line for each in days}):
        mine = [each for each in days if each.line == line]
        counts = [_sum(mine, name) for name in ("received", "alone", "asked", "attended", "abandoned", "otherwise")]
        rows.append([names.get(line, line), *counts, _sum(mine, "of_campaigns"), _sum(mine, "of_desk")])
    headings = ("Línea", "Recibidas", "Solo la máquina", "Ofrecidas", "Atendidas", "Abandonadas", "Otra salida",
                "De campañas", "Del puesto")  # fmt: skip
    note = "Ofrecidas: las que pidieron una persona. Otra salida: dejaron un mensaje, pidieron que se les llame o "
    note += "siguieron con la máquina. De campañas y del puesto: las que salieron."
    return Section("Por línea", "Por línea", headings, rows, note, widths=(3.2, 1.3, 1.2, 1.3, 1.3, 1.6, 1, 1.4, 1.1))


def indicators(title: str, sheet: str, found: Sequence[Indicator], note: str) -> Section:
    """Each with its value, the two numbers that it divides, and its formula."""
    rows = [(each.name, each.shown, each.shown_part, each.whole, each.formula) for each in found]
    headings = ("Indicador", "Valor", "Dividendo", "Divisor", "Cómo se calcula")
    return Section(title, sheet, headings, rows, note, widths=(3, 1.2, 1.4, 1.3, 6))


def service_by_line(each: Mapping[str, Service], names: Names) -> Section:
    """The indicators of what came in, a line a row; nothing where there is one line only."""
    rows: list[list[Value]] = [
        [names.get(line, line), *(one.shown for one in inbound(service))] for line, service in each.items()
    ]
    headings = ("Línea", *(heading for heading, _ in (*_SHORT, *_TIMES)), "FCR", "Contención", "Transf. %",
                "Pend. antes de 24 h")  # fmt: skip
    note = "«—»: no hubo nada que dividir. Cómo se calcula cada uno está en la tabla de arriba."
    widths = (2.4, 1.1, 1.1, 1.1, 1.2, 0.8, 0.8, 1, 1.3, 1, 1.1)
    return Section("Indicadores por línea", "Atención por línea", headings, rows if len(rows) > 1 else [], note,
                   widths=widths)  # fmt: skip


def in_and_out(days: Sequence[Day], consultations: Mapping[date, int], span: Span) -> Section:
    """What came in and went out, by day, week or month."""
    told_of = {each.day for each in days} | set(consultations)
    rows: list[tuple[str, int, int, int]] = []
    starts = sorted({first_of(span, day) for day in told_of})
    for start in starts:
        mine = [each for each in days if first_of(span, each.day) == start]
        saved = sum(count for day, count in consultations.items() if first_of(span, day) == start)
        rows.append((told(span, start), _sum(mine, "received"), _sum(mine, "outgoing"), saved))
    series = [("Entrantes", [row[1] for row in rows]), ("Salientes", [row[2] for row in rows])]
    chart = Chart(Drawn.STACKED, _labels(span, starts), series, span.label) if len(starts) > 1 else None
    headings = (span.label, "Entrantes", "Salientes", "Consultas")
    unit = span.label.lower()
    return Section(f"Entrantes y salientes por {unit}", f"Por {unit}", headings, rows, "", chart)


def attention(days: Sequence[Day], span: Span, service: Callable[[Sequence[Day]], Service]) -> Section:
    """How those who asked for a person were attended, by day, week or month."""
    starts = sorted({first_of(span, each.day) for each in days if each.asked})
    found = [service([each for each in days if first_of(span, each.day) == start]) for start in starts]
    rows: list[list[Value]] = []
    for start, one in zip(starts, found, strict=True):
        values = [each.shown for each in inbound(one)]
        rows.append([told(span, start), one.asked, one.attended, one.abandoned, *(values[at] for _, at in _SHORT),
                     *(values[at] for _, at in _TIMES)])  # fmt: skip
    series = [
        ("Nivel de atención", [_ratio(one.attended, one.asked) for one in found]),
        ("Nivel de servicio, con abandonos cortos", [_ratio(one.in_time, one.asked) for one in found]),
    ]
    chart = Chart(Drawn.LINE, _labels(span, starts), series, span.label) if len(starts) > 1 else None
    headings = (span.label, "Ofrecidas", "Atendidas", "Abandonadas", *(heading for heading, _ in (*_SHORT, *_TIMES)))
    unit = span.label.lower()
    return Section(f"Atención por {unit}", f"Atención por {unit}", headings, rows, "", chart,
                   widths=(1.5, 1.3, 1.3, 1.5, 1.2, 1.2, 1.2, 1.3, 0.9, 0.9))  # fmt: skip


def incoming(days: Sequence[Day], names: Names, span: Span) -> Section:
    """What came in on each line, by day, week or month."""
    rows: list[list[Value]] = []
    for start, line, mine in _by_line_and(span, days):
        if counts := _some(mine, ("received", "alone", "asked", "attended", "in_time", "abandoned", "otherwise")):
            attended, waited = _sum(mine, "attended"), sum(day.waited for day in mine)
            rows.append([told(span, start), names.get(line, line), *counts, _mean(waited, attended)])
    headings = (span.label, "Línea", "Recibidas", "Solo la máquina", "Ofrecidas", "Atendidas", "A tiempo",
                "Abandonadas", "Otra salida", "ASA")  # fmt: skip
    title = f"Llamadas entrantes por línea y {span.label.lower()}"
    widths = (1.5, 2.7, 1.3, 1.1, 1.3, 1.3, 1, 1.6, 1, 0.9)
    note = "A tiempo: atendidas en los segundos que dice el nivel de servicio."
    return Section(title, "Entrantes", headings, rows, note, widths=widths, is_detail=True)


def outgoing(days: Sequence[Day], names: Names, span: Span) -> Section:
    """What went out on each line, by day, week or month."""
    counted = ("of_campaigns", "campaigns_answered", "of_desk", "desk_answered")
    rows: list[list[Value]] = []
    for start, line, mine in _by_line_and(span, days):
        if counts := _some(mine, counted):
            rows.append([told(span, start), names.get(line, line), *counts])
    headings = (span.label, "Línea", "De campañas", "Contestadas", "Del puesto", "Contestadas")
    note = "Contestadas por una persona: un buzón no cuenta. "
    note += "Del puesto: las que marcó un operador y las devoluciones prometidas."
    title = f"Llamadas salientes por línea y {span.label.lower()}"
    widths = (1.5, 3, 1.2, 1.2, 1.2, 1.2)
    return Section(title, "Salientes", headings, rows, note, widths=widths, is_detail=True)


def _by_line_and(span: Span, days: Sequence[Day]) -> list[tuple[date, str, list[Day]]]:
    found: dict[tuple[date, str], list[Day]] = {}
    for each in days:
        found.setdefault((first_of(span, each.day), each.line), []).append(each)
    return [(*key, found[key]) for key in sorted(found)]


def _some(days: Sequence[Day], names: Sequence[str]) -> list[int]:
    """The sum of each; none of them where all are nought."""
    counts = [_sum(days, name) for name in names]
    return counts if any(counts) else []


def _sum(days: Sequence[Day], name: str) -> int:
    return sum(getattr(day, name) for day in days)


def _mean(seconds: float, calls: int) -> Value:
    return Seconds(seconds / calls) if calls else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _labels(span: Span, starts: Sequence[date]) -> list[str]:
    """Labels that still can be read where there are many: every so many says its day."""
    each = max(1, -(-len(starts) // _MOST_LABELS))
    return [briefly(span, start) if number % each == 0 else "" for number, start in enumerate(starts)]
