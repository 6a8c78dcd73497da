"""A telephone that we rang was answered: by a person, who presses a key where a voicemail might have answered.

Without it the citizen would be left talking to a machine, and the transfer would look like one that went well.
"""

from datetime import datetime

from flask import request
from sqlalchemy import Connection

from carrier.verbs import Gather, Hangup, Verb
from carrier.webhook import TRY_AGAIN, call_sid, number
from desk import dispatch, events, rooms
from desk.joining import conference, label_of, label_of_leg
from desk.states import LegRole, LegState
from desk.world import Desk

TO_ACCEPT = 8  # seconds for a person to find the key; a voicemail never does


def leg(desk: Desk) -> list[Verb]:
    """A telephone of ours was answered: who must press a key is asked to, who must not is put through."""
    now, leg_id = desk.clock.now(), number("leg")
    with desk.db.begin() as tx:
        room, leg = found(tx, leg_id)
        if room is None or leg is None or not leg.is_open:
            return [Hangup()]
        if leg.state in (LegState.ASKING, LegState.RINGING):
            rooms.change_leg(tx, leg.id, state=LegState.ANSWERED, sid=call_sid(), answered_at=now)
            events.note(tx, now, room.id, "leg.answered", rooms.DESK, leg.id, role=leg.role)
        if leg.is_quiet:
            return _put_through(desk, tx, now, leg) or [Hangup()]
    action = f"{desk.public_url}/voice/desk/accept?leg={leg_id}{TRY_AGAIN}"
    said = desk.say(room.line, _asked_with(desk, room, leg), cola=desk.lines[room.line].queue(room.queue).label)
    return [Gather(action, 1, TO_ACCEPT, "", (said, said)), Hangup()]


def _asked_with(desk: Desk, room: rooms.Room, leg: rooms.Leg) -> str:
    """The desk's own people are told which line calls them; outside nobody learns it of a sensitive one (R75, R81)."""
    if leg.role is LegRole.OPERATOR:
        return "desk.accept"
    if leg.account_id is not None:
        return "desk.accept_consultation"
    return desk.lines[room.line].transfer_sentence


def accept(desk: Desk) -> list[Verb]:
    """The key that says that a person, and no voicemail, is on the line."""
    now, leg_id = desk.clock.now(), number("leg")
    if request.form.get("Digits") != "1":
        return [Hangup()]
    with desk.db.begin() as tx:
        room, leg = found(tx, leg_id)
        if room is None or leg is None:
            return [Hangup()]
        return _put_through(desk, tx, now, leg) or [desk.say(room.line, "desk.taken"), Hangup()]


def _put_through(desk: Desk, tx: Connection, now: datetime, leg: rooms.Leg) -> list[Verb] | None:
    if not dispatch.accept(tx, desk, now, leg.id):
        return None
    if leg.role is LegRole.CALLER:
        return with_the_citizen(desk, leg)
    action = f"{desk.public_url}/voice/desk/left?leg={leg.id}"
    label = label_of_leg(leg.id)
    return [
        conference(desk, leg.room_id, action, label=label, is_muted=leg.wants_mute, coaches=leg.coaches),
        Hangup(),
    ]


def with_the_citizen(desk: Desk, leg: rooms.Leg) -> list[Verb]:
    """A citizen whom we called is put into the conference."""
    action = f"{desk.public_url}/voice/desk/caller?leg={leg.id}{TRY_AGAIN}"
    return [conference(desk, leg.room_id, action, label=label_of(call_sid())), Hangup()]


def callee(desk: Desk) -> list[Verb]:
    """Heard by whoever answers a transfer of a menu, and by nobody else: one key, and they are with the caller.

    The document's end joins them, and a hang-up does not (twilio.md §4, Number). Nothing of the caller is known here.
    """
    line = next((line for line in desk.lines.values() if line.caller_id == request.form.get("From", "")), None)
    was_asked = request.args.get("asked") == "1"
    if line is None or (was_asked and request.form.get("Digits") != "1"):
        return [Hangup()]
    if was_asked:
        return []
    said = desk.say(line.id, line.transfer_sentence)
    action = f"{desk.public_url}/voice/desk/callee?asked=1{TRY_AGAIN}"
    return [Gather(action, 1, TO_ACCEPT, "", (said, said)), Hangup()]


def found(tx: Connection, leg_id: int) -> tuple[rooms.Room | None, rooms.Leg | None]:
    """The telephone of an address and its room, locked."""
    room_id = rooms.room_of_leg(tx, leg_id)
    room = rooms.load(tx, room_id) if room_id is not None else None
    return room, next((leg for leg in room.legs if leg.id == leg_id), None) if room else None
