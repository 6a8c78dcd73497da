"""Waiting in a queue and taking somebody out of it: each scene is a sentence of twilio.md §4."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.carrier.local.meeting import CALLER, OPERATOR, SERVICE, Meeting, join, meeting, person

SLOW = "speed = 0.02\n" + "".join(person(number) for number in (CALLER, OPERATOR, SERVICE))
WAIT = '<Say>Espere.</Say><Pause length="5"/>'
ENQUEUE = '<Enqueue action="/left" waitUrl="/wait">cola</Enqueue><Say>Sigue.</Say>'


def play(scene: Callable[[Meeting], Awaitable[Any]], people: str = SLOW, **documents: str) -> Any:
    async def played() -> Any:
        answers = {"/wait": WAIT, "/left": "<Say>Hasta luego.</Say>"} | {f"/{k}": v for k, v in documents.items()}
        async with meeting(people, answers) as on:  # type: ignore[arg-type]
            return await scene(on)

    return asyncio.run(played())


async def waits(on: Meeting, who: str = CALLER, document: str = ENQUEUE) -> str:
    """Somebody is called and waits in the queue."""
    before = on.size()
    sid = await on.calls(who, document)
    await on.until(lambda: on.size() > before)
    return sid


def test_what_is_heard_is_asked_for_again_and_told_the_place() -> None:
    async def scene(on: Meeting) -> None:
        first = await waits(on)
        second = await waits(on, OPERATOR)
        await on.until(lambda: len([p for p in on.on.application.of("/wait") if p["CallSid"] == second]) > 1)
        asked = on.on.application.of("/wait")
        assert asked[0]["QueuePosition"] == "1"
        last = next(p for p in reversed(asked) if p["CallSid"] == second)
        assert (last["QueuePosition"], last["CurrentQueueSize"], last["MaxQueueSize"]) == ("2", "2", "1000")
        assert int(last["QueueTime"]) >= 5 and int(last["AvgQueueTime"]) >= 5
        assert last["QueueSid"].startswith("QU")
        await on.hangs_up(first)
        await on.until(lambda: on.on.application.of("/wait")[-1]["QueuePosition"] == "1")

    play(scene)


def test_somebody_dials_it_and_they_talk() -> None:
    async def scene(on: Meeting) -> None:
        caller = await waits(on)
        operator = await on.calls(
            OPERATOR, '<Dial action="/after" hangupOnStar="true"><Queue url="/about">cola</Queue></Dial>'
        )
        caller_says, operator_says = await on.are_talking(caller, operator)
        caller_says("Buenas.")
        operator_says("Dígame.")
        assert (await on.over(caller))["heard"][-3:] == ["Le atenderán.", "Dígame.", "Hasta luego."]
        assert await on.heard(operator) == [(CALLER, "Buenas.")]
        (about,) = on.on.application.of("/about")
        assert (about["CallSid"], about["DequeingCallSid"]) == (caller, operator)
        assert about.keys() >= {"QueueSid", "QueueTime"}
        (left,) = on.on.application.of("/left")
        assert (left["QueueResult"], left["CallSid"]) == ("bridged", caller)
        (after,) = on.on.application.of("/after")
        assert (after["DialCallStatus"], after["DialCallSid"]) == ("completed", caller)
        assert 25 <= int(after["DialCallDuration"]) <= 35, "half a minute, as in any talk of two scripted people"

    play(scene, about="<Say>Le atenderán.</Say>", after="<Hangup/>")


def test_an_empty_queue_is_waited_at() -> None:
    async def scene(on: Meeting) -> None:
        caller = await waits(on)
        await on.hangs_up(caller)
        operator = await on.calls(OPERATOR, '<Dial timeout="60"><Queue>cola</Queue></Dial>')
        await on.until(lambda: next(iter(on.network.queues)).wanting)
        later = await on.calls(SERVICE, ENQUEUE)
        await on.are_talking(later, operator)
        await on.hangs_up(operator)
        await on.over(later)
        assert on.on.application.of("/left")[-1]["QueueResult"] == "bridged"

    play(scene)


@pytest.mark.parametrize(("name", "status"), [("cola", "no-answer"), ("ninguna", "failed")])
def test_nobody_comes(name: str, status: str) -> None:
    async def scene(on: Meeting) -> None:
        on.network.queues.make("cola")
        await on.calls(OPERATOR, f'<Dial timeout="5" action="/after"><Queue>{name}</Queue></Dial>')
        await on.until(lambda: on.on.application.of("/after"))
        assert on.on.application.of("/after")[0]["DialCallStatus"] == status

    play(scene, after="<Hangup/>")


def test_a_key_leaves_it() -> None:
    people = SLOW + '[[person]]\nnumber = "+50370000099"\nkeys = [{ hears = "marque dos", presses = "2" }]\n'

    async def scene(on: Meeting) -> None:
        sid = await on.calls("+50370000099", ENQUEUE)
        assert (await on.over(sid))["heard"][-1] == "Hasta luego."
        assert on.on.application.of("/choice")[0]["Digits"] == "2"
        assert on.on.application.of("/left")[0]["QueueResult"] == "leave"

    wait = '<Gather numDigits="1" action="/choice"><Say>Para dejar un recado, marque dos.</Say></Gather>'
    play(scene, people, wait=wait, choice="<Leave/>")


@pytest.mark.parametrize(
    ("wait", "result", "goes_on"),
    [
        ("<Dial>+50322220000</Dial>", "error", True),
        ("<Say>Adiós.</Say><Hangup/>", "hangup", False),
    ],
)
def test_how_else_it_ends(wait: str, result: str, goes_on: bool) -> None:
    async def scene(on: Meeting) -> None:
        sid = await on.calls(CALLER, ENQUEUE)
        ledger = await on.over(sid)
        assert on.on.application.of("/left")[0]["QueueResult"] == result
        assert (ledger["heard"][-1] == "Hasta luego.") is goes_on

    play(scene, wait=wait)


def test_without_an_action_the_next_verb_follows() -> None:
    async def scene(on: Meeting) -> None:
        sid = await on.calls(CALLER, ENQUEUE.replace('action="/left"', ""))
        assert (await on.over(sid))["heard"][-1] == "Sigue."

    play(scene, wait="<Leave/>")


def test_a_full_queue() -> None:
    async def scene(on: Meeting) -> None:
        on.network.queues.make("cola", 1)
        await waits(on)
        await on.over(await on.calls(OPERATOR, ENQUEUE))
        assert on.on.application.of("/left")[0]["QueueResult"] == "queue-full"

    play(scene)


def test_the_waiting_person_hangs_up() -> None:
    people = "speed = 0\n" + person(CALLER, hangs_up_after_s=30) + person(OPERATOR)

    async def scene(on: Meeting) -> None:
        await on.over(await on.calls(CALLER, ENQUEUE))
        await on.until(lambda: on.on.application.of("/left"))
        (left,) = on.on.application.of("/left")
        assert (left["QueueResult"], left["QueueTime"]) == ("hangup", "30")
        assert on.size() == 0

    play(scene, people)


def test_rest_sends_it_elsewhere_from_the_queue_and_from_the_talk() -> None:
    async def scene(on: Meeting) -> None:
        url = {"Url": on.on.application.url + "/room"}
        first = await waits(on)
        await on.on.post(f"{on.rest}/Calls/{first}.json", url)
        await on.until(lambda: on.is_in(first))
        assert on.on.application.of("/left")[-1]["QueueResult"] == "redirected"
        second = await waits(on, SERVICE)
        operator = await on.calls(OPERATOR, "<Dial><Queue>cola</Queue></Dial><Say>Se fue.</Say>")
        await on.are_talking(second, operator)
        await on.on.post(f"{on.rest}/Calls/{second}.json", url)
        await on.until(lambda: on.is_in(second))
        await on.until(lambda: len(on.on.application.of("/left")) == 2)
        assert on.on.application.of("/left")[-1]["QueueResult"] == "redirected-from-bridged"
        assert (await on.over(operator))["heard"] == ["Se fue."]

    play(scene, room=join("sala"))


def test_the_operator_hangs_up_while_the_caller_is_being_told() -> None:
    people = SLOW + person("+50370000099", hangs_up_after_s=3)

    async def scene(on: Meeting) -> None:
        caller = await waits(on)
        await on.over(await on.calls("+50370000099", '<Dial><Queue url="/about">cola</Queue></Dial>'))
        assert (await on.over(caller))["heard"][-1] == "Hasta luego."
        assert on.on.application.of("/left")[0]["QueueResult"] == "error"

    play(scene, people, about='<Pause length="60"/>')
