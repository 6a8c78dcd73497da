"""The emergency bridge: services are brought onto the call, and the citizen is never alone nor let go (R76–R78).

Location first; then each kind of service of the zone is rung in order (desk/due.py tries the next ones); nobody
ends it before somebody confirms that a patrol found the person or that the situation is under control.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from core import audit
from desk import advance, events, rooms, settling
from desk.due import services_due
from desk.refusal import CannotDo, still_open
from desk.rooms import Room
from desk.states import LegRole
from desk.tables import leg as leg_table
from desk.tables import room as room_table
from desk.world import Desk


class Confirmation(StrEnum):
    """What lets an emergency end (R77)."""

    PATRULLA_LOCALIZO = "PATRULLA_LOCALIZO"
    SITUACION_CONTROLADA = "SITUACION_CONTROLADA"


def begin(
    tx: Connection, desk: Desk, now: datetime, room_id: int, actor: str, *, zone: str, place: str, is_safe: bool
) -> None:
    """Turns a call into an emergency: the services of its zone are rung at once. Raises CannotDo.

    ``place``: where exactly the person is; ``is_safe``: somebody said that ringing them back does them no harm.
    """
    room = still_open(tx, room_id)
    line = desk.lines[room.line]
    if not place.strip():
        raise CannotDo("Escriba primero el lugar exacto: es lo que la patrulla necesita.")
    if not line.services_for(zone):
        raise CannotDo("Esta línea no tiene servicios de emergencia. Llame usted al 911 desde otro teléfono.")
    values = {"zone": zone, "place_sealed": desk.vault.seal(place.strip()[:1000]), "is_safe_to_call": is_safe}
    rooms.change(tx, room.id, is_emergency=True, is_crisis=True, confirmed=None, **values)
    if room.caller is not None:
        rooms.change_leg(tx, room.caller.id, wants_hold=False)
    events.note(tx, now, room.id, "emergency.begun", actor, zone=zone)
    changed = rooms.load(tx, room.id)
    assert changed is not None
    for move in services_due(changed, line, now):
        advance.apply(tx, desk, now, changed, move)


def correct_place(tx: Connection, desk: Desk, now: datetime, room_id: int, actor: str, place: str) -> None:
    """A better location. Raises CannotDo."""
    room = _emergency(tx, room_id)
    rooms.change(tx, room.id, place_sealed=desk.vault.seal(place.strip()[:1000]))
    events.note(tx, now, room.id, "emergency.place", actor)


def correct_zone(tx: Connection, desk: Desk, now: datetime, room_id: int, actor: str, zone: str) -> None:
    """Another zone: its services are rung at once, those that only the old one has are not waited for, and whoever has
    answered stays. Raises CannotDo."""
    room = _emergency(tx, room_id)
    services = desk.lines[room.line].services_for(zone)
    if not services:
        raise CannotDo("Esa zona no tiene servicios de emergencia en esta línea.")
    if zone == room.zone:
        return
    rooms.change(tx, room.id, zone=zone)
    events.note(tx, now, room.id, "emergency.zone", actor, zone=zone)
    reached = _numbers_of(tx, desk, room)
    wanted = {service.number for service in services}
    for leg in room.of(LegRole.SERVICE):
        if reached[leg.id] not in wanted and leg.answered_at is None and leg.joined_at is None:
            rooms.let_go(tx, leg.id)
    there = {reached[leg.id] for leg in room.of(LegRole.SERVICE)} & wanted
    for kind in dict.fromkeys(service.kind for service in services):
        numbers = [service for service in services if service.kind == kind]
        if not any(service.number in there for service in numbers):
            advance.call_service(tx, desk, now, room, numbers[0], 0, actor)


def _numbers_of(tx: Connection, desk: Desk, room: Room) -> dict[int, str]:
    """What each telephone of a service dials: a leg's id and E.164."""
    theirs = (leg_table.c.room_id == room.id, leg_table.c.role == LegRole.SERVICE)
    rows = tx.execute(select(leg_table.c.id, leg_table.c.address_sealed).where(*theirs))
    return {row.id: desk.vault.open(row.address_sealed) for row in rows}


def mark_safe(tx: Connection, now: datetime, room_id: int, actor: str, is_safe: bool) -> None:
    """«Es seguro devolver la llamada»: only then is somebody who dropped rung back. Raises CannotDo."""
    room = _emergency(tx, room_id)
    rooms.change(tx, room.id, is_safe_to_call=is_safe)
    events.note(tx, now, room.id, "emergency.safe_to_call", actor, is_safe=is_safe)
    settling.settle(tx, now, room.id)


def next_number(tx: Connection, desk: Desk, now: datetime, room_id: int, kind: str, actor: str) -> None:
    """The next number of a kind of service, without waiting for the one that rings. Raises CannotDo."""
    room = _emergency(tx, room_id)
    numbers = [service for service in desk.lines[room.line].services_for(room.zone) if service.kind == kind]
    if not numbers:
        raise CannotDo("No hay más números de ese servicio.")
    ranks = [leg.rank or 0 for leg in room.legs if leg.role is LegRole.SERVICE and leg.kind == kind]
    rank = (max(ranks, default=-1) + 1) % len(numbers)
    advance.call_service(tx, desk, now, room, numbers[rank], rank, actor)


def confirm(tx: Connection, now: datetime, room_id: int, actor: str, what: Confirmation) -> None:
    """Somebody of the services, or the person, says that it is over: *Terminar* is unlocked. Raises CannotDo."""
    room = _emergency(tx, room_id)
    rooms.change(tx, room.id, confirmed=what)
    events.note(tx, now, room.id, "emergency.confirmed", actor, what=what)


def override(tx: Connection, desk: Desk, now: datetime, room_id: int, actor: str, reason: str) -> None:
    """A supervisor unlocks it without a confirmation, and says why: kept with the call, as long as whose it was.

    Raises CannotDo.
    """
    room = _emergency(tx, room_id)
    if len(reason.strip()) < 10:
        raise CannotDo("Escriba el motivo, con al menos una frase.")
    # People write names: never into the trail, which nobody can erase.
    rooms.change(tx, room.id, confirmed="SUPERVISOR", override_sealed=desk.vault.seal(reason.strip()[:500]))
    events.note(tx, now, room.id, "emergency.overridden", actor)
    audit.record(tx, now, actor, "emergency.overridden", "room", room.id, has_reason=True)


def finish(tx: Connection, now: datetime, room_id: int, actor: str) -> None:
    """Ends it for everybody. Raises CannotDo while nobody has confirmed."""
    room = _emergency(tx, room_id)
    if room.confirmed is None:
        raise CannotDo("Falta confirmar que la patrulla localizó a la persona o que la situación está controlada.")
    rooms.change(tx, room.id, is_finished=True)
    settling.end(tx, now, room, "emergency finished", actor)


def close_afterwards(
    tx: Connection,
    desk: Desk,
    now: datetime,
    room_id: int,
    actor: str,
    confirmation: Confirmation | None,
    reason: str,
) -> None:
    """A supervisor settles an emergency whose call is over and that nobody confirmed. Raises CannotDo.

    ``confirmation``: what was learnt since; None where nobody can learn it any more. ``reason``: how they know, or why
    not, ten characters or more. From then on what is personal of it goes with its days (desk/retention.py).
    """
    room = rooms.load(tx, room_id)
    if room is None or not room.is_emergency:
        raise CannotDo("Esa llamada no es una emergencia.")
    if room.is_open:
        raise CannotDo("Esa emergencia sigue abierta: confírmela en su página.")
    if room.confirmed is not None:
        raise CannotDo("Esa emergencia ya se confirmó.")
    if len(reason.strip()) < 10:
        raise CannotDo("Escriba cómo se supo o por qué se cierra, con al menos una frase.")
    what = confirmation or "SUPERVISOR"
    # People write names: never into the trail, which nobody can erase.
    rooms.change(tx, room.id, confirmed=what, override_sealed=desk.vault.seal(reason.strip()[:500]))
    events.note(tx, now, room.id, "emergency.closed_afterwards", actor, what=what)
    audit.record(tx, now, actor, "emergency.closed_afterwards", "room", room.id, what=what, has_reason=True)


def how_it_ended(tx: Connection, desk: Desk, now: datetime, room_id: int, actor: str) -> str | None:
    """What a supervisor wrote when they ended or settled it without the usual confirmation; reading it is audited.

    None where nothing was written, or it was erased with what is personal of the call.
    """
    sealed = tx.execute(select(room_table.c.override_sealed).where(room_table.c.id == room_id)).scalar()
    if sealed is None:
        return None
    audit.record(tx, now, actor, "emergency.reason_read", "room", room_id)
    return desk.vault.open(sealed)


def reveal(tx: Connection, desk: Desk, now: datetime, room_id: int, actor: str) -> tuple[str | None, str | None]:
    """(telephone, location) whole, for whoever attends the emergency: that they were shown is audited."""
    query = select(room_table.c.citizen_sealed, room_table.c.place_sealed, room_table.c.is_emergency)
    row = tx.execute(query.where(room_table.c.id == room_id)).first()
    if row is None or not row.is_emergency:
        raise CannotDo("Esa llamada no es una emergencia.")
    audit.record(tx, now, actor, "emergency.revealed", "room", room_id)
    phone = desk.vault.open(row.citizen_sealed) if row.citizen_sealed else None
    place = desk.vault.open(row.place_sealed) if row.place_sealed else None
    return phone, place


def place_of(tx: Connection, desk: Desk, room_id: int) -> str:
    """The location with its zone, for the case of the call alone: it is sealed again at once. Empty: none is kept."""
    row = tx.execute(select(room_table.c.place_sealed, room_table.c.zone).where(room_table.c.id == room_id)).one()
    if row.place_sealed is None:
        return ""
    place = desk.vault.open(row.place_sealed)
    return f"{place} (zona {row.zone})" if row.zone else place


def _emergency(tx: Connection, room_id: int) -> Room:
    room = still_open(tx, room_id)
    if not room.is_emergency:
        raise CannotDo("Esa llamada no es una emergencia.")
    return room
