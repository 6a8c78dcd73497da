"""What it must carry: 100 new calls a second by itself, and answered ones with their conversations."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.carrier.local.stage import BUSY, HUMAN, LINE, NOBODY, REST, Stage, stage

SECONDS = 2.5


async def at_a_pace(on: Stage, calls_per_second: int, numbers: list[str]) -> tuple[list[str], float]:
    """Places calls at a steady pace; their sids, and the slowest answer of REST in seconds."""
    made: list[str] = []
    slowest = 0.0

    async def place(index: int) -> None:
        nonlocal slowest
        await asyncio.sleep(index / calls_per_second)
        began = time.monotonic()
        made.append(await on.call(numbers[index % len(numbers)], StatusCallback=on.application.url + "/status"))
        slowest = max(slowest, time.monotonic() - began)

    await asyncio.gather(*(place(index) for index in range(int(calls_per_second * SECONDS))))
    return made, slowest


async def all_ended(on: Stage, made: list[str]) -> None:
    async with asyncio.timeout(10):
        for sid in made:
            while not (call := on.network.calls.find(sid)) or not call.is_over:
                await asyncio.sleep(0.01)
        while len(on.application.of("/status")) < len(made):
            await asyncio.sleep(0.01)


def better_of_two(scene: Callable[[], Coroutine[Any, Any, float]]) -> float:
    """Another process may have had the cores: twice in a row it is our doing."""
    slowest = asyncio.run(scene())
    return slowest if slowest < 1.0 else asyncio.run(scene())


@pytest.mark.slow(5, timed=True)
def test_a_hundred_new_calls_a_second() -> None:
    async def scene() -> float:
        async with stage() as on:
            made, slowest = await at_a_pace(on, 100, [BUSY, NOBODY])
            await all_ended(on, made)
            assert len(made) == 250
            ended = await on.get(f"{REST}/Calls.json?From=%2B{LINE[1:]}&PageSize=1000")
            assert {call["status"] for call in ended["calls"]} == {"busy", "no-answer"}
            assert len(ended["calls"]) == 250
            return slowest

    assert better_of_two(scene) < 1.0


@pytest.mark.slow(5, timed=True)
def test_forty_answered_calls_a_second() -> None:
    menu = '<Gather numDigits="1" action="/chose"><Say>Para seguir, marque uno.</Say></Gather>'

    async def scene() -> float:
        async with stage({"/go": menu, "/chose": "<Say>Gracias.</Say>"}) as on:
            made, slowest = await at_a_pace(on, 40, [HUMAN])
            await all_ended(on, made)
            assert len(on.application.of("/chose")) == len(made) == 100
            return slowest

    assert better_of_two(scene) < 1.0
