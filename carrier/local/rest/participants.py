"""Participants of a conference: invite, list, fetch, hold, mute, coach, announce, kick (twilio.md §5)."""

from typing import Any

from aiohttp import web

from carrier.local.call import Call
from carrier.local.conferences.room import Room
from carrier.local.conferences.rooms import NotAdmitted
from carrier.local.conferences.seat import Seat
from carrier.local.keys import NETWORK
from carrier.local.life import outbound
from carrier.local.rest.call_request import parties
from carrier.local.rest.conference_request import coached, noun_of, plan_of
from carrier.local.rest.conferences import announce
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import Form
from carrier.local.rest.pages import after, page, page_token
from carrier.local.rest.room_shapes import participant_json
from carrier.local.sids import is_sid
from carrier.local.turns import Go


def _room(request: web.Request) -> Room:
    """The live conference of the address: its sid, or its name. Raises RestError 20404."""
    room = request.app[NETWORK].rooms.find(request.match_info["conference"])
    if room is None:
        raise not_found()
    return room


def _found(request: web.Request) -> tuple[Room, Seat]:
    """The participant of the address: a call's sid or a label. Raises RestError 20404 also for one who has left."""
    room = _room(request)
    seat = room.find(request.match_info["sid"])
    if seat is None:
        raise not_found()
    return room, seat


async def create(request: web.Request) -> web.Response:
    """Rings somebody, to join when they answer. A name that no live conference has makes a new one."""
    network, form = request.app[NETWORK], await Form.of(request)
    given = request.match_info["conference"]
    room = network.rooms.find(given)
    if room is None and is_sid(given, "CF"):
        raise not_found()
    name = room.conference.friendly_name if room is not None else given
    noun, plan, (from_, to) = noun_of(form, name), plan_of(form, name), parties(network, form)
    try:
        network.rooms.check(noun)
    except NotAdmitted as refusal:
        raise RestError(refusal.code, str(refusal)) from None
    wait = network.pace.take_turn()
    owner = network.numbers.owner_of(from_)
    call: Call = network.new_call(
        from_=from_,
        to=to,
        direction="outbound-api",
        plan=plan,
        queue_ms=round(wait * 1000),
        phone_number_sid=owner.sid if owner else None,
    )
    room = network.rooms.room_for(noun)
    seat = network.rooms.seat_for(room, call, noun)
    room.expect(seat)
    created = participant_json(seat)
    network.spawn(outbound(network, call, wait))
    return web.json_response(created, status=201)


async def list_(request: web.Request) -> web.Response:
    """Only who is there, or on the way. A conference that is over has nobody in it."""
    network, query = request.app[NETWORK], request.query
    given = request.match_info["conference"]
    room = network.rooms.find(given)
    if room is None and network.conferences.find(given) is None:
        raise not_found()
    flags = {"muted": query.get("Muted"), "hold": query.get("Hold"), "coaching": query.get("Coaching")}
    seats = [
        seat
        for seat in (room.seats.values() if room else ())
        if all(value in (None, "", str(getattr(seat.participant, name)).lower()) for name, value in flags.items())
    ]
    rest = after(seats, lambda seat: seat.call.sid, page_token(request))
    return web.json_response(page(request, "participants", rest, participant_json, lambda seat: seat.call.sid))


async def fetch(request: web.Request) -> web.Response:
    return web.json_response(participant_json(_found(request)[1]))


async def update(request: web.Request) -> web.Response:
    room, seat = _found(request)
    network, form = request.app[NETWORK], await Form.of(request)
    facts = _facts(room, form)
    url = form.url("AnnounceUrl")
    if url and seat.talk is None:
        raise RestError(20001, "Only who is connected can hear an announcement")
    if facts:
        room.change(seat, **facts)
    if url:
        network.spawn(announce(network, room, [seat], Go(form.method("AnnounceMethod"), url)))
    return web.json_response(participant_json(seat))


def _facts(room: Room, form: Form) -> dict[str, Any]:
    """What is to be changed. Raises RestError: 13240 nobody to coach."""
    facts: dict[str, Any] = {}
    if "Muted" in form:
        facts["muted"] = form.flag("Muted")
    if "Hold" in form:
        facts |= {"hold": form.flag("Hold"), "hold_url": form.url("HoldUrl")}
        facts["hold_method"] = form.method("HoldMethod", "GET")
    if "EndConferenceOnExit" in form:
        facts["end_on_exit"] = form.flag("EndConferenceOnExit")
    if "Coaching" in form or "CallSidToCoach" in form:
        coach = coached(form)
        if coach and coach not in room.seats:
            raise RestError(13240, "The call to coach is not in this conference")
        facts |= {"coaching": bool(coach), "call_sid_to_coach": coach or None}
    return facts


async def delete(request: web.Request) -> web.Response:
    """Kicks: the call goes on after its Dial, or ends if nothing follows."""
    room, seat = _found(request)
    room.kick(seat)
    return web.Response(status=204)
