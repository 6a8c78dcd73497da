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
from carrier.verbs import Hangup, Pause, Redirect, Verb
from carrier.webhook import TRY_AGAIN, call_sid, number, refuse_strangers
from core.logs import where
from desk import answering, events, rooms, settling
from desk.answering import found, with_the_citizen
from desk.states import LegState, RoomKind, RoomState
from desk.world import Desk

log = logging.getLogger(__name__)


def desk_webhooks(desk: Desk, signature: SignatureCheck) -> Blueprint:
    """The blueprint of ``/voice/desk/``. Every request is checked before anything of it is believed."""
    voice = Blueprint("desk_voice", __name__, url_prefix="/voice/desk")

    refuse_strangers(voice, signature)

    @voice.post("/leg")
    def leg() -> Response:
        return _document(lambda: answering.leg(desk))

    @voice.post("/accept")
    def accept() -> Response:
        return _document(lambda: answering.accept(desk))

    @voice.post("/callee")
    def callee() -> Response:
        return _document(lambda: answering.callee(desk))

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


def _caller(desk: Desk) -> list[Verb]:
    """A citizen whom we called is out of the conference: into it again, to wait in a queue, or a moment's wait.

    Nothing names the line: somebody else may be at their telephone.
    """
    now, leg_id = desk.clock.now(), number("leg")
    with desk.db.begin() as tx:
        room, leg = found(tx, leg_id)
        if room is None or leg is None or leg.state is LegState.ENDED:
            return [Hangup()]
        rooms.change_leg(tx, leg.id, wants_look=False, claimed_until=None)
        if not room.is_open:
            return [Hangup()]  # the person who was with them said goodbye
        if room.state is RoomState.AWAY:
            return [Redirect(f"{desk.public_url}/voice/place")]  # to the PIN line: from here on a call like any other
        if room.company and room.state is RoomState.TALKING:
            rooms.joined(tx, now, room.id, leg)
            return with_the_citizen(desk, leg)
        if leg.state is LegState.JOINED:
            rooms.change_leg(tx, leg.id, state=LegState.ANSWERED, is_held=False)
            events.note(tx, now, room.id, "leg.left_the_room", rooms.DESK, leg.id, role=leg.role)
            settling.settle(tx, now, room.id)
        if _is_in_a_queue(room):
            since = int(room.queued_at.timestamp())  # each time that they are put back is one of its own
            return [Redirect(f"{desk.public_url}/voice/place?since={since}{TRY_AGAIN}")]
    return [desk.say(room.line, "desk.one_moment"), Pause(8), Redirect("")]


def _is_in_a_queue(room: rooms.Room) -> bool:
    """They hear what everybody who waits hears: their place, the ways out, and that nobody came. An emergency has
    none of them, and whoever dropped out of one was called by us only to be with its people."""
    return (
        room.kind is not RoomKind.INBOUND
        and not room.is_emergency
        and room.state in (RoomState.WAITING, RoomState.OFFERED)
    )


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
        room, leg = found(tx, leg_id)
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
