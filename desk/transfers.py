"""What an operator does with a call: hold, consult, merge, hand over, send to a queue or to the PIN line, hang up.

Each is a decision written down in a transaction; the desk's process tells the carrier. ``actor`` is the operator's
e-mail, for the record.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from cases.orders.orders import open_order_of
from core.documents import Document, check_document
from desk import events, presence, rooms, settling, waiting
from desk.prints import document_print
from desk.refusal import CannotDo, caller_in, still_theirs
from desk.rooms import Leg, Room
from desk.states import LegRole, RoomState
from desk.targets import Target, bring, extension, outside
from desk.world import Desk

__all__ = [  # whoever asks for a transfer needs its target
    "Target",
    "ask_for_support",
    "consult",
    "extension",
    "hang_up",
    "hold",
    "leave",
    "mark_crisis",
    "merge",
    "outside",
    "take_back",
    "to_pin",
    "to_queue",
    "transfer",
    "unhold",
]


def hold(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """The citizen hears that we are still there. Never in an emergency (R77). Raises CannotDo."""
    room = still_theirs(tx, room_id, account_id)
    caller = caller_in(room)
    if room.is_emergency:
        raise CannotDo("En una emergencia la persona nunca queda en espera.")
    rooms.change_leg(tx, caller.id, wants_hold=True)
    events.note(tx, now, room.id, "caller.held", actor, caller.id)


def unhold(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """Back to the citizen. Raises CannotDo."""
    room = still_theirs(tx, room_id, account_id)
    caller = caller_in(room)
    rooms.change_leg(tx, caller.id, wants_hold=False)
    events.note(tx, now, room.id, "caller.unheld", actor, caller.id)


def consult(
    tx: Connection, desk: Desk, now: datetime, room_id: int, account_id: int, target: Target, actor: str
) -> int:
    """Rings somebody, with the citizen on hold meanwhile (but never in an emergency); the leg's id. Raises CannotDo."""
    room = still_theirs(tx, room_id, account_id)
    if room.of(LegRole.CONSULTED):
        raise CannotDo("Ya hay una consulta en curso.")
    if not room.is_emergency and room.caller is not None:
        rooms.change_leg(tx, room.caller.id, wants_hold=True)
    leg_id = bring(tx, desk, now, room, target, actor)
    events.note(tx, now, room.id, "consult.begun", actor, leg_id)
    return leg_id


def merge(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """All three talk. Raises CannotDo while nobody has answered."""
    room = still_theirs(tx, room_id, account_id)
    if not any(leg.is_in for leg in room.of(LegRole.CONSULTED)):
        raise CannotDo("La persona consultada todavía no contesta.")
    caller = caller_in(room)
    rooms.change_leg(tx, caller.id, wants_hold=False)
    events.note(tx, now, room.id, "consult.merged", actor, caller.id)


def take_back(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """The consulted leaves, the citizen is back with the operator. Raises CannotDo."""
    room = still_theirs(tx, room_id, account_id)
    for leg in room.of(LegRole.CONSULTED):
        rooms.let_go(tx, leg.id)
    if room.caller is not None:
        rooms.change_leg(tx, room.caller.id, wants_hold=False)
    events.note(tx, now, room.id, "consult.ended", actor)


def leave(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """The operator leaves the citizen with whoever was consulted. Raises CannotDo where nobody is there."""
    room = still_theirs(tx, room_id, account_id)
    present = [leg for leg in room.of(LegRole.CONSULTED) if leg.is_in]
    if not present:
        raise CannotDo("Espere a que la otra persona conteste, o transfiera sin anunciar.")
    _hand_over(tx, now, room, account_id, present[0])
    events.note(tx, now, room.id, "call.handed_over", actor, present[0].id)
    settling.settle(tx, now, room.id)


def transfer(
    tx: Connection, desk: Desk, now: datetime, room_id: int, account_id: int, target: Target, actor: str
) -> int:
    """Without announcing: the citizen waits on the line, and comes back to this operator if nobody answers.

    Returns the leg's id. Raises CannotDo.
    """
    room = still_theirs(tx, room_id, account_id)
    if room.is_emergency:
        raise CannotDo("En una emergencia no se transfiere sin anunciar: consulte y una.")
    caller = caller_in(room)
    rooms.change_leg(tx, caller.id, wants_hold=True)
    leg_id = bring(tx, desk, now, room, target, actor)
    mine = room.leg_of(account_id)
    if mine is not None:
        rooms.let_go(tx, mine.id)
    presence.release(tx, now, room.id, account_id)
    events.note(tx, now, room.id, "call.transferred", actor, leg_id)
    return leg_id


def to_queue(tx: Connection, desk: Desk, now: datetime, room_id: int, account_id: int, queue: str, actor: str) -> None:
    """The citizen waits for another person of another queue, before those who came later. Raises CannotDo."""
    room = still_theirs(tx, room_id, account_id)
    if room.is_emergency:
        raise CannotDo("En una emergencia la persona no vuelve a una cola: siga con ella.")
    caller_in(room)
    if queue not in desk.lines[room.line].queues:
        raise CannotDo("Esa cola no existe en esta línea.")
    settling.back_to_the_front(tx, now, room, actor, queue=queue, asked_queue=None, wanted_account=None)
    _everybody_out(tx, room)
    events.note(tx, now, room.id, "call.to_queue", actor, queue=queue)


def to_pin(
    tx: Connection, desk: Desk, now: datetime, room_id: int, account_id: int, document: str, pin: str, actor: str
) -> None:
    """To the PIN line with the citizen's document along: ``pin`` is ``activate`` or ``change`` (R30, R31, R34). Where
    that person has an order of a new PIN open, its number goes along too: the call is about it, whatever it is told.

    The operator keeps the call's place: the citizen may come back. Raises CannotDo.
    """
    room = still_theirs(tx, room_id, account_id)
    caller = caller_in(room)
    if room.is_emergency:
        raise CannotDo("En una emergencia la persona no se transfiere.")
    checked = check_document("DUI", document, "SV") if document.strip() else None
    if checked is not None and not isinstance(checked, Document):
        raise CannotDo("Ese DUI no es válido. Revíselo, o transfiera sin él.")
    known: dict[str, Any] = waiting.carried(tx, desk, room.id) | {"pin": pin, "order": None}
    if checked is not None:
        known["document"] = checked.number
        known["order"] = open_order_of(tx, desk.vault, checked.number)
    presence.release(tx, now, room.id)
    sealed = desk.vault.seal(json.dumps(known))
    told = document_print(desk.vault, known)
    rooms.change(tx, room.id, state=RoomState.AWAY, learnt_sealed=sealed, document_print=told)
    rooms.change_leg(tx, caller.id, wants_look=True, wants_hold=False)
    _everybody_out(tx, room)
    events.note(tx, now, room.id, "call.to_pin", actor, caller.id, pin=pin, has_document=checked is not None)


def hang_up(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """The operator says goodbye: the citizen hears how to go on, and is not cut off. Whoever was only consulted leaves
    the others to it. Raises CannotDo."""
    if _leaves_a_consultation(tx, now, room_id, account_id, actor):
        return
    room = still_theirs(tx, room_id, account_id)
    if room.is_emergency and room.confirmed is None:
        raise CannotDo("La emergencia sigue abierta: confirme primero que la situación está controlada.")
    others = [leg for leg in room.company if leg.account_id != account_id]
    if others:
        mine = room.leg_of(account_id)
        if mine is not None:
            _hand_over(tx, now, room, account_id, others[0])
        events.note(tx, now, room.id, "operator.left", actor)
        settling.settle(tx, now, room.id)
        return
    rooms.change(tx, room.id, is_finished=True)
    settling.end(tx, now, room, "finished", actor)


def _leaves_a_consultation(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> bool:
    room = rooms.load(tx, room_id)
    mine = room.leg_of(account_id) if room is not None and room.is_open else None
    if room is None or mine is None or mine.role is not LegRole.CONSULTED or not room.of(LegRole.OPERATOR):
        return False
    rooms.let_go(tx, mine.id)
    presence.release(tx, now, room.id, account_id)
    events.note(tx, now, room.id, "consult.ended", actor, mine.id)
    return True


def ask_for_support(tx: Connection, now: datetime, room_id: int, account_id: int, actor: str) -> None:
    """A supervisor sees it at once, and may listen, whisper or come in (R90)."""
    room = still_theirs(tx, room_id, account_id)
    rooms.change(tx, room.id, support_since=now)
    events.note(tx, now, room.id, "support.asked", actor)


def mark_crisis(tx: Connection, now: datetime, room_id: int, actor: str) -> None:
    """From now on nothing ends this call by itself, and it waits before every other (R72)."""
    room = rooms.load(tx, room_id)
    if room is not None and room.is_open:
        rooms.change(tx, room.id, is_crisis=True)
        events.note(tx, now, room.id, "room.crisis", actor)


def _hand_over(tx: Connection, now: datetime, room: Room, account_id: int, to: Leg) -> None:
    """The operator's part is over; the call belongs to whoever stays."""
    mine = room.leg_of(account_id)
    if mine is not None:
        rooms.let_go(tx, mine.id)
    presence.release(tx, now, room.id, account_id)
    if to.account_id is not None:
        rooms.change(tx, room.id, account_id=to.account_id)
        rooms.change_leg(tx, to.id, role=LegRole.OPERATOR, coaches=None)
    if room.caller is not None:
        rooms.change_leg(tx, room.caller.id, wants_hold=False)


def _everybody_out(tx: Connection, room: Room) -> None:
    for leg in room.legs:
        if leg.role is not LegRole.CALLER and leg.is_open:
            rooms.let_go(tx, leg.id)
