"""Asking the carrier for a call, over real sockets: each thing that can come of it is one of four values."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from aiohttp import web

from carrier import client
from carrier.client import (
    NUMBER_REFUSED,
    Carrier,
    CarrierDown,
    LegOrder,
    NotAsked,
    Placed,
    Refused,
    Unknown,
)
from carrier.placing import Order, Placer

ACCOUNT, TOKEN = "AC" + "0" * 32, "local"
ORDER = Order(
    attempt_id=7,
    to="+50371000000",
    caller_id="+50322373333",
    voice_url="https://voz.example/voice/outbound?attempt=7",
    status_url="https://voz.example/voice/status?attempt=7",
    amd_url="https://voz.example/voice/machine?attempt=7",
    ring_seconds=28,
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def place(handler: Handler, orders: int = 1, order: Order = ORDER) -> tuple[list, list[dict[str, list[str]]]]:
    """What came of asking a tiny carrier that answers so, one order after another; and the forms that it read."""
    forms: list[dict[str, list[str]]] = []

    async def reading(request: web.Request) -> web.StreamResponse:
        forms.append({**parse_qs(await request.text()), "auth": [request.headers.get("Authorization", "")]})
        return await handler(request)

    async def run() -> list:
        app = web.Application()
        app.router.add_post(f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", reading)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        placer = Placer(ACCOUNT, TOKEN, f"http://127.0.0.1:{port}", connections=2)
        await placer.open()
        try:
            return [await placer.place(order) for _ in range(orders)]
        finally:
            await placer.close()
            await runner.cleanup()

    return asyncio.run(run()), forms


def answering(status: int, body: object = None, text: str | None = None) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        if text is not None:
            return web.Response(status=status, text=text)
        return web.json_response(body, status=status)

    return answer


def error(status: int, code: int) -> Handler:
    return answering(status, {"code": code, "message": "no", "more_info": "", "status": status})


def test_a_call_that_was_placed_and_what_was_asked():
    answers, (form,) = place(answering(201, {"sid": "CA1", "status": "queued"}))
    assert answers == [Placed("CA1")]
    assert form.pop("auth") == ["Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()]
    assert form == {
        "To": ["+50371000000"],
        "From": ["+50322373333"],
        "Url": [ORDER.voice_url],
        "StatusCallback": [ORDER.status_url],
        "StatusCallbackEvent": ["completed"],
        "Timeout": ["28"],
        "MachineDetection": ["DetectMessageEnd"],
        "AsyncAmd": ["true"],
        "AsyncAmdStatusCallback": [ORDER.amd_url],
    }


def test_without_machine_detection_none_is_asked_for():
    order = Order(**{**ORDER.__dict__, "amd_url": None})
    _, (form,) = place(answering(201, {"sid": "CA1"}), order=order)
    assert not [name for name in form if "Amd" in name or "Machine" in name]


@pytest.mark.parametrize(
    ("handler", "answer"),
    [
        (error(400, 21211), Refused(21211, is_ours=False)),
        (error(400, 21217), Refused(21217, is_ours=False)),
        (error(400, 13224), Refused(13224, is_ours=False)),
        (error(401, 20003), Refused(20003, is_ours=True)),
        (error(400, 21210), Refused(21210, is_ours=True, is_campaigns=True)),
        (error(400, 21212), Refused(21212, is_ours=True, is_campaigns=True)),
        (error(403, 20403), Refused(20403, is_ours=True)),
        (error(404, 20404), Refused(20404, is_ours=True)),
        (error(429, 20429), NotAsked()),
        (answering(429, text="slow down"), NotAsked()),
        (error(500, 20500), Unknown()),
        (error(503, 20503), Unknown()),
        (answering(502, text="<html>bad gateway</html>"), Unknown()),
        (answering(201, text="<html>"), Unknown()),
        (answering(201, text='{"sid": "CA'), Unknown()),
        (answering(201, {"status": "queued"}), Unknown()),
        (answering(200, text=""), Unknown()),
    ],
)
def test_what_came_of_asking(handler, answer):
    answers, forms = place(handler)
    assert answers == [answer]
    assert len(forms) == 1  # asked once: nobody retries on our behalf


def test_a_refusal_without_a_code_blames_us_and_not_the_number():
    (found,), _ = place(answering(400, text="<html>"))
    assert isinstance(found, Refused)
    assert found.is_ours


@pytest.mark.parametrize("code", sorted(NUMBER_REFUSED))
def test_these_are_faults_of_the_number(code):
    answers, _ = place(error(400, code))
    assert answers == [Refused(code, is_ours=False)]


async def cut(request: web.Request) -> web.StreamResponse:
    """The reply is dropped after the call was made."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def test_a_reply_that_was_lost_leaves_it_unknown():
    answers, forms = place(cut)
    assert answers == [Unknown()]
    assert len(forms) == 1


def test_a_reply_that_was_lost_on_a_connection_used_before_is_not_asked_again():
    turn = iter(range(9))

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"sid": "CA1"}, status=201) if next(turn) == 0 else await cut(request)

    answers, forms = place(answer, orders=2)
    assert answers == [Placed("CA1"), Unknown()]
    assert len(forms) == 2


def test_a_reply_that_does_not_come_leaves_it_unknown(monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", 0.2)

    async def silence(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(2)
        return web.Response()

    answers, forms = place(silence)
    assert (answers, len(forms)) == ([Unknown()], 1)


def test_where_nobody_listens_nothing_was_asked():
    async def run() -> object:
        placer = Placer(ACCOUNT, TOKEN, "http://127.0.0.1:1")
        await placer.open()
        try:
            return await placer.place(ORDER)
        finally:
            await placer.close()

    assert asyncio.run(run()) == NotAsked(no_connection=True)


API = "http://127.0.0.1:1"
BASE = f"{API}/2010-04-01/Accounts/{ACCOUNT}"


@pytest.fixture
def carrier() -> Carrier:
    return Carrier(ACCOUNT, TOKEN, API)


@pytest.fixture
def twilio():
    with responses.RequestsMock() as mock:
        yield mock


def test_ending_a_live_call(carrier, twilio):
    twilio.post(f"{BASE}/Calls/CA1.json", json={"sid": "CA1"})
    assert carrier.hang_up("CA1")
    assert twilio.calls[0].request.body == "Status=completed"


def test_another_document_for_a_live_call(carrier, twilio):
    twilio.post(f"{BASE}/Calls/CA1.json", json={"sid": "CA1"})
    assert carrier.replace("CA1", "https://voz.example/voice/voicemail")
    assert parse_qs(twilio.calls[0].request.body) == {
        "Url": ["https://voz.example/voice/voicemail"],
        "Method": ["POST"],
    }


@pytest.mark.parametrize(("status", "code"), [(400, 21220), (404, 20404)])
def test_a_call_that_ended_in_the_meantime(carrier, twilio, status, code):
    twilio.post(f"{BASE}/Calls/CA1.json", status=status, json={"code": code, "message": "x", "status": status})
    assert not carrier.hang_up("CA1")


NO_ANSWERS = [
    {"body": requests.ReadTimeout()},
    {"body": requests.ConnectionError()},
    {"status": 500, "json": {"code": 20500, "message": "x", "status": 500}},
    {"status": 200, "body": "<html>"},
]


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_a_carrier_that_does_not_answer(carrier, twilio, answer):
    twilio.post(f"{BASE}/Calls/CA1.json", **answer)
    twilio.get(f"{BASE}/Calls/CA1.json", **answer)
    for asking in (lambda: carrier.hang_up("CA1"), lambda: carrier.fetch("CA1")):
        with pytest.raises(CarrierDown, match="did not answer"):
            asking()


def test_every_question_has_a_time_out(carrier, twilio):
    twilio.get(f"{BASE}/Calls/CA1.json", json={"sid": "CA1", "to": "x", "status": "busy"})
    carrier.fetch("CA1")
    assert twilio.calls[0].request.req_kwargs["timeout"] == client.TIMEOUT


LEG = LegOrder("client:puesto_7", "+50322373333", "https://voz.example/voice/desk/leg?leg=9", "https://v/s", 20, "ww14")


def test_a_telephone_of_the_desk(carrier, twilio):
    twilio.post(f"{BASE}/Calls.json", status=201, json={"sid": "CA9"})
    assert carrier.call(LEG) == Placed("CA9")
    assert parse_qs(twilio.calls[0].request.body) == {
        "To": ["client:puesto_7"],
        "From": ["+50322373333"],
        "Url": ["https://voz.example/voice/desk/leg?leg=9"],
        "StatusCallback": ["https://v/s"],
        "StatusCallbackEvent": ["ringing", "answered", "completed"],
        "Timeout": ["20"],
        "SendDigits": ["ww14"],
    }


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ({"status": 429, "json": {"code": 20429, "message": "x", "status": 429}}, NotAsked()),
        ({"status": 400, "json": {"code": 21211, "message": "x", "status": 400}}, Refused(21211, is_ours=False)),
        ({"status": 500, "json": {"code": 20500, "message": "x", "status": 500}}, Unknown()),
        ({"body": requests.ReadTimeout()}, Unknown()),
        ({"body": requests.ConnectTimeout()}, NotAsked(no_connection=True)),
        ({"status": 201, "body": "<html>"}, Unknown()),
    ],
)
def test_what_came_of_asking_for_a_telephone(carrier, twilio, reply, answer):
    twilio.post(f"{BASE}/Calls.json", **reply)
    assert carrier.call(LEG) == answer


def test_where_nobody_listens_no_telephone_was_asked_for():
    assert Carrier(ACCOUNT, TOKEN, "http://127.0.0.1:9").call(LEG) == NotAsked(no_connection=True)


def test_a_participant_is_put_on_hold(carrier, twilio):
    twilio.get(f"{BASE}/Conferences.json", json={"conferences": [{"sid": "CF1"}], "page": 0})
    twilio.post(f"{BASE}/Conferences/CF1/Participants/CA9.json", json={"call_sid": "CA9"})
    assert carrier.conference_named("room-7") == "CF1"
    assert carrier.change_participant("CF1", "CA9", hold=True, hold_url="https://v/h", hold_method="POST")
    assert "FriendlyName=room-7" in twilio.calls[0].request.url
    assert parse_qs(twilio.calls[1].request.body)["Hold"] == ["true"]


def test_whoever_has_left_the_conference_cannot_be_held(carrier, twilio):
    gone = {"code": 20404, "message": "x", "status": 404}
    twilio.post(f"{BASE}/Conferences/CF1/Participants/CA9.json", status=404, json=gone)
    assert not carrier.change_participant("CF1", "CA9", muted=True)


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_a_carrier_that_does_not_answer_about_a_conference(carrier, twilio, answer):
    twilio.get(f"{BASE}/Conferences.json", **answer)
    twilio.post(f"{BASE}/Conferences/CF1/Participants/CA9.json", **answer)
    with pytest.raises(CarrierDown):
        carrier.conference_named("room-7")
    with pytest.raises(CarrierDown):
        carrier.change_participant("CF1", "CA9", muted=True)


OURS, WANTED = "+50322373333", "+50371000000"
SINCE = datetime(2026, 11, 23, 16, tzinfo=UTC)


def in_the_list(sid: str, to: str = WANTED, **more: object) -> dict[str, object]:
    return {"sid": sid, "to": to, "status": "completed", "duration": "7"} | more


def page(*calls: dict[str, object], more: str | None = None) -> dict[str, object]:
    return {"calls": calls, "page": 0, "page_size": 1000, "next_page_uri": more}


def asked(twilio) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(each.request.url).query) for each in twilio.calls]


def test_of_a_long_list_only_the_calls_that_are_wanted_are_kept(carrier, twilio):
    others = [in_the_list(f"CB{nth}", f"+5037888{nth:04}") for nth in range(500)]
    twilio.get(f"{BASE}/Calls.json", json=page())
    twilio.get(f"{BASE}/Calls.json", json=page(*others, more=urlsplit(BASE).path + "/Calls.json?Page=1"))
    twilio.get(f"{BASE}/Calls.json", json=page(*others, in_the_list("CA1"), in_the_list("CA2", "+50371000001")))
    found = carrier.calls_from(OURS, SINCE, {WANTED})
    assert [(call.sid, call.to, call.duration_s) for call in found] == [("CA1", WANTED, 7)]
    assert not [query for query in asked(twilio) if "To" in query]


def test_the_queue_is_read_before_the_calls_that_have_left_it(carrier, twilio):
    """The other way round, a call that leaves it meanwhile would be in neither list."""
    twilio.get(f"{BASE}/Calls.json", json=page(in_the_list("CA1", status="queued", duration=None)))
    twilio.get(f"{BASE}/Calls.json", json=page(in_the_list("CA1", status="ringing", duration=None)))
    assert [call.status for call in carrier.calls_from(OURS, SINCE, {WANTED})] == ["ringing"]
    queue, list_of_the_day = asked(twilio)
    assert (queue["Status"], list_of_the_day["StartTime>"]) == (["queued"], ["2026-11-22T16:00:00Z"])


@pytest.mark.parametrize("answer", [*NO_ANSWERS, {"json": page(in_the_list("CA1", duration="a while"))}])
def test_a_list_that_cannot_be_read_is_no_list(carrier, twilio, answer):
    twilio.get(f"{BASE}/Calls.json", json=page())
    twilio.get(f"{BASE}/Calls.json", **answer)
    with pytest.raises(CarrierDown, match="did not answer"):
        carrier.calls_from(OURS, SINCE, {WANTED})
