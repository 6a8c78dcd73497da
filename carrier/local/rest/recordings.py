"""Recordings: list, fetch, delete, and the sound itself."""

from collections.abc import Iterable

from aiohttp import web

from carrier.local.keys import NETWORK
from carrier.local.recordings.book import Recording
from carrier.local.recordings.sound import wav, wav_size
from carrier.local.rest.calls import found as found_call
from carrier.local.rest.errors import not_found
from carrier.local.rest.pages import Span, after, page, page_token
from carrier.local.rest.room_shapes import call_recording_json, recording_json


def _found(request: web.Request) -> Recording:
    """Raises RestError 20404, also for one that was deleted."""
    recording = request.app[NETWORK].recordings.find(request.match_info["sid"])
    if recording is None or request.match_info.get("call", recording.call_sid) != recording.call_sid:
        raise not_found()
    return recording


def _wanted(request: web.Request, call_sid: str) -> Iterable[Recording]:
    created = Span(request, "DateCreated")
    for recording in after(request.app[NETWORK].recordings, lambda one: one.sid, page_token(request)):
        if call_sid in ("", recording.call_sid) and created.has(recording.created_at):
            yield recording


async def list_(request: web.Request) -> web.Response:
    network = request.app[NETWORK]
    wanted = _wanted(request, request.query.get("CallSid", ""))
    body = page(request, "recordings", wanted, lambda one: recording_json(one, network.config), lambda one: one.sid)
    return web.json_response(body)


async def list_of_call(request: web.Request) -> web.Response:
    account = request.app[NETWORK].config.account_sid
    wanted = _wanted(request, found_call(request).sid)
    body = page(request, "recordings", wanted, lambda one: call_recording_json(one, account), lambda one: one.sid)
    return web.json_response(body)


async def fetch(request: web.Request) -> web.Response:
    return web.json_response(recording_json(_found(request), request.app[NETWORK].config))


async def fetch_of_call(request: web.Request) -> web.Response:
    return web.json_response(call_recording_json(_found(request), request.app[NETWORK].config.account_sid))


async def delete(request: web.Request) -> web.Response:
    """Its sound is gone with it."""
    request.app[NETWORK].recordings.delete(_found(request))
    return web.Response(status=204)


async def media(request: web.Request) -> web.StreamResponse:
    """The sound, with the account's credentials as everything of REST."""
    recording = _found(request)
    response = web.StreamResponse(headers={"Content-Type": "audio/x-wav"})
    response.content_length = wav_size(recording.seconds)
    await response.prepare(request)
    if request.method != "HEAD":
        for piece in wav(recording.seconds):
            await response.write(piece)
    await response.write_eof()
    return response
