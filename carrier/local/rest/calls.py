"""Calls: create, list, fetch, update, delete, and their Notifications."""

import asyncio
from collections.abc import Iterator

from aiohttp import web

from carrier.local.call import Call, Order, Status
from carrier.local.keys import NETWORK
from carrier.local.life import outbound
from carrier.local.network import Network
from carrier.local.pace import MAX_WAIT_SECONDS
from carrier.local.rest.call_request import MAX_TWIML, parties, plan_of
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import Form, as_number
from carrier.local.rest.pages import Span, page, page_token
from carrier.local.rest.shapes import call_json, notification_json
from carrier.local.turns import Go, Inline


async def create(request: web.Request) -> web.Response:
    network, form = request.app[NETWORK], await Form.of(request)
    from_, to = parties(network, form)
    plan = plan_of(form)
    wait = network.pace.wait_seconds()
    if wait and network.config.refuses_over_pace:
        raise RestError(20429, "Too Many Requests", 429)
    if wait > MAX_WAIT_SECONDS:
        raise RestError(22005, "The queue of calls is longer than a day")
    wait = network.pace.take_turn()
    owner = network.numbers.owner_of(from_)
    call = network.new_call(
        from_=from_,
        to=to,
        direction="outbound-api",
        plan=plan,
        queue_ms=round(wait * 1000),
        phone_number_sid=owner.sid if owner else None,
    )
    created = call_json(call)
    network.spawn(outbound(network, call, wait))
    return web.json_response(created, status=201)


def found(request: web.Request) -> Call:
    """The call of the address. Raises RestError 20404."""
    call = request.app[NETWORK].calls.find(request.match_info["sid"])
    if call is None:
        raise not_found()
    return call


async def fetch(request: web.Request) -> web.Response:
    return web.json_response(call_json(found(request)))


async def delete(request: web.Request) -> web.Response:
    call = found(request)
    if not call.is_over:
        raise RestError(20001, "A call in progress cannot be deleted")
    request.app[NETWORK].calls.delete(call)
    return web.Response(status=204)


async def update(request: web.Request) -> web.Response:
    """Ends a call, or sends it to another document at once."""
    call, form = found(request), await Form.of(request)
    status, url, twiml = form.text("Status"), form.url("Url"), form.text("Twiml")
    if status not in ("", Status.CANCELED, Status.COMPLETED):
        raise RestError(21218 if not status else 20001, "Status must be canceled or completed")
    if url and twiml:
        raise RestError(20001, "Url and Twiml exclude each other")
    if len(twiml) > MAX_TWIML:
        raise RestError(21240, "Twiml is longer than 4000 characters")
    if call.is_over:
        raise RestError(21220, "Call is not in-progress. Cannot redirect.")
    if status == Status.COMPLETED or (status and call.status != Status.IN_PROGRESS):
        await _order(call, Order(None))
    elif url or twiml:
        if call.live is None or not call.live.takes_documents:
            raise RestError(21220, "Call is not in-progress. Cannot redirect.")
        await _order(call, Order(Go(form.method("Method"), url) if url else Inline(twiml)))
    return web.json_response(call_json(call))


async def _order(call: Call, order: Order) -> None:
    """Tells the call, and lets it hear before answering."""
    call.order(order)
    for _ in range(5):
        await asyncio.sleep(0)


async def list_(request: web.Request) -> web.Response:
    network = request.app[NETWORK]
    calls = _matching(request, network)
    return web.json_response(page(request, "calls", calls, call_json, lambda call: call.sid))


def _matching(request: web.Request, network: Network) -> Iterator[Call]:
    query = request.query
    # An unencoded + arrives as a space
    wanted = {name: query.get(key) for name, key in (("to", "To"), ("from_", "From"))}
    wanted = {name: as_number("+" + v.strip().lstrip("+")) or v if v else None for name, v in wanted.items()}
    wanted |= {"status": query.get("Status") or None, "parent_sid": query.get("ParentCallSid") or None}
    equals = [(name, value) for name, value in wanted.items() if value]
    start, end = Span(request, "StartTime"), Span(request, "EndTime")
    for call in network.calls.newest_first(page_token(request)):
        is_wanted = all(getattr(call, name) == value for name, value in equals)
        if is_wanted and start.has(call.dialled_at) and end.has(call.ended_at):
            yield call


async def notifications(request: web.Request) -> web.Response:
    """Errors and warnings of one call."""
    call = found(request)
    problems = [entry for entry in request.app[NETWORK].calls.story(call) if entry["kind"] == "problem"]
    shown = list(enumerate(problems))
    body = page(request, "notifications", shown, lambda item: notification_json(call, *item), lambda item: str(item[0]))
    return web.json_response(body)
