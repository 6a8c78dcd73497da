"""The parts of a period's report that tell of what came in by each channel, spoken and written."""

from collections.abc import Mapping, Sequence
from datetime import date

from reports.calls import Day
from reports.chats import ChatDay
from reports.document import Seconds, Section, Value
from reports.periods import Span, first_of, told

Names = Mapping[str, str]
_COUNTS = ("opened", "asked", "attended", "unattended")
_NOTE = "Por escrito, cada cifra es del día en que pasó: quien escribe de noche se atiende otro día."


def by_channel(days: Sequence[Day], chats: Sequence[ChatDay], names: Names) -> Section:
    """What came in on each line by voice and by WhatsApp; nothing where nobody wrote."""
    rows: list[list[Value]] = []
    lines = {each.line for each in days} | {each.line for each in chats}
    for line in sorted(lines) if chats else ():
        name, spoken = names.get(line, line), [each for each in days if each.line == line]
        counts = [sum(getattr(each, key) for each in spoken) for key in ("received", "asked", "attended", "abandoned")]
        if any(counts):
            rows.append([name, "Voz", *counts, _mean(sum(each.waited for each in spoken), counts[2])])
        if written := [each for each in chats if each.line == line]:
            rows.append([name, "WhatsApp", *_told(written)])
    headings = ("Línea", "Canal", *_HEADINGS)
    return Section("Entrantes por línea y canal", "Por canal", headings, rows, _NOTE, widths=(3, 1.4, *_WIDTHS))


def by_day(chats: Sequence[ChatDay], names: Names, span: Span) -> Section:
    """The written conversations of each line, by day, week or month."""
    found: dict[tuple[date, str], list[ChatDay]] = {}
    for each in chats:
        found.setdefault((first_of(span, each.day), each.line), []).append(each)
    rows: list[list[Value]] = [
        [told(span, start), names.get(line, line), *_told(found[start, line])] for start, line in sorted(found)
    ]
    headings = (span.label, "Línea", *_HEADINGS)
    title = f"Conversaciones escritas por línea y {span.label.lower()}"
    return Section(title, "Por escrito", headings, rows, _NOTE, widths=(1.5, 2.7, *_WIDTHS), is_detail=True)


_HEADINGS = ("Recibidas", "Pidieron una persona", "Atendidas", "Sin atender", "ASA")
_WIDTHS = (1.3, 1.5, 1.3, 1.4, 1)


def _told(mine: Sequence[ChatDay]) -> list[Value]:
    counts = [sum(getattr(each, name) for each in mine) for name in _COUNTS]
    return [*counts, _mean(sum(each.waited for each in mine), counts[2])]


def _mean(seconds: float, attended: int) -> Value:
    return Seconds(seconds / attended) if attended else None
