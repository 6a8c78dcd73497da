"""Somebody writes to a number of the account: its application is told, as Twilio tells it (twilio.md §4, §9)."""

import asyncio

from carrier.local.account import API_VERSION
from carrier.local.chats.book import Inbound
from carrier.local.chats.media import KINDS
from carrier.local.network import Network
from carrier.local.rest.errors import RestError
from carrier.local.sids import new_sid
from carrier.local.web_client import Cookies

CHANNEL = "whatsapp:"
MOST_CHARACTERS = 65_000
PLACE = {"Latitude": "13.698900", "Longitude": "-89.191400", "Label": "Parque central", "Address": "San Salvador"}


def write(network: Network, from_: str, to: str, body: str, sends: str = "") -> Inbound:
    """``sends``: one of ``media.KINDS``, or ``place``. Raises RestError: 21606 where nobody takes what is written."""
    if not network.config.chat_url or network.numbers.owner_of(to) is None:
        raise RestError(21606, "Nobody takes what is written to that number")
    media = ((new_sid("ME"), sends),) if sends in KINDS else ()
    message = Inbound(new_sid("MM" if media else "SM"), from_, to, body[:MOST_CHARACTERS], network.clock.now(), media)
    network.chats.save(message)
    network.spawn(_tell(network, message, PLACE if sends == "place" else {}))
    return message


async def _tell(network: Network, message: Inbound, more: dict[str, str]) -> None:
    """Late or twice, where that misbehaviour was asked for: a late one is overtaken by the next."""
    account = network.config.account_sid
    params = {
        "MessageSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "AccountSid": account,
        "From": CHANNEL + message.from_,
        "To": CHANNEL + message.to,
        "Body": message.body,
        "WaId": message.from_.lstrip("+"),
        "ProfileName": "Persona inventada",
        "NumMedia": str(len(message.media)),
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
        **more,
    }
    for place, (sid, kind) in enumerate(message.media):
        where = f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}/Media/{sid}"
        params |= {f"MediaUrl{place}": network.config.own_url + where, f"MediaContentType{place}": KINDS[kind]}
    luck = network.misfortune
    if luck.strikes("request_late"):
        await asyncio.sleep(luck.delay())
    copies = 2 if luck.strikes("request_doubled") else 1
    await network.web.send("POST", network.config.chat_url, params, Cookies(), copies=copies)
