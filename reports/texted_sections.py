"""The parts of a period's report that tell of campaigns' texts, apart from the calls."""

from collections.abc import Mapping
from decimal import Decimal

from campaigns.intake.reception import number_of
from reports.document import Rate, Section, Value
from reports.texted import Sent, Texted

Names = Mapping[str, str]
_NOTE = (
    "Lo que la red aceptó en el período, por el día en que salió. SMS: en cuántos viajó, que es lo que se paga; el "
    "costo es con la tarifa que regía el día en que salió. "
)


def by_line(texted: Texted, names: Names) -> Section:
    """Each line, all its campaigns together, and the replies that asked for no more."""
    rows: list[list[Value]] = [
        [names.get(line, line), *_told(texted.lines.get(line)), texted.stops.get(line, 0)]
        for line in sorted({*texted.lines, *texted.stops})
    ]
    headings = ("Línea", *_HEADINGS, "Respuestas de baja")
    note = _NOTE + "De baja: quienes contestaron BAJA, ALTO o STOP en esos días, a cualquier campaña de la línea."
    return Section("Mensajes de texto por línea", "Mensajes", headings, rows, note, widths=(2.6, *_WIDTHS, 1.4))


def by_campaign(texted: Texted, names: Names) -> Section:
    """Each campaign that texted in the period."""
    rows: list[list[Value]] = [
        [f"{row.name} ({number_of(row)})", names.get(row.line, row.line), *_told(sent)]
        for row, sent in texted.campaigns
    ]
    note = _NOTE + "De una campaña reservada saben solo las personas nombradas."
    headings = ("Campaña", "Línea", *_HEADINGS)
    return Section(
        "Campañas que escribieron en el período",
        "Mensajes por campaña",
        headings,
        rows,
        note,
        widths=(3, 1.8, *_WIDTHS),
    )


_HEADINGS = ("Enviados", "Entregados", "%", "No entregados", "Sin confirmar", "SMS", "Costo")
_WIDTHS = (1.2, 1.3, 1, 1.3, 1.3, 0.9, 1.5)


def _told(sent: Sent | None) -> list[Value]:
    if sent is None:
        return [0, 0, None, 0, 0, 0, None]
    rate = Rate(sent.delivered / sent.texts) if sent.texts else None
    cost = " + ".join(_money(currency, amount) for currency, amount in sorted(sent.costs.items()))
    return [sent.texts, sent.delivered, rate, sent.failed, sent.unconfirmed, sent.segments, cost or None]


def _money(currency: str, amount: Decimal) -> str:
    return f"{amount:,.2f} {currency}"
