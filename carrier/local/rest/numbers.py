"""IncomingPhoneNumbers: the numbers of the account and who is asked when one is dialled."""

from typing import Any

from aiohttp import web

from carrier.local.keys import NETWORK
from carrier.local.number_book import Number
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import Form, as_number
from carrier.local.rest.pages import after, page, page_token
from carrier.local.rest.shapes import number_json
from carrier.local.sids import new_sid

URLS = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
}
METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
}


async def list_(request: web.Request) -> web.Response:
    network, query = request.app[NETWORK], request.query
    numbers = [
        number
        for number in network.numbers
        if query.get("PhoneNumber", "").strip().lstrip("+") in number.phone_number
        and query.get("FriendlyName", "") in ("", number.friendly_name)
    ]
    rest = after(numbers, lambda number: number.sid, page_token(request))
    body = page(
        request,
        "incoming_phone_numbers",
        rest,
        lambda number: number_json(number, network.config.account_sid),
        lambda number: number.sid,
    )
    return web.json_response(body)


async def create(request: web.Request) -> web.Response:
    """Any number can be had here, once."""
    network, form = request.app[NETWORK], await Form.of(request)
    phone_number = as_number(form.text("PhoneNumber"))
    if phone_number is None:
        raise RestError(21421, "PhoneNumber is invalid")
    if network.numbers.owner_of(phone_number):
        raise RestError(21422, "PhoneNumber is not available")
    now = network.clock.now()
    number = Number(new_sid("PN"), phone_number, now, now, **_facts(form))
    network.numbers.save(number)
    return web.json_response(number_json(number, network.config.account_sid), status=201)


def found(request: web.Request) -> Number:
    number = request.app[NETWORK].numbers.find(request.match_info["sid"])
    if number is None:
        raise not_found()
    return number


async def fetch(request: web.Request) -> web.Response:
    return web.json_response(number_json(found(request), request.app[NETWORK].config.account_sid))


async def update(request: web.Request) -> web.Response:
    network, form = request.app[NETWORK], await Form.of(request)
    number = network.numbers.change(found(request), network.clock.now(), **_facts(form))
    return web.json_response(number_json(number, network.config.account_sid))


async def delete(request: web.Request) -> web.Response:
    request.app[NETWORK].numbers.delete(found(request))
    return web.Response(status=204)


def _facts(form: Form) -> dict[str, Any]:
    facts: dict[str, Any] = {name: form.url(field) or "" for field, name in URLS.items() if field in form}
    facts |= {name: form.method(field) for field, name in METHODS.items() if field in form}
    if "FriendlyName" in form:
        facts["friendly_name"] = form.text("FriendlyName")
    return facts
