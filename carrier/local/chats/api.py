"""/local/chat: a person's WhatsApp in the browser; a crowd that writes; in REST, what came with a message."""

import json
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from carrier.local.account import API_VERSION
from carrier.local.chats.book import Tell
from carrier.local.chats.carrying import CHANNEL, as_event
from carrier.local.chats.crowd import MOST, Crowd
from carrier.local.chats.media import KINDS, bytes_of
from carrier.local.chats.writing import write
from carrier.local.keys import NETWORK
from carrier.local.local_api import fields_of
from carrier.local.network import Network
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import as_number

CROWD: web.AppKey[Crowd] = web.AppKey("crowd", Crowd)
SHOWN = 60  #: messages of before, when a page is opened
SENDS = (*KINDS, "place")


async def page(request: web.Request) -> web.WebSocketResponse:
    """One person's conversation with one number of the account, until its page is closed. The last page has it."""
    network = request.app[NETWORK]
    person, ours = (as_number("+" + request.query.get(name, "").strip().lstrip("+")) for name in ("number", "to"))
    if person is None or ours is None or network.numbers.owner_of(person) or not network.numbers.owner_of(ours):
        raise RestError(21211, "number must be a person's telephone number, and to one of the account's")
    socket = web.WebSocketResponse(heartbeat=30, max_msg_size=256 * 1024)
    await socket.prepare(request)

    async def tell(event: dict[str, Any]) -> None:
        if not socket.closed:
            with suppress(ConnectionError):  # its closing is on the way
                await socket.send_json(event)

    await tell({"event": "ready", "said": said_before(network, person, ours)})
    network.chats.pages[person, ours] = tell
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await _obey(network, person, ours, message.data, tell)
    finally:
        if network.chats.pages.get((person, ours)) is tell:
            del network.chats.pages[person, ours]
    return socket


def said_before(network: Network, person: str, ours: str) -> list[dict[str, Any]]:
    """What both wrote, oldest first."""
    mine = [
        (each.at, as_event(each.body, each.at, is_ours=True, sends="".join(kind for _, kind in each.media)))
        for each in network.chats.of(person)
        if each.to == ours
    ]
    theirs = [
        (each.created_at, as_event(each.body, each.created_at, is_ours=False))
        for each in network.messages
        if (each.to, each.from_) == (CHANNEL + person, CHANNEL + ours) and each.sent_at
    ]
    return [event for _, event in sorted(mine + theirs, key=lambda each: each[0])][-SHOWN:]


async def _obey(network: Network, person: str, ours: str, text: str, tell: Tell) -> None:
    """One order of the page; what cannot be understood changes nothing, and what nobody takes is said."""
    try:
        order = json.loads(text)
    except ValueError:
        return
    match order:
        case {"do": "write", "text": str(words)} if words.strip():
            what = ""
        case {"do": "send", "what": str(what)} if what in SENDS:
            words = ""
        case _:
            return
    try:
        message = write(network, person, ours, words, what)
    except RestError:
        return await tell({"event": "refused"})
    await tell(as_event(message.body, message.at, is_ours=True, sends=what))


async def begin_crowd(request: web.Request) -> web.Response:
    """{"people": 20, "to": "+503…"}: so many begin to write. 202."""
    network, given = request.app[NETWORK], await fields_of(request)
    to = as_number(str(given.get("to", "")))
    people = str(given.get("people", ""))
    if to is None or network.numbers.owner_of(to) is None or not people.isdecimal() or not 0 < int(people) <= MOST:
        raise RestError(20001, f"people must be a number up to {MOST}, and to a number of the account")
    request.app[CROWD].begin(network, int(people), to)
    return web.json_response(told_of(request.app[CROWD]), status=202)


async def crowd(request: web.Request) -> web.Response:
    """How many write at present, and what came of the others."""
    return web.json_response(told_of(request.app[CROWD]))


def told_of(people: Crowd) -> dict[str, Any]:
    return {"writing": people.writing, "done": dict(people.done)}


async def media(request: web.Request) -> web.Response:
    """What came with a message, as Twilio hands it out to the account."""
    kind = request.app[NETWORK].chats.media_kind(request.match_info["sid"])
    if kind is None:
        raise not_found()
    return web.Response(body=bytes_of(kind), content_type=KINDS[kind])


async def delete_media(request: web.Request) -> web.Response:
    """As Twilio does it: 204, and 404 from then on."""
    if not request.app[NETWORK].chats.delete_media(request.match_info["sid"]):
        raise not_found()
    return web.Response(status=204)


def routes() -> list[web.RouteDef]:
    root = f"/{API_VERSION}/Accounts/{{account}}"
    return [
        web.get("/local/chat", page),
        web.post("/local/crowd", begin_crowd),
        web.get("/local/crowd", crowd),
        web.get(root + "/Messages/{message}/Media/{sid}", media),
        web.delete(root + "/Messages/{message}/Media/{sid}.json", delete_media),
    ]
