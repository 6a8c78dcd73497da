"""Puts a conversation right after any change: nobody is left alone, nobody is kept who has nobody to talk to.

It looks at how things stand and not at what happened, so it may be called twice, late, or in any order.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from desk import events, presence, promises, rooms
from desk.joining import label_of_leg
from desk.overflow import NOTHING_TRIED
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import room as room_table

MOST_RETURNED_CALLS = 3  # of one dropped emergency
UNHEARD = (LegState.WANTED, LegState.ASKING, LegState.RINGING)  #: of a citizen whom we call, and who has not answered


def settle(tx: Connection, now: datetime, room_id: int) -> None:
    """Puts the room right, as it stands now."""
    room = _with_an_owner(tx, now, rooms.load(tx, room_id))
    if room is None:
        return
    if not room.is_open:
        _dismiss(tx, room, room.legs)
        return
    caller = room.caller
    if caller is None:
        _without_the_citizen(tx, now, room)
    elif caller.state in UNHEARD:
        _while_they_are_rung(tx, now, room)
    elif caller.state is LegState.JOINED and not room.company:
        if room.state is RoomState.TALKING:
            _citizen_is_alone(tx, now, room, caller)
        elif not caller.wants_look:  # on their way out: to the queue, to the PIN line
            rooms.change_leg(tx, caller.id, wants_look=True)
            events.wake(tx)
    elif caller.state is LegState.JOINED and caller.wants_hold and not room.of(LegRole.OPERATOR):
        rooms.change_leg(tx, caller.id, wants_hold=False)  # nobody else will take them off hold
        events.wake(tx)
    elif caller.state is LegState.ANSWERED and room.state is not RoomState.AWAY:
        _out_of_the_conference(tx, now, room, caller)


def _with_an_owner(tx: Connection, now: datetime, room: Room | None) -> Room | None:
    """A colleague who was consulted and stays without the operator has the call from then on: it is theirs to end,
    to write down, and theirs in the day's count."""
    if room is None or room.state is not RoomState.TALKING or room.of(LegRole.OPERATOR):
        return room
    heir = next((leg for leg in room.of(LegRole.CONSULTED) if leg.is_in and leg.account_id is not None), None)
    if heir is None:
        return room
    rooms.change_leg(tx, heir.id, role=LegRole.OPERATOR)
    rooms.change(tx, room.id, account_id=heir.account_id)
    if room.caller is not None:
        rooms.change_leg(tx, room.caller.id, wants_hold=False)  # whoever held them is gone
    events.note(tx, now, room.id, "call.inherited", rooms.DESK, heir.id, account=heir.account_id)
    return rooms.load(tx, room.id)


def _while_they_are_rung(tx: Connection, now: datetime, room: Room) -> None:
    """Nobody is called for whom nobody is left to speak."""
    if room.state is RoomState.TALKING and not room.is_emergency and not room.company and not room.of(LegRole.OPERATOR):
        end(tx, now, room, "left by the operator")


def _out_of_the_conference(tx: Connection, now: datetime, room: Room, caller: Leg) -> None:
    """Somebody is in the room and the citizen is not: in they go. Where whoever took the call is gone, it waits again,
    since nobody has it and nobody is rung for it: who never spoke with anybody is not let go, on any line."""
    if room.company:
        _bring_in(tx, now, room, caller)
    elif room.state is not RoomState.TALKING:
        return  # in a queue
    elif caller.joined_at is None and not room.is_finished and not room.kind.is_made_here:
        back_to_the_front(tx, now, room, rooms.DESK, wanted_account=_who_has_them_first(room, caller))
    else:
        _citizen_is_alone(tx, now, room, caller)


def _bring_in(tx: Connection, now: datetime, room: Room, caller: Leg) -> None:
    if room.state is not RoomState.TALKING:
        rooms.change(tx, room.id, state=RoomState.TALKING, answered_at=room.answered_at or now)
    if not caller.wants_look:
        rooms.change_leg(tx, caller.id, wants_look=True)
        events.wake(tx)


def _citizen_is_alone(tx: Connection, now: datetime, room: Room, caller: Leg) -> None:
    """Everybody else has left the conference."""
    is_held_for_somebody = caller.wants_hold and any(room.of(LegRole.CONSULTED))
    if is_held_for_somebody:
        return  # hears that somebody is being called, which is an announced wait
    whose = _whose_telephone_went(room)
    if room.is_finished or not (_is_never_let_go(room, caller) or whose):
        end(tx, now, room, "finished" if room.is_finished else "left by the operator")
        return
    back_to_the_front(tx, now, room, rooms.DESK, wanted_account=_who_has_them_first(room, caller))


def _is_never_let_go(room: Room, caller: Leg) -> bool:
    was_left_on_hold = caller.wants_hold and not room.is_finished
    return room.is_crisis or room.is_helpline or room.is_emergency or was_left_on_hold


def _who_has_them_first(room: Room, caller: Leg) -> int | None:
    """Their operator, whose page may be loaded again in a moment; but whom nobody may let go has whoever is free
    first."""
    return None if _is_never_let_go(room, caller) else _whose_telephone_went(room)


def _whose_telephone_went(room: Room) -> int | None:
    """The account of the last operator whom the citizen talked with, where their telephone is gone though nobody
    decided so: their page was loaded again, or they hung it up and said no goodbye at the desk. Not of who has no desk
    to say it at; nor of a call of the operator's own, which nobody else is given."""
    if room.kind.is_made_here:
        return None
    talked = [leg for leg in room.legs if leg.role is LegRole.OPERATOR and leg.joined_at is not None]
    return talked[-1].account_id if talked and not talked[-1].wants_out else None


def back_to_the_front(tx: Connection, now: datetime, room: Room, actor: str, **values: Any) -> None:
    """The citizen waits again, where they were in the queue, and is told so."""
    presence.release(tx, now, room.id)
    waiting = {"state": RoomState.WAITING, "queued_at": now, "account_id": None, **NOTHING_TRIED, **values}
    rooms.change(tx, room.id, **waiting)
    if room.caller is not None:
        rooms.change_leg(tx, room.caller.id, wants_look=True, wants_hold=False)
    for leg in room.of(LegRole.SUPERVISOR):
        if not leg.is_heard:
            rooms.let_go(tx, leg.id)  # who listened has nobody to listen to
    events.note(tx, now, room.id, "room.waits_again", actor)


def _without_the_citizen(tx: Connection, now: datetime, room: Room) -> None:
    """They hung up, or were not reached yet."""
    was_there = any(leg.role is LegRole.CALLER for leg in room.legs)
    if not was_there and room.kind is not RoomKind.INBOUND:
        if not room.of(LegRole.OPERATOR) and room.state is RoomState.TALKING:
            end(tx, now, room, "left by the operator")
        return
    if room.is_emergency and room.confirmed is None:
        _return_the_call(tx, now, room)
        return
    end(tx, now, room, _how_they_left(room))


def _how_they_left(room: Room) -> str:
    """Whom we rang and who never answered has not hung up on anybody."""
    if room.kind is not RoomKind.INBOUND and not any(leg.role is LegRole.CALLER and leg.joined_at for leg in room.legs):
        return "not reached"
    return "abandoned" if room.answered_at is None else "hung up by the citizen"


def _return_the_call(tx: Connection, now: datetime, room: Room) -> None:
    """An emergency goes on without its caller; who is rung back only where somebody said that it is safe (R77)."""
    lost = [leg for leg in room.legs if leg.role is LegRole.CALLER]
    has_a_person = any(leg.role in (LegRole.OPERATOR, LegRole.SUPERVISOR) for leg in room.company)
    if not (room.is_safe_to_call and has_a_person and len(lost) <= MOST_RETURNED_CALLS):
        return
    row = tx.execute(select(room_table.c.citizen_sealed).where(room_table.c.id == room.id)).one()
    if row.citizen_sealed is None:
        return
    more = {"address_sealed": row.citizen_sealed, "is_quiet": True, "ring_seconds": 30}
    rooms.add_leg(tx, now, room.id, LegRole.CALLER, rooms.DESK, **more)


def end(tx: Connection, now: datetime, room: Room, ended_as: str, actor: str = rooms.DESK) -> None:
    """The conversation is over: whoever is in it is let go; the citizen is told goodbye, not cut off."""
    rooms.change(tx, room.id, state=RoomState.ENDED, ended_at=now, ended_as=ended_as)
    events.note(tx, now, room.id, "room.ended", actor, ended_as=ended_as)
    presence.release(tx, now, room.id)
    if room.promise_id is not None:
        was_reached = any(leg.role is LegRole.CALLER and leg.joined_at for leg in room.legs)
        promises.room_ended(tx, now, room.promise_id, was_reached)
    _dismiss(tx, room, room.legs)


def _dismiss(tx: Connection, room: Room, legs: Iterable[Leg]) -> None:
    for leg in legs:
        if not leg.is_open:
            continue
        if leg.role is not LegRole.CALLER or leg.state in UNHEARD:
            rooms.let_go(tx, leg.id)
        elif leg.state is LegState.JOINED and not leg.wants_look:
            rooms.change_leg(tx, leg.id, wants_look=True)
    events.wake(tx)


def leg_ended(tx: Connection, now: datetime, leg_id: int, result: str) -> None:
    """A telephone is off the line, or never came on it: once, whoever tells it first."""
    room_id = rooms.room_of_leg(tx, leg_id)
    room = rooms.load(tx, room_id) if room_id is not None else None
    leg = next((leg for leg in room.legs if leg.id == leg_id), None) if room else None
    if room is None or leg is None or leg.state is LegState.ENDED:
        return
    leg = _as_they_came(tx, leg)
    result = _result(leg, result)
    values = {"state": LegState.ENDED, "result": result, "ended_at": now, "claimed_until": None}
    rooms.change_leg(tx, leg.id, **values, joined_at=leg.joined_at, wants_look=False)
    events.note(tx, now, room.id, "leg.ended", rooms.DESK, leg.id, role=leg.role, result=result, was=leg.state)
    if leg.role is LegRole.OPERATOR:
        _operator_gone(tx, now, room, leg, result)
    elif leg.role is LegRole.CONSULTED:
        _consulted_gone(tx, now, room, leg, result)
    elif leg.role is LegRole.SUPERVISOR and leg.account_id is not None:
        _supervisor_gone(tx, now, room, leg.account_id, was_in=leg.state is LegState.JOINED or leg.wants_out)
    settle(tx, now, room.id)


def _as_they_came(tx: Connection, leg: Leg) -> Leg:
    """A service that was put through and that the carrier never saw in the conference did not come: the document came
    too late, or they hung up before it. Its kind is rung again; whoever came is rung again by a person alone."""
    if leg.role is not LegRole.SERVICE or leg.joined_at is None:
        return leg
    return leg if events.was_in_conference(tx, leg.room_id, label_of_leg(leg.id)) else replace(leg, joined_at=None)


def _result(leg: Leg, told: str) -> str:
    """The carrier calls it completed when a voicemail answered, or somebody who pressed nothing: nobody came."""
    if leg.role is LegRole.CALLER or leg.joined_at is not None or told != "completed":
        return told
    return "canceled" if leg.wants_out else "no-answer"


def _operator_gone(tx: Connection, now: datetime, room: Room, leg: Leg, result: str) -> None:
    """Before accepting: the call goes back to its place, and who did not answer is paused (issue 3, queues)."""
    if leg.state is LegState.JOINED:
        presence.release(tx, now, room.id, leg.account_id)
        for other in room.of(LegRole.SUPERVISOR):
            if other.coaches is not None and other.coaches == leg.sid:
                rooms.change_leg(tx, other.id, coaches=None, wants_mute=True)  # whispers to nobody: listens
        return
    if leg.account_id is not None:
        _leaves_or_never_came(tx, now, room, leg, leg.account_id, result)
    if room.kind.is_made_here and not any(each.role is LegRole.CALLER for each in room.legs):
        end(tx, now, room, "not answered by the operator")
    elif room.state is RoomState.OFFERED:
        rooms.change(tx, room.id, state=RoomState.WAITING, wanted_account=None)
        events.note(tx, now, room.id, "room.waits_again", rooms.DESK)


def _leaves_or_never_came(tx: Connection, now: datetime, room: Room, leg: Leg, account_id: int, result: str) -> None:
    """Who was called and did not answer is paused: the next call would be lost on them too."""
    if leg.state is LegState.JOINED or leg.wants_out:
        presence.release(tx, now, room.id, account_id)
    else:
        presence.pause(tx, now, account_id, room.id, "No contestó" if result != "busy" else "Teléfono ocupado")


def _supervisor_gone(tx: Connection, now: datetime, room: Room, account_id: int, *, was_in: bool) -> None:
    """The call goes on without them; who asked to listen and did not answer is given no calls either."""
    if was_in:
        presence.release(tx, now, room.id, account_id, has_to_write=False)
    else:
        presence.pause(tx, now, account_id, room.id, "No contestó")


def _consulted_gone(tx: Connection, now: datetime, room: Room, leg: Leg, result: str) -> None:
    """Busy, no answer, or done: the operator sees it and takes the citizen off hold; a transfer that failed, with no
    operator on the call any more, comes back to the one who made it."""
    if leg.account_id is not None:
        _leaves_or_never_came(tx, now, room, leg, leg.account_id, result)
    caller = room.caller
    if caller is None or [other for other in room.of(LegRole.CONSULTED) if other.id != leg.id]:
        return
    is_kept_waiting = caller.wants_hold and leg.state is not LegState.JOINED
    if room.of(LegRole.OPERATOR):
        return  # the operator decides: they see it on their screen
    if is_kept_waiting:
        back_to_the_front(tx, now, room, rooms.DESK, wanted_account=room.account_id)
