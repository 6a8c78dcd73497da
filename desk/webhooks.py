"""What the carrier asks about the desk's own telephones: operators, those who are consulted, services, supervisors.

A leg is known by its id in the address, which proves the call even where the carrier's reply was lost.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import Connection

from carrier.signature import SignatureCheck
from carrier.statuses import is_final
from carrier.twiml import render
from carrier.verbs import Gather, Hangup, Pause, Redirect, Verb
from carrier.webhook import TRY_AGAIN, call_sid, number, refuse_strangers
from core.logs import where
from desk import dispatch, events, rooms, settling
from desk.joining import conference
from desk.states import LegRole, LegState, RoomState
from desk.world import Desk

log = logging.getLogger(__name__)

_TO_ACCEPT = 8  # seconds for a person to find the key; a voicemail never does


def desk_webhooks(desk: Desk, signature: SignatureCheck) -> Blueprint:
    """The blueprint of ``/voice/desk/``. Every request is checked before anything of it is believed."""
    voice = Blueprint("desk_voice", __name__, url_prefix="/voice/desk")

    refuse_strangers(voice, signature)

    @voice.post("/leg")
    def leg() -> Response:
        return _document(lambda: _leg(desk))

    @voice.post("/accept")
    def accept() -> Response:
        return _document(lambda: _accept(desk))

    @voice.post("/caller")
    def caller() -> Response:
        return _document(lambda: _caller(desk))

    @voice.post("/left")
    def left() -> Response:
        return _document(lambda: [Hangup()])

    @voice.post("/wait")
    def wait() -> Response:
        return _document(lambda: _wait(desk))

    @voice.post("/hold")
    def hold() -> Response:
        return _document(lambda: _hold(desk))

    _add_facts(voice, desk)
    return voice


def _add_facts(voice: Blueprint, desk: Desk) -> None:
    """What the carrier only tells, and does not ask."""

    @voice.post("/status")
    def status() -> tuple[str, int]:
        return _kept(lambda: _status(desk))

    @voice.post("/room")
    def room() -> tuple[str, int]:
        return _kept(lambda: _room(desk))


def _leg(desk: Desk) -> list[Verb]:
    """A telephone of ours was answered: who must press a key is asked to, who must not is put through."""
    now, leg_id = desk.clock.now(), number("leg")
    with desk.db.begin() as tx:
        room, leg = _found(tx, leg_id)
        if room is None or leg is None or not leg.is_open:
            return [Hangup()]
        if leg.state in (LegState.ASKING, LegState.RINGING):
            rooms.change_leg(tx, leg.id, state=LegState.ANSWERED, sid=call_sid(), answered_at=now)
            events.note(tx, now, room.id, "leg.answered", rooms.DESK, leg.id, role=leg.role)
        if leg.is_quiet:
            return _put_through(desk, tx, now, leg) or [Hangup()]
    action = f"{desk.public_url}/voice/desk/accept?leg={leg_id}{TRY_AGAIN}"
    key = "desk.accept" if leg.role is LegRole.OPERATOR else "desk.accept_consultation"
    said = desk.say(room.line, key, cola=desk.lines[room.line].queue(room.queue).label)
    return [Gather(action, 1, _TO_ACCEPT, "", (said, said)), Hangup()]


def _accept(desk: Desk) -> list[Verb]:
    """The key that says that a person, and no voicemail, is on the line."""
    now, leg_id = desk.clock.now(), number("leg")
    if request.form.get("Digits") != "1":
        return [Hangup()]
    with desk.db.begin() as tx:
        room, leg = _found(tx, leg_id)
        if room is None or leg is None:
            return [Hangup()]
        return _put_through(desk, tx, now, leg) or [desk.say(room.line, "desk.taken"), Hangup()]


def _put_through(desk: Desk, tx: Connection, now: datetime, leg: rooms.Leg) -> list[Verb] | None:
    if not dispatch.accept(tx, desk, now, leg.id):
        return None
    if leg.role is LegRole.CALLER:
        return _with_the_citizen(desk, leg)
    action = f"{desk.public_url}/voice/desk/left?leg={leg.id}"
    label = f"leg-{leg.id}"
    return [
        conference(desk, leg.room_id, action, label=label, is_muted=leg.wants_mute, coaches=leg.coaches),
        Hangup(),
    ]


def _with_the_citizen(desk: Desk, leg: rooms.Leg) -> list[Verb]:
    action = f"{desk.public_url}/voice/desk/caller?leg={leg.id}{TRY_AGAIN}"
    return [conference(desk, leg.room_id, action, label="caller"), Hangup()]


def _caller(desk: Desk) -> list[Verb]:
    """A citizen whom we called is out of the conference: into it again, or a moment's wait; nothing names the line."""
    now, leg_id = desk.clock.now(), number("leg")
    with desk.db.begin() as tx:
        room, leg = _found(tx, leg_id)
        if room is None or leg is None or leg.state is LegState.ENDED:
            return [Hangup()]
        rooms.change_leg(tx, leg.id, wants_look=False, claimed_until=None)
        if not room.is_open:
            return [Hangup()]  # the person who was with them said goodbye
        if room.state is RoomState.AWAY:
            return [Redirect(f"{desk.public_url}/voice/place")]  # to the PIN line: from here on a call like any other
        if room.company and room.state is RoomState.TALKING:
            rooms.joined(tx, now, room.id, leg)
            return _with_the_citizen(desk, leg)
        if leg.state is LegState.JOINED:
            rooms.change_leg(tx, leg.id, state=LegState.ANSWERED, is_held=False)
            events.note(tx, now, room.id, "leg.left_the_room", rooms.DESK, leg.id, role=leg.role)
            settling.settle(tx, now, room.id)
    return [desk.say(room.line, "desk.one_moment"), Pause(8), Redirect("")]


def _wait(desk: Desk) -> list[Verb]:
    """Heard by whoever is in a conference before anybody else."""
    with desk.db.begin() as tx:
        room = rooms.load(tx, number("room"), lock=False)
    if room is None:
        return [Pause(5)]
    return [Pause(2), desk.say(room.line, "desk.one_moment"), Pause(8), Redirect("")]


def _hold(desk: Desk) -> list[Verb]:
    """Heard by a citizen on hold: never silence for long."""
    with desk.db.begin() as tx:
        room = rooms.load(tx, number("room"), lock=False)
    if room is None:
        return [Pause(5)]
    return [desk.say(room.line, "desk.on_hold"), Pause(10), Redirect("")]


def _status(desk: Desk) -> None:
    """How a telephone of ours stands. Late, repeated and reordered ones change nothing."""
    now, leg_id, status = desk.clock.now(), number("leg"), request.form.get("CallStatus", "")
    with desk.db.begin() as tx:
        room, leg = _found(tx, leg_id)
        if room is None or leg is None or leg.state is LegState.ENDED:
            return
        if leg.sid is not None and leg.sid != call_sid():
            log.warning("status of a call that is not its leg's")
            return
        if is_final(status):
            settling.leg_ended(tx, now, leg.id, status)
        elif leg.state is LegState.ASKING:
            rooms.change_leg(tx, leg.id, state=LegState.RINGING, sid=call_sid())


def _room(desk: Desk) -> None:
    """What happens in a conference: kept as evidence, and its sid to speak of it to the carrier."""
    now, room_id = desk.clock.now(), number("room")
    what = request.form.get("StatusCallbackEvent", "")[:40]
    with desk.db.begin() as tx:
        room = rooms.load(tx, room_id)
        if room is None:
            return
        sid = request.form.get("ConferenceSid", "")[:64]
        if what == "conference-end" and room.conference_sid == sid:
            rooms.change(tx, room.id, conference_sid=None)
        elif what != "conference-end" and sid and room.conference_sid != sid:
            rooms.change(tx, room.id, conference_sid=sid)
        label = request.form.get("ParticipantLabel", "")[:40]
        order = request.form.get("SequenceNumber", "")[:9]
        events.note(tx, now, room.id, f"carrier.{what}", "carrier", label=label, sequence=order)
        if what == "participant-leave" and is_final(request.form.get("ParticipantCallStatus", "")):
            _hung_up(tx, now, room, request.form["ParticipantCallStatus"])


def _hung_up(tx: Connection, now: datetime, room: rooms.Room, status: str) -> None:
    """Somebody hung up: their call's own status says so too, but one of the two may be lost on the way."""
    for leg in room.legs:
        if leg.sid == call_sid() and leg.state is not LegState.ENDED:
            settling.leg_ended(tx, now, leg.id, status)


def _found(tx: Connection, leg_id: int) -> tuple[rooms.Room | None, rooms.Leg | None]:
    room_id = rooms.room_of_leg(tx, leg_id)
    room = rooms.load(tx, room_id) if room_id is not None else None
    return room, next((leg for leg in room.legs if leg.id == leg_id), None) if room else None


def _document(made: Callable[[], list[Verb]]) -> Response:
    """Whatever fails, the telephone is let go: its call goes back to its place."""
    try:
        verbs = made()
    except Exception as error:
        log.error("a telephone of the desk was not answered: %s", where(error))
        abort(500)  # the carrier asks again, as the address says
    return current_app.response_class(render(verbs), mimetype="text/xml")


def _kept(done: Callable[[], None]) -> tuple[str, int]:
    try:
        done()
    except Exception as error:
        log.error("a fact about the desk was not kept: %s", where(error))
        abort(500)
    return "", 204
