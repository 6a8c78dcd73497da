"""Messages: a text is taken, sent and delivered, each step told to its status callback."""

import asyncio

from aiohttp import web

from carrier.local.chats import carrying
from carrier.local.deliveries import Delivery
from carrier.local.keys import NETWORK
from carrier.local.message_book import Message
from carrier.local.network import Network
from carrier.local.personas import Fate
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import Form, as_number
from carrier.local.rest.pages import Span, after, page, page_token
from carrier.local.rest.shapes import message_json
from carrier.local.sids import new_sid
from core.segments import segments

MAX_BODY = 1600
UNDELIVERED = 30005  # unknown destination
STEP_SECONDS = 0.5


async def create(request: web.Request) -> web.Response:
    network, form = request.app[NETWORK], await Form.of(request)
    from_, to = _parties(network, form)
    template = form.text("ContentSid")
    if template and template not in network.config.chat_templates:
        raise not_found()
    body, media = network.config.chat_templates.get(template, form.text("Body")), form.texts("MediaUrl")
    if not body and not media:
        raise RestError(21602, "Message body is required")
    if len(body) > MAX_BODY:
        raise RestError(21617, "The message body exceeds the 1600 character limit")
    now = network.clock.now()
    message = Message(
        sid=new_sid("MM" if media else "SM"),
        from_=from_,
        to=to,
        body=body,
        num_segments=segments(body).count,
        created_at=now,
        updated_at=now,
        num_media=len(media),
        status_callback=form.url("StatusCallback") or "",
        messaging_service_sid=form.text("MessagingServiceSid") or None,
        content_sid=template or None,
    )
    network.messages.save(message)
    network.spawn(carry(network, message))
    return web.json_response(message_json(message, network.config.account_sid), status=201)


def _parties(network: Network, form: Form) -> tuple[str, str]:
    """Raises RestError: 21604 no To, 21603 no From, 21211 a To that is no number, 21606 a From of somebody else."""
    to, from_ = form.text("To").strip(), form.text("From").strip()
    if not to:
        raise RestError(21604, "A 'To' phone number is required")
    if not from_ and not form.text("MessagingServiceSid"):
        raise RestError(21603, "A 'From' phone number is required")
    channel, _, number = to.rpartition(":")
    address = as_number(number)
    if channel not in ("", "whatsapp") or address is None:
        raise RestError(21211, "The 'To' number is not a valid phone number")
    sender = as_number(from_.rpartition(":")[2])
    is_checked = network.config.checks_caller_ids and len(network.numbers) > 0 and sender is not None
    if is_checked and network.numbers.owner_of(sender or "") is None:
        raise RestError(21606, "The 'From' phone number is not a valid, message-capable number of this account")
    return from_ if sender is None else from_.replace(from_.rpartition(":")[2], sender), to.replace(number, address)


def carry_on(network: Network) -> None:
    """With what was on its way when the carrier was killed."""
    for message in network.messages:
        if message.status in ("queued", "sent"):
            network.spawn(carry(network, message))


async def carry(network: Network, message: Message) -> None:
    """queued, sent, delivered; undelivered where nobody can be reached."""
    if message.to.startswith(carrying.CHANNEL):
        await carrying.carry(network, message, _tell)
    elif message.status == "queued":
        await _send(network, message)
    elif message.status == "sent":
        await _deliver(network, message)


async def _send(network: Network, message: Message) -> None:
    _tell(network, message)
    await asyncio.sleep(STEP_SECONDS * network.personas.speed)
    message = network.messages.change(message, network.clock.now(), status="sent", sent_at=network.clock.now())
    _tell(network, message)
    await _deliver(network, message)


async def _deliver(network: Network, message: Message) -> None:
    await asyncio.sleep(STEP_SECONDS * network.personas.speed)
    number = message.to.rpartition(":")[2]
    handset = network.handsets.get(number)
    person = network.personas.find(number)
    if handset is None and person is not None and person.fate is Fate.FAILED:
        message = network.messages.change(message, network.clock.now(), status="undelivered", error_code=UNDELIVERED)
    else:
        message = network.messages.change(message, network.clock.now(), status="delivered")
    if handset is not None:
        await handset.tell({"event": "sms", "from": message.from_, "text": message.body})
    _tell(network, message)


def _tell(network: Network, message: Message) -> None:
    if not message.status_callback:
        return
    params = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "AccountSid": network.config.account_sid,
        "From": message.from_,
        "To": message.to,
        "ApiVersion": "2010-04-01",
    }
    if message.error_code:
        params["ErrorCode"] = str(message.error_code)
    network.deliveries.send(Delivery(message.sid, "POST", message.status_callback, params, note=lambda reply: None))


async def list_(request: web.Request) -> web.Response:
    network, query = request.app[NETWORK], request.query
    sent = Span(request, "DateSent")
    wanted_to, wanted_from = (query.get(name, "").strip().lstrip("+") for name in ("To", "From"))
    messages = (
        message
        for message in after(network.messages, lambda message: message.sid, page_token(request))
        if wanted_to in ("", message.to.lstrip("+"))
        and wanted_from in ("", message.from_.lstrip("+"))
        and sent.has(message.sent_at)
    )
    body = page(
        request,
        "messages",
        messages,
        lambda message: message_json(message, network.config.account_sid),
        lambda message: message.sid,
    )
    return web.json_response(body)


def found(request: web.Request) -> Message:
    message = request.app[NETWORK].messages.find(request.match_info["sid"])
    if message is None:
        raise not_found()
    return message


async def fetch(request: web.Request) -> web.Response:
    return web.json_response(message_json(found(request), request.app[NETWORK].config.account_sid))


async def delete(request: web.Request) -> web.Response:
    request.app[NETWORK].messages.delete(found(request))
    return web.Response(status=204)
