"""/local/phone: a telephone in the browser. One page at a time has it, and opening another one cuts no call."""

import json
import re
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from carrier.local.handset import Handset
from carrier.local.keys import NETWORK
from carrier.local.line import is_key_row
from carrier.local.local_api import start_incoming
from carrier.local.network import Network
from carrier.local.personas import MAX_WORDS
from carrier.local.rest.errors import RestError
from carrier.local.rest.form import as_number

CLIENT = re.compile(r"client:[A-Za-z0-9_-]{1,64}")
REFUSED, TAKEN = 4409, 4410  # why the websocket is closed


async def phone(request: web.Request) -> web.WebSocketResponse:
    """A telephone in the browser, for one number or one client (``client:ana``), until its page is closed.

    Who comes second is refused; with ``take=yes`` they get it, unless it rings or is in a call; with ``take=ringing``
    also while it rings, and it rings with them from then on.
    """
    network = request.app[NETWORK]
    asked = request.query.get("number", "").strip()
    number = asked if CLIENT.fullmatch(asked) else as_number("+" + asked.lstrip("+"))
    if number is None or network.numbers.owner_of(number):
        raise RestError(21211, "number must be somebody's telephone number, and not one of the account's")
    socket = web.WebSocketResponse(heartbeat=30, max_msg_size=4096)
    await socket.prepare(request)

    async def tell(event: dict[str, Any]) -> None:
        if not socket.closed:
            with suppress(ConnectionError):  # its closing is on the way
                await socket.send_json(event)

    async def part() -> None:
        await tell({"event": "taken"})
        await socket.close(code=TAKEN)

    handset = network.handsets.get(number)
    if handset is None:
        handset = network.handsets[number] = Handset(number, tell, part)
    elif _may_take(handset, request.query.get("take", "")):
        network.spawn(handset.part())  # not waited for: its page may be gone without a word
        handset.tell, handset.part = tell, part
    else:
        await tell({"event": "refused", "is_busy": handset.is_busy})
        await socket.close(code=REFUSED)
        return socket
    await tell({"event": "ready"})
    await handset.ring_on()
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT and handset.part is part:
                await _obey(network, handset, message.data)
    finally:
        if handset.part is part:  # no other page has it since
            handset.hang_up()
            del network.handsets[number]
    return socket


def _may_take(handset: Handset, take: str) -> bool:
    if handset.is_busy:
        return handset.rings_for is not None and take == "ringing"
    return take in ("yes", "ringing")


async def _obey(network: Network, handset: Handset, text: str) -> None:
    """One message of the page; what cannot be understood changes nothing."""
    try:
        order = json.loads(text)
    except ValueError:
        return
    match order:
        case {"do": "dial", "to": str(to)} if not handset.is_busy:
            try:
                start_incoming(network, handset.number, to)
            except RestError:
                await handset.tell({"event": "ended", "by": "carrier"})
        case {"do": "answer"}:
            handset.pick_up()
        case {"do": "key", "key": str(key)} if len(key) == 1 and key != "w" and is_key_row(key):
            handset.press(key)
        case {"do": "say", "text": str(text)} if text.strip():
            handset.say(text[:MAX_WORDS])
        case {"do": "hangup"}:
            handset.hang_up()


def routes() -> list[web.RouteDef]:
    return [web.get("/local/phone", phone)]
