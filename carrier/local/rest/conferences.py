"""Conferences: list, fetch, end, announce to everybody (twilio.md §5)."""

from collections.abc import Iterable

from aiohttp import web

from carrier.local.aside import ALLOWED_WAITING, Aside
from carrier.local.conferences.conference import Conference, Ended, Status
from carrier.local.conferences.room import Room
from carrier.local.conferences.seat import Announcement, Seat
from carrier.local.keys import NETWORK
from carrier.local.network import Network
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import Form
from carrier.local.rest.pages import Span, after, page, page_token
from carrier.local.rest.room_shapes import conference_json
from carrier.local.turns import AsideFailed, Go


def found(request: web.Request) -> Conference:
    """The conference of the address. Raises RestError 20404."""
    conference = request.app[NETWORK].conferences.find(request.match_info["sid"])
    if conference is None:
        raise not_found()
    return conference


async def list_(request: web.Request) -> web.Response:
    network, query = request.app[NETWORK], request.query
    created, updated = Span(request, "DateCreated"), Span(request, "DateUpdated")
    wanted = (
        conference
        for conference in after(network.conferences.newest_first(), lambda c: c.sid, page_token(request))
        if query.get("Status", "") in ("", conference.status)
        and query.get("FriendlyName", "") in ("", conference.friendly_name)
        and created.has(conference.created_at)
        and updated.has(conference.updated_at)
    )
    return web.json_response(page(request, "conferences", wanted, conference_json, lambda c: c.sid))


async def fetch(request: web.Request) -> web.Response:
    return web.json_response(conference_json(found(request)))


async def update(request: web.Request) -> web.Response:
    """Ends it, or lets everybody in it (but those on hold) hear an announcement."""
    network, conference, form = request.app[NETWORK], found(request), await Form.of(request)
    status, url = form.text("Status"), form.url("AnnounceUrl")
    if status not in ("", Status.COMPLETED):
        raise RestError(20001, "Status must be completed")
    room = network.rooms.find(conference.sid)
    if status and room is not None:
        room.end(Ended.VIA_API)
    elif url:
        if room is None or not room.has_started:
            raise RestError(20001, "Only a conference in progress can hear an announcement")
        hearers = [seat for seat in room.present if not seat.participant.hold]
        network.spawn(announce(network, room, hearers, Go(form.method("AnnounceMethod"), url)))
    return web.json_response(conference_json(conference))


async def announce(network: Network, room: Room, hearers: Iterable[Seat], place: Go) -> None:
    """Asks for the announcement once, whoever is to hear it."""
    hearers = list(hearers)
    asking = next((seat.talk for seat in hearers if seat.talk is not None and not seat.has_left), None)
    if asking is None:
        room.announcement_failed()
        return
    try:
        document = await Aside(asking, ALLOWED_WAITING).read(place)
    except AsideFailed:
        room.announcement_failed()
        return
    room.announce(hearers, Announcement(document, set()))
