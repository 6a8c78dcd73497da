"""The hours and days that a request asks for, inside those that the country allows (E11)."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, time, timedelta
from typing import Any

from campaigns.upload.fields import Fields
from campaigns.upload.observations import Level
from campaigns.upload.values import parse_days, parse_hour
from campaigns.upload.vocabulary import Country

# When calls are legal in a country: (weekdays with Monday 0, from, to).
Legal = Sequence[tuple[Collection[int], time, time]]
Window = Callable[[str], Legal]


def read_hours(
    fields: Fields, country: Country | None, window: Window, start: date | None, end: date | None
) -> dict[str, Any]:
    """The three fields of a request as typed values; what is outside the window, or leaves nothing, is noted."""
    first = fields.optional("horario_inicio", parse_hour, "No es una hora.", "HH:MM, como 08:00")
    last = fields.optional("horario_fin", parse_hour, "No es una hora.", "HH:MM, como 17:30")
    days = fields.optional("dias", parse_days, "No entendemos los días.", "como L-V o L,MI,V")
    if country and window(country):
        _check_hours(fields, country, window(country), first, last, days)
        _check_period(fields, window(country), days, start, end)
    return {"horario_inicio": first, "horario_fin": last, "dias": days}


def _check_hours(
    fields: Fields,
    country: Country,
    legal: Legal,
    first: time | None,
    last: time | None,
    days: frozenset[int] | None,
) -> None:
    """E11: the request narrows the country's window, never widens it."""
    kept = [(start, end) for weekdays, start, end in legal if days is None or days & set(weekdays)]
    left = [(max(start, first or start), min(end, last or end)) for start, end in kept]
    if not any(start < end for start, end in left):
        name = "dias" if days is not None and not kept else "horario_inicio"
        fields.note("E11", name, "No queda ninguna hora legal para llamar.", _told(legal))
        return
    earliest, latest = min(start for start, _ in kept), max(end for _, end in kept)
    if first and first < earliest:
        message = f"Recortado a {earliest:%H:%M} (ventana de {country})."
        fields.note("E11", "horario_inicio", message, f"{earliest:%H:%M}", Level.AVISO)
    if last and last > latest:
        message = f"Recortado a {latest:%H:%M} (ventana de {country})."
        fields.note("E11", "horario_fin", message, f"{latest:%H:%M}", Level.AVISO)
    allowed = {day for weekdays, _, _ in legal for day in weekdays}
    if days and days - allowed:
        message = f"Hay días en que no se llama en {country}: se quitaron."
        fields.note("E11", "dias", message, _told(legal), Level.AVISO)


def _check_period(
    fields: Fields,
    legal: Legal,
    days: frozenset[int] | None,
    start: date | None,
    end: date | None,
) -> None:
    """E11 too: a period of a Saturday and a Sunday leaves nothing. Holidays are the dialler's business."""
    if not start or not end or end < start or (end - start).days >= 6:
        return
    allowed = {day for weekdays, _, _ in legal for day in weekdays} & (days or frozenset(range(7)))
    if allowed and not any((start + timedelta(days=n)).weekday() in allowed for n in range((end - start).days + 1)):
        fields.note("E11", "fecha_fin", "En esas fechas no hay ningún día en que se pueda llamar.", _told(legal))


def _told(legal: Legal) -> str:
    letters = ("L", "M", "MI", "J", "V", "S", "D")
    return "; ".join(
        f"{','.join(letters[day] for day in sorted(weekdays))} {start:%H:%M}–{end:%H:%M}"
        for weekdays, start, end in legal
    )
