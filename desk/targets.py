"""Whom a call may be consulted about with or handed to, and whether a person there must press a key to have it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.phones import Phone, parse_phone, parse_public_number
from desk import dispatch, presence, rooms
from desk.lines import DeskLine
from desk.refusal import CannotDo
from desk.rooms import Room
from desk.states import LegRole, Presence
from desk.world import Desk

CONSULT_SECONDS = 25


@dataclass(frozen=True)
class Target:
    """Whom to consult or to hand the call to. ``address``: E.164, ``sip:…``; or an operator's account.

    ``press_to_accept``: whoever answers presses 1 first, or a voicemail would take the citizen's place.
    """

    name: str
    address: str = ""
    send_digits: str = ""
    account_id: int | None = None
    press_to_accept: bool = False


def extension(line: DeskLine, number: str, name: str = "") -> Target:
    """An extension of the institution. Raises CannotDo where the line has none."""
    if line.extensions is None or not number.isdecimal() or not 2 <= len(number) <= line.extensions.longest:
        raise CannotDo("Esa extensión no es válida en esta línea.")
    address, tones = line.extensions.address(number)
    asks = line.asks_for_a_key(address, tones)
    return Target(name or f"Extensión {number}", address, tones, press_to_accept=asks)


def outside(line: DeskLine, number: str, name: str = "") -> Target:
    """A telephone outside, of a person or of an institution. Raises CannotDo."""
    phone = parse_phone(number, line.country)
    e164 = phone.e164 if isinstance(phone, Phone) else parse_public_number(number, line.country)
    if e164 is None or not e164.startswith("+"):
        raise CannotDo("Ese número no se puede marcar. Revíselo.")
    return Target(name or "Número externo", e164, press_to_accept=line.asks_for_a_key(e164))


def bring(tx: Connection, desk: Desk, now: datetime, room: Room, target: Target, actor: str) -> int:
    """Rings the target for the room, to be consulted; the leg's id. Raises CannotDo: a colleague who cannot."""
    if target.account_id is not None:
        who = presence.of(tx, target.account_id, lock=True)
        if who is None or who.state != Presence.DISPONIBLE:
            raise CannotDo("Esa persona no está disponible ahora.")
        if not dispatch.may_serve(who, desk.lines[room.line]):
            raise CannotDo("Esa persona no puede ver las llamadas de esta línea.")
        presence.take(tx, now, target.account_id, room.id, Presence.TIMBRANDO)
        return dispatch.ring(tx, desk, now, room.id, who, CONSULT_SECONDS, LegRole.CONSULTED)
    return rooms.add_leg(
        tx,
        now,
        room.id,
        LegRole.CONSULTED,
        actor,
        address_sealed=desk.vault.seal(target.address),
        send_digits=target.send_digits or None,
        name=target.name,
        is_quiet=not target.press_to_accept,
        ring_seconds=CONSULT_SECONDS,
    )
