"""A bad day on request: late, lost, doubled, reordered webhooks; refusals; replies that never come."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest

from carrier.local.faults import Faults, FaultyFaults
from tests.carrier.local.stage import BUSY, HUMAN, LINE, NOBODY, REST, Answer, Stage, stage

T = TypeVar("T")


def play(scene: Callable[[Stage], Awaitable[T]], documents: dict[str, Answer] | None = None, **config: Any) -> T:
    async def scene_on_stage() -> T:
        async with stage({"/go": "<Say>Hola.</Say>", **(documents or {})}, **config) as on:
            return await scene(on)

    return asyncio.run(scene_on_stage())


async def a_call(on: Stage, to: str = NOBODY) -> list[str]:
    """The sequence numbers of its callbacks, as they arrived."""
    url = on.application.url + "/status"
    sid = await on.call(to, StatusCallback=url, StatusCallbackEvent="initiated ringing answered completed")
    await on.ended(sid)
    return [params["SequenceNumber"] for params in on.application.of("/status")]


@pytest.mark.parametrize(
    ("faults", "arrived"),
    [
        (Faults(), {"0": 1, "1": 1, "2": 1}),
        (Faults(lost=1), {}),
        (Faults(doubled=1), {"0": 2, "1": 2, "2": 2}),
        (Faults(late=1, late_s=0.2), {"0": 1, "1": 1, "2": 1}),
    ],
    ids=["a good day", "lost", "doubled", "late"],
)
def test_callbacks(faults: Faults, arrived: dict[str, int]) -> None:
    numbers = play(a_call, faults=faults)
    assert {number: numbers.count(number) for number in numbers} == arrived


def test_each_misfortune_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    play(a_call, faults=Faults(lost=1), ledger_path=path)
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [entry["name"] for entry in told if entry["kind"] == "fault"] == ["lost"] * 3


def test_reordered_callbacks_all_come() -> None:
    async def some_calls(on: Stage) -> list[list[str]]:
        orders = []
        for _ in range(8):
            on.application.received.clear()
            orders.append(await a_call(on))
        return orders

    orders = play(some_calls, faults=Faults(reordered=0.3, seed=4))
    assert all(sorted(order) == ["0", "1", "2"] for order in orders)
    assert any(order != sorted(order) for order in orders)


def test_a_document_that_is_never_asked_for_goes_to_the_fallback() -> None:
    async def scene(on: Stage) -> dict[str, Any]:
        on.application.documents["/fallback"] = "<Say>x</Say>"
        return await on.ended(await on.call(HUMAN, FallbackUrl=on.application.url + "/fallback"))

    ledger = play(scene, faults=Faults(request_lost=1))
    assert [request["status"] for request in ledger["requests"]] == [None, None]
    assert ledger["ended_by"] == "carrier"


def test_a_document_is_asked_for_twice_under_one_token() -> None:
    async def scene(on: Stage) -> set[str]:
        await on.ended(await on.call(HUMAN))
        assert len(on.application.of("/go")) == 2
        return {webhook.headers["I-Twilio-Idempotency-Token"] for webhook in on.application.received}

    assert len(play(scene, faults=Faults(request_doubled=1))) == 1


@pytest.mark.parametrize(
    ("faults", "status", "code", "made"),
    [
        (Faults(rest_429=1), 429, 20429, 0),
        (Faults(rest_500=1), 500, 20500, 0),
        (Faults(rest_500_done=1), 500, 20500, 1),
    ],
)
def test_rest_answers_badly(faults: Faults, status: int, code: int, made: int) -> None:
    async def scene(on: Stage) -> tuple[int, int, int]:
        answered, error = await on.post(f"{REST}/Calls.json", {"To": BUSY, "From": LINE, "Url": "http://127.0.0.1:1/"})
        return answered, error["code"], len((await on.get("/local/calls"))["calls"])

    assert play(scene, faults=faults) == (status, code, made)


def test_the_call_is_made_and_the_reply_never_comes() -> None:
    async def scene(on: Stage) -> int:
        with pytest.raises(aiohttp.ClientConnectionError):
            await on.post(f"{REST}/Calls.json", {"To": BUSY, "From": LINE, "Url": "http://127.0.0.1:1/"})
        return len((await on.get("/local/calls"))["calls"])

    assert play(scene, faults=Faults(rest_dropped=1)) == 1


def test_over_the_pace() -> None:
    async def place_two(on: Stage) -> tuple[int, Any, Any]:
        fields = {"To": BUSY, "From": LINE, "Url": "http://127.0.0.1:1/"}
        await on.post(f"{REST}/Calls.json", fields)
        status, answer = await on.post(f"{REST}/Calls.json", fields)
        return status, answer.get("code"), answer["status"]

    assert play(place_two, calls_per_second=1, refuses_over_pace=True) == (429, 20429, 429)
    assert play(place_two, calls_per_second=1) == (201, None, "queued")


def test_misbehaviour_is_set_and_taken_back() -> None:
    async def scene(on: Stage) -> list[int]:
        statuses = []
        for faults in ({"rest_429": 1}, {}):
            await on.post("/local/faults", json=faults)
            async with on.http.get(f"{REST}/Calls.json") as answer:
                statuses.append(answer.status)
        return statuses

    assert play(scene) == [429, 200]


@pytest.mark.parametrize("given", [{"sick": 1}, {"lost": 2}, {"lost": -1}, {"lost": "x"}, {"lost": True}])
def test_misbehaviour_that_does_not_exist(given: dict[str, object]) -> None:
    with pytest.raises(FaultyFaults):
        Faults.read(given)
