"""Calls through the wire: statuses, callbacks, detection, orders of REST, dialled legs (twilio.md §2-§4)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from twilio.request_validator import RequestValidator

from tests.carrier.local.stage import (
    BUSY,
    FAILED,
    HUMAN,
    LINE,
    MACHINE,
    NOBODY,
    PEOPLE,
    REST,
    Answer,
    Stage,
    stage,
)

T = TypeVar("T")
MENU = '<Gather numDigits="1" action="/chose"><Say>Para seguir, marque uno.</Say></Gather><Say>No le oí.</Say>'
EVENTS = "initiated ringing answered completed"


def play(scene: Callable[[Stage], Awaitable[T]], documents: dict[str, Answer] | None = None, **config: Any) -> T:
    async def scene_on_stage() -> T:
        async with stage({"/go": MENU, "/chose": "<Say>Gracias.</Say>", **(documents or {})}, **config) as on:
            return await scene(on)

    return asyncio.run(scene_on_stage())


@pytest.mark.parametrize(
    ("to", "statuses", "sip", "ended_by"),
    [
        (HUMAN, ["initiated", "ringing", "in-progress", "completed"], "200", "application"),
        (MACHINE, ["initiated", "ringing", "in-progress", "completed"], "200", "application"),
        (BUSY, ["initiated", "busy"], "486", "carrier"),
        (FAILED, ["initiated", "failed"], "404", "carrier"),
        (NOBODY, ["initiated", "ringing", "no-answer"], "487", "carrier"),
    ],
)
def test_a_call_and_its_callbacks(to: str, statuses: list[str], sip: str, ended_by: str) -> None:
    async def scene(on: Stage) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, str]], str]:
        sid = await on.call(to, StatusCallback=on.application.url + "/status", StatusCallbackEvent=EVENTS)
        return await on.ended(sid), await on.rest(sid), on.application.of("/status"), sid

    ledger, call, callbacks, sid = play(scene)
    callbacks.sort(key=lambda params: int(params["SequenceNumber"]))
    assert [params["CallStatus"] for params in callbacks] == statuses
    assert [params["SequenceNumber"] for params in callbacks] == [str(n) for n in range(len(statuses))]
    assert {params["CallbackSource"] for params in callbacks} == {"call-progress-events"}
    assert {params["CallSid"] for params in callbacks} == {sid}
    assert all(params["Timestamp"].endswith("+0000") for params in callbacks)
    assert callbacks[-1]["SipResponseCode"] == sip
    assert (ledger["status"], ledger["ended_by"], call["status"]) == (statuses[-1], ended_by, statuses[-1])
    assert (call["duration"] is not None) is (statuses[-1] == "completed")
    assert callbacks[-1]["CallDuration"] == (call["duration"] or "0")


def test_the_first_request_of_an_outbound_call() -> None:
    async def scene(on: Stage) -> tuple[dict[str, str], str, str, str]:
        sid = await on.call(HUMAN)
        await on.ended(sid)
        webhook = on.application.received[0]
        return webhook.params, webhook.headers["X-Twilio-Signature"], on.application.url + "/go", sid

    params, signature, url, sid = play(scene)
    assert params == {
        "CallSid": sid,
        "AccountSid": "AC" + "0" * 32,
        "From": LINE,
        "To": HUMAN,
        "Caller": LINE,
        "Called": HUMAN,
        "CallStatus": "in-progress",
        "ApiVersion": "2010-04-01",
        "Direction": "outbound-api",
    }
    assert RequestValidator("local").validate(url, params, signature)


def test_the_ledger_of_a_call() -> None:
    ledger = play(lambda on: _ledger_of_a_talk(on))
    assert set(ledger) == {
        "sid", "from", "to", "direction", "status", "answered_by", "requests", "heard", "heard_from", "spoken", "keys",
        "ended_by"
    }  # fmt: skip
    assert ledger["heard"] == ["Para seguir, marque uno.", "Gracias."]
    assert [key["digits"] for key in ledger["keys"]] == ["1"]
    assert [set(request) for request in ledger["requests"]] == [
        {"at", "method", "url", "params", "status", "ms", "body"}
    ] * 2
    assert ledger["requests"][1]["params"]["Digits"] == "1"
    assert ledger["requests"][1]["body"] == "<Response><Say>Gracias.</Say></Response>"


async def _ledger_of_a_talk(on: Stage) -> dict[str, Any]:
    return await on.ended(await on.call(HUMAN))


def test_durations_are_simulated_seconds_at_speed_0() -> None:
    people = f'speed = 0\n[[person]]\nnumber = "{HUMAN}"\nhangs_up_after_s = 61'

    async def scene(on: Stage) -> tuple[dict[str, Any], dict[str, str]]:
        sid = await on.call(HUMAN, StatusCallback=on.application.url + "/status")
        ledger = await on.ended(sid)
        assert ledger["ended_by"] == "person"
        return await on.rest(sid), on.application.of("/status")[0]

    call, callback = play(scene, {"/go": "<Say>" + "a" * 3000 + "</Say>"}, people=people)
    assert call["duration"] == "61"
    assert (callback["CallDuration"], callback["Duration"]) == ("61", "2")


def test_a_time_limit_ends_the_call() -> None:
    async def scene(on: Stage) -> tuple[dict[str, Any], dict[str, Any]]:
        sid = await on.call(HUMAN, TimeLimit="10")
        return await on.ended(sid), await on.rest(sid)

    ledger, call = play(scene, {"/go": '<Pause length="100"/>'})
    assert (ledger["ended_by"], ledger["status"], call["duration"]) == ("carrier", "completed", "10")


def test_a_document_given_through_rest() -> None:
    twiml = "<Response><Say>Hola.</Say></Response>"

    async def scene(on: Stage) -> dict[str, Any]:
        return await on.ended(await on.call(HUMAN, Twiml=twiml))

    assert play(scene)["heard"] == ["Hola."]


# Answering machine detection


@pytest.mark.parametrize(
    ("to", "kind", "verdict", "ms"),
    [
        (HUMAN, "Enable", "human", "2000"),
        (MACHINE, "Enable", "machine_start", "4000"),
        (MACHINE, "DetectMessageEnd", "machine_end_beep", "4000"),
    ],
)
def test_an_asynchronous_verdict(to: str, kind: str, verdict: str, ms: str) -> None:
    async def scene(on: Stage) -> tuple[dict[str, Any], list[dict[str, str]]]:
        url = on.application.url + "/amd"
        sid = await on.call(to, MachineDetection=kind, AsyncAmd="true", AsyncAmdStatusCallback=url)
        return await on.ended(sid), on.application.of("/amd")

    ledger, (callback,) = play(scene, {"/go": '<Pause length="20"/>'})
    assert ledger["answered_by"] == verdict
    assert (callback["AnsweredBy"], callback["MachineDetectionDuration"]) == (verdict, ms)
    assert "AnsweredBy" not in ledger["requests"][0]["params"]


def test_a_synchronous_verdict_comes_with_the_first_request() -> None:
    async def scene(on: Stage) -> dict[str, Any]:
        return await on.ended(await on.call(MACHINE, MachineDetection="Enable"))

    assert play(scene)["requests"][0]["params"]["AnsweredBy"] == "machine_start"


def test_what_is_done_about_a_machine_comes_in_time_even_at_speed_0() -> None:
    """The application updates the call when it hears the verdict: the greeting is cut at the fourth second."""

    async def scene(on: Stage) -> dict[str, Any]:
        async def leave_a_message(params: dict[str, str]) -> str:
            await on.post(f"{REST}/Calls/{params['CallSid']}.json", {"Url": on.application.url + "/message"})
            return ""

        on.application.documents["/amd"] = leave_a_message
        url = on.application.url + "/amd"
        sid = await on.call(MACHINE, MachineDetection="DetectMessageEnd", AsyncAmd="true", AsyncAmdStatusCallback=url)
        return await on.ended(sid)

    documents: dict[str, Answer] = {
        "/go": "<Say>" + "a" * 90 + "</Say><Say>never</Say>",
        "/message": "<Say>Recado.</Say>",
    }
    assert play(scene, documents)["heard"] == ["a" * 90, "Recado."]


# Orders of REST


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_a_ringing_call_is_canceled(status: str) -> None:
    people = PEOPLE.replace("speed = 0", "speed = 1")

    async def scene(on: Stage) -> dict[str, Any]:
        sid = await on.call(NOBODY)
        await asyncio.sleep(0.05)
        await on.post(f"{REST}/Calls/{sid}.json", {"Status": status})
        return await on.ended(sid)

    assert play(scene, people=people)["status"] == "canceled"


def test_a_call_canceled_while_queued_is_told_to_nobody() -> None:
    async def scene(on: Stage) -> tuple[str, list[dict[str, str]], str]:
        await on.call(BUSY)
        status, queued = await on.post(
            f"{REST}/Calls.json",
            {"To": HUMAN, "From": LINE, "Url": "http://h/x", "StatusCallback": on.application.url + "/status"},
        )
        assert status == 201
        await on.post(f"{REST}/Calls/{queued['sid']}.json", {"Status": "canceled"})
        ledger = await on.ended(queued["sid"])
        return ledger["status"], on.application.of("/status"), queued["queue_time"]

    status, callbacks, queue_time = play(scene, calls_per_second=0.1)
    assert (status, callbacks) == ("canceled", [])
    assert 9_000 < int(queue_time) <= 10_000


@pytest.mark.parametrize(
    ("order", "heard", "ended_by"),
    [
        ({"Status": "completed"}, [], "api"),
        ({"Twiml": "<Response><Say>Otra cosa.</Say></Response>"}, ["Otra cosa."], "application"),
        ({"Status": "canceled"}, ["Fin."], "application"),
    ],
    ids=["completed ends it", "Twiml replaces the document", "canceled is ignored in progress"],
)
def test_an_order_to_a_call_in_progress(order: dict[str, str], heard: list[str], ended_by: str) -> None:
    people = PEOPLE.replace("speed = 0", "speed = 1").replace("keys", "ring_s = 0\nkeys")

    async def scene(on: Stage) -> dict[str, Any]:
        sid = await on.call(HUMAN)
        while (await on.rest(sid))["status"] != "in-progress" or not on.application.of("/go"):
            await asyncio.sleep(0.01)
        status, _ = await on.post(f"{REST}/Calls/{sid}.json", order)
        assert status == 200
        return await on.ended(sid)

    ledger = play(scene, {"/go": '<Pause length="1"/><Say>Fin.</Say>'}, people=people)
    assert (ledger["heard"], ledger["ended_by"]) == (heard, ended_by)


def test_a_finished_call_takes_no_orders() -> None:
    async def scene(on: Stage) -> tuple[int, dict[str, Any]]:
        sid = await on.call(BUSY)
        await on.ended(sid)
        return await on.post(f"{REST}/Calls/{sid}.json", {"Status": "completed"})

    status, error = play(scene)
    assert (status, error["code"]) == (400, 21220)


# Inbound


def test_a_person_dials_the_line() -> None:
    async def scene(on: Stage) -> tuple[dict[str, Any], list[dict[str, str]]]:
        sid = await on.dial_in(HUMAN)
        return await on.ended(sid), on.application.of("/number-status")

    ledger, callbacks = play(scene, {"/in": MENU})
    assert (ledger["direction"], ledger["from"], ledger["to"]) == ("inbound", HUMAN, LINE)
    assert [request["params"]["CallStatus"] for request in ledger["requests"]] == [
        "ringing",
        "in-progress",
        "completed",
    ]
    assert ledger["heard"] == ["Para seguir, marque uno.", "Gracias."]
    (callback,) = callbacks
    assert (callback["CallStatus"], int(callback["CallDuration"]) > 0) == ("completed", True)


# Dialled legs


@pytest.mark.parametrize(
    ("dialled", "status"),
    [
        (f"<Number>{HUMAN}</Number>", "completed"),
        (f"<Number>{BUSY}</Number>", "busy"),
        (f"<Number>{NOBODY}</Number>", "no-answer"),
        (f"<Number>{FAILED}</Number>", "failed"),
        ("<Sip>sip:a@example.com</Sip>", "failed"),
        ("<Client>ana</Client>", "failed"),
        (f"<Number>{BUSY}</Number><Number>{HUMAN}</Number>", "completed"),
        ("12", "failed"),
    ],
)
def test_dial(dialled: str, status: str) -> None:
    async def scene(on: Stage) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        sid = await on.call(MACHINE)
        ledger = await on.ended(sid)
        legs = await on.get(f"{REST}/Calls.json?ParentCallSid={sid}")
        return ledger, legs["calls"]

    ledger, legs = play(scene, {"/go": f'<Dial action="/after" timeout="15">{dialled}</Dial>', "/after": "<Hangup/>"})
    after = ledger["requests"][-1]["params"]
    assert after["DialCallStatus"] == status
    assert after["DialCallSid"] in {leg["sid"] for leg in legs}
    assert {leg["direction"] for leg in legs} == {"outbound-dial"}
    assert status in {leg["status"] for leg in legs}
    if status == "completed":
        assert (after["DialBridged"], int(after["DialCallDuration"])) == ("true", 30)


def test_a_whisper_may_refuse_the_call() -> None:
    async def scene(on: Stage) -> tuple[dict[str, Any], dict[str, str]]:
        ledger = await on.ended(await on.call(MACHINE))
        return ledger["requests"][-1]["params"], on.application.of("/whisper")[0]

    documents: dict[str, Answer] = {
        "/go": f'<Dial action="/after"><Number url="/whisper" statusCallback="/leg">{HUMAN}</Number></Dial>',
        "/whisper": "<Say>Llamada de la línea.</Say><Hangup/>",
        "/after": "",
    }
    after, whisper = play(scene, documents)
    assert after["DialBridged"] == "false"
    assert (whisper["To"], whisper["Direction"]) == (HUMAN, "outbound-dial")
    assert whisper["ParentCallSid"] == after["CallSid"]


def test_somebody_who_hangs_up_while_another_is_dialled_ends_both() -> None:
    people = f'speed = 0\n[[person]]\nnumber = "{HUMAN}"\nhangs_up_after_s = 9\n[[person]]\nnumber = "{MACHINE}"'

    async def scene(on: Stage) -> tuple[dict[str, Any], dict[str, Any]]:
        sid = await on.call(HUMAN)
        ledger = await on.ended(sid)
        return ledger, (await on.get(f"{REST}/Calls.json?ParentCallSid={sid}"))["calls"][0]

    ledger, leg = play(scene, {"/go": f"<Dial>{MACHINE}</Dial><Say>x</Say>"}, people=people)
    assert (ledger["ended_by"], ledger["heard"]) == ("person", [])
    assert (leg["status"], leg["duration"]) == ("completed", "6")


def test_the_dialled_person_hangs_up_and_the_caller_goes_on() -> None:
    people = f'speed = 0\n[[person]]\nnumber = "{HUMAN}"\n[[person]]\nnumber = "{MACHINE}"\nhangs_up_after_s = 5'

    async def scene(on: Stage) -> dict[str, Any]:
        return await on.ended(await on.call(HUMAN))

    ledger = play(scene, {"/go": f"<Dial>{MACHINE}</Dial><Say>" + "a" * 200 + "</Say>"}, people=people)
    assert (ledger["ended_by"], ledger["heard"]) == ("application", ["a" * 200])


def test_the_patience_of_somebody_who_is_gone_ends_nothing() -> None:
    people = f'speed = 0\n[[person]]\nnumber = "{HUMAN}"\n[[person]]\nnumber = "{MACHINE}"\nhangs_up_after_s = 100'

    async def scene(on: Stage) -> dict[str, Any]:
        return await on.ended(await on.call(HUMAN))

    document = f'<Dial timeLimit="10">{MACHINE}</Dial><Pause length="600"/><Say>Adiós.</Say>'
    ledger = play(scene, {"/go": document}, people=people)
    assert (ledger["ended_by"], ledger["heard"]) == ("application", ["Adiós."])


def test_problems_are_notifications() -> None:
    async def scene(on: Stage) -> list[tuple[str, str]]:
        sid = await on.call(HUMAN)
        await on.ended(sid)
        notes = await on.get(f"{REST}/Calls/{sid}/Notifications.json")
        return [(note["error_code"], note["log"]) for note in notes["notifications"]]

    assert play(scene, {"/go": "<say>a</say><Redirect>/bad</Redirect>", "/bad": "<"}) == [
        ("12200", "1"),
        ("12100", "0"),
    ]


def test_the_log_tells_no_number_and_no_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    play(lambda on: _ledger_of_a_talk(on))
    assert HUMAN not in caplog.text
    assert "Digits" not in caplog.text
