"""PINs that the lines activated, changed and refused, by reason (requirements.md §9, R31–R38)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from beneficiaries.registry import PinReason
from reports.periods import Period

#: Of ivr/pins.py: (tx, since, until, zone) → rows with line, day, was_made, reason, pins.
PinRegister = Callable[[Connection, datetime, datetime, ZoneInfo], Iterable[Row]]

#: (what became of it, a code of why) → how many
Pins = Counter[tuple[str, str]]

ACTIVATED, CHANGED, REFUSED = "Activado", "Cambiado", "Rechazado"
_WHY = {
    PinReason.ACTIVACION: "Primera vez",
    PinReason.OLVIDO: "Olvido",
    PinReason.EXTRAVIO: "Extravío",
    PinReason.CAMBIO_SIN_CONSENTIMIENTO: "Cambio sin consentimiento",
    PinReason.SUSTRACCION: "Sustracción del subsidio",
    "FECHA_NACIMIENTO": "La fecha de nacimiento no coincide",
    "SIN_HISTORIAL": "El documento no está en el padrón",
    "BLOQUEO": "Documento o teléfono bloqueado",
    "NO_ACTIVO": "Estado «No activo»",
    "NO_GENERADO": "Estado «-1 No generado»",
    "SIN_ORDEN": "Sustracción sin orden de trabajo",
    "SIN_PADRON": "El padrón no respondió",
}


def pins_in(
    tx: Connection, period: Period, register: PinRegister | None, hidden: Collection[str] = (), line: str = ""
) -> Pins:
    """How many of each, on the lines that are told of; ``line``: on it alone."""
    found: Pins = Counter()
    for row in register(tx, period.since, period.until, period.zone) if register else ():
        if row.line not in hidden and (not line or row.line == line):
            found[_became(row), row.reason] += row.pins
    return found


def in_order(pins: Pins) -> list[tuple[str, str, int]]:
    """(what became of it, why, how many), as a report tells them."""
    places = {code: number for number, code in enumerate(_WHY)}
    of_all = sorted(pins.items(), key=lambda each: (_ORDER.index(each[0][0]), places.get(each[0][1], len(places))))
    return [(became, _WHY.get(why, why), count) for (became, why), count in of_all]


_ORDER = (ACTIVATED, CHANGED, REFUSED)


def _became(row: Row) -> str:
    if not row.was_made:
        return REFUSED
    return ACTIVATED if row.reason == PinReason.ACTIVACION else CHANGED
