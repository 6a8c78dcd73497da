"""Queues and their Members: create, list, fetch, change, delete; and taking somebody out (twilio.md §4)."""

from aiohttp import web

from carrier.local.keys import NETWORK
from carrier.local.queues.queue import DEFAULT_SIZE, MAX_SIZE, Member, Queue, Sent
from carrier.local.rest.errors import RestError, not_found
from carrier.local.rest.form import Form
from carrier.local.rest.pages import after, page, page_token
from carrier.local.rest.room_shapes import member_json, queue_json
from carrier.local.turns import Go

MAX_NAME = 64


def _found(request: web.Request) -> Queue:
    queue = request.app[NETWORK].queues.find(request.match_info["sid"])
    if queue is None:
        raise not_found()
    return queue


def _answer(request: web.Request, queue: Queue, status: int = 200) -> web.Response:
    return web.json_response(queue_json(queue, request.app[NETWORK].config.account_sid), status=status)


def _name(request: web.Request, form: Form) -> str:
    """Raises RestError: 22001 none or too long, 22003 another queue has it."""
    name = form.text("FriendlyName").strip()
    if not name or len(name) > MAX_NAME:
        raise RestError(22001, "FriendlyName must have 1 to 64 characters")
    if request.app[NETWORK].queues.named(name) is not None:
        raise RestError(22003, "Another queue has this FriendlyName")
    return name


async def create(request: web.Request) -> web.Response:
    form = await Form.of(request)
    name, size = _name(request, form), form.whole("MaxSize", DEFAULT_SIZE, 1, MAX_SIZE, 22002)
    return _answer(request, request.app[NETWORK].queues.make(name, size), 201)


async def list_(request: web.Request) -> web.Response:
    network = request.app[NETWORK]
    queues = after(network.queues, lambda queue: queue.sid, page_token(request))
    body = page(
        request,
        "queues",
        queues,
        lambda queue: queue_json(queue, network.config.account_sid),
        lambda queue: queue.sid,
    )
    return web.json_response(body)


async def fetch(request: web.Request) -> web.Response:
    return _answer(request, _found(request))


async def update(request: web.Request) -> web.Response:
    queue, form = _found(request), await Form.of(request)
    size = form.whole("MaxSize", queue.max_size, 1, MAX_SIZE, 22002)
    if form.text("FriendlyName") not in ("", queue.friendly_name):
        queue.friendly_name = _name(request, form)
    queue.max_size = size
    request.app[NETWORK].queues.save(queue)
    return _answer(request, queue)


async def delete(request: web.Request) -> web.Response:
    """Only an empty one."""
    queue = _found(request)
    if queue.members:
        raise RestError(22004, "The queue is not empty")
    request.app[NETWORK].queues.delete(queue)
    return web.Response(status=204)


def _member(request: web.Request) -> tuple[Queue, Member]:
    """By the call's sid, or Front. Raises RestError 20404."""
    queue = _found(request)
    member = queue.find(request.match_info["member"])
    if member is None:
        raise not_found()
    return queue, member


async def list_members(request: web.Request) -> web.Response:
    queue, account = _found(request), request.app[NETWORK].config.account_sid
    members = after(list(queue.members), lambda member: member.call.sid, page_token(request))
    body = page(
        request,
        "queue_members",
        members,
        lambda member: member_json(queue, member, account),
        lambda member: member.call.sid,
    )
    return web.json_response(body)


async def fetch_member(request: web.Request) -> web.Response:
    return web.json_response(member_json(*_member(request), request.app[NETWORK].config.account_sid))


async def dequeue(request: web.Request) -> web.Response:
    """Sends a member out of the queue to a document."""
    queue, member = _member(request)
    form = await Form.of(request)
    url = form.url("Url")
    if url is None:
        raise RestError(21205, "Url parameter is required")
    place = Go(form.method("Method"), url)
    body = member_json(queue, member, request.app[NETWORK].config.account_sid)
    queue.leave(member)
    if not member.out.done():
        member.out.set_result(Sent(place))
    return web.json_response(body)
