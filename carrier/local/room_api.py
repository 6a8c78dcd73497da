"""/local/conferences: who is in which conference now, and the story of each."""

from typing import Any

from aiohttp import web

from carrier.local.conferences.conference import Conference
from carrier.local.conferences.seat import Seat
from carrier.local.keys import NETWORK
from carrier.local.network import Network
from carrier.local.rest.conferences import found
from carrier.local.rest.room_shapes import participant_status


def _seat(seat: Seat) -> dict[str, Any]:
    participant = seat.participant
    return {
        "call_sid": participant.call_sid,
        "label": participant.label,
        "number": seat.call.from_ if seat.call.direction == "inbound" else seat.call.to,
        "status": participant_status(seat),
        "muted": participant.muted,
        "hold": participant.hold,
        "coaching": participant.coaching,
        "call_sid_to_coach": participant.call_sid_to_coach,
    }


def _conference(network: Network, conference: Conference) -> dict[str, Any]:
    room = network.rooms.find(conference.sid)
    return {
        "sid": conference.sid,
        "name": conference.friendly_name,
        "status": str(conference.status),
        "reason_ended": conference.reason_ended,
        "participants": [_seat(seat) for seat in (room.seats.values() if room else ())],
    }


async def live(request: web.Request) -> web.Response:
    """The conferences that have not ended, oldest first."""
    network = request.app[NETWORK]
    return web.json_response({"conferences": [_conference(network, room.conference) for room in network.rooms]})


async def story(request: web.Request) -> web.Response:
    """Everything that happened in one conference: its participants' states, its callbacks, its beeps."""
    network, conference = request.app[NETWORK], found(request)
    entries = [
        {name: value for name, value in entry.items() if name != "sid"}
        for entry in network.conferences.story(conference)
        if entry["kind"] != "conference"
    ]
    return web.json_response(_conference(network, conference) | {"story": entries})


def routes() -> list[web.RouteDef]:
    return [
        web.get("/local/conferences", live),
        web.get("/local/conferences/{sid}", story),
    ]
