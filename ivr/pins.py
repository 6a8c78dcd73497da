"""What became of each call for a PIN: activated, changed, refused, and why (requirements.md §9). Of a PIN that was set
the padrón's trail tells; that one was refused is written here."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, Row, cast, func, literal_column, select

from core import audit
from ivr.calls import Call
from ivr.tables import call as table

_MADE, _REFUSED = "pin.set", "pin.refused"
_IS_ABOUT_A_PIN = audit.audit.c.action.in_([literal_column(f"'{each}'") for each in (_MADE, _REFUSED)])  # of an index
_CALL = "call:"  # before the number of the call that did it, in the trail


class Refusal(StrEnum):
    """Why a caller left without the PIN that they rang for."""

    FECHA_NACIMIENTO = "FECHA_NACIMIENTO"
    SIN_HISTORIAL = "SIN_HISTORIAL"
    BLOQUEO = "BLOQUEO"  # what they knew was right, and a lock held
    NO_ACTIVO = "NO_ACTIVO"
    NO_GENERADO = "NO_GENERADO"
    SIN_ORDEN = "SIN_ORDEN"  # a theft, and nobody has written its order yet (R29)
    SIN_PADRON = "SIN_PADRON"  # the padrón did not answer


def refused(call: Call, why: str) -> None:
    """Writes down that this call ends without a PIN. ``why``: a Refusal; nothing of the person."""
    audit.record(call.tx, call.now, f"{_CALL}{call.sid}", _REFUSED, "call", call.sid, reason=Refusal(why).value)


def pins_by_day(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> Iterable[Row]:
    """(line, day, was_made, reason, pins) of PINs that calls set (a PinReason) or that were refused (a Refusal).
    ``until`` is outside; days are those of ``zone``."""
    trail = audit.audit.c
    day = cast(func.timezone(zone.key, trail.at), Date).label("day")
    which = (table.c.line, day, (trail.action == _MADE).label("was_made"), trail.reason)
    query = (
        select(*which, func.count().label("pins"))
        .join(table, table.c.sid == func.substr(trail.actor, len(_CALL) + 1))
        .where(_IS_ABOUT_A_PIN, trail.at >= since, trail.at < until)
        .where(trail.actor.startswith(_CALL))
    )
    return tx.execute(query.group_by(*which)).all()
