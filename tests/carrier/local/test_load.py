"""What it must carry: 100 new calls a second by itself, and answered ones with their conversations."""

import asyncio
import time

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


def test_a_hundred_new_calls_a_second() -> None:
    async def scene() -> None:
        async with stage() as on:
            made, slowest = await at_a_pace(on, 100, [BUSY, NOBODY])
            await all_ended(on, made)
            assert len(made) == 250
            assert slowest < 1.0
            ended = await on.get(f"{REST}/Calls.json?From=%2B{LINE[1:]}&PageSize=1000")
            assert {call["status"] for call in ended["calls"]} == {"busy", "no-answer"}
            assert len(ended["calls"]) == 250

    asyncio.run(scene())


def test_forty_answered_calls_a_second() -> None:
    menu = '<Gather numDigits="1" action="/chose"><Say>Para seguir, marque uno.</Say></Gather>'

    async def scene() -> None:
        async with stage({"/go": menu, "/chose": "<Say>Gracias.</Say>"}) as on:
            made, slowest = await at_a_pace(on, 40, [HUMAN])
            await all_ended(on, made)
            assert len(on.application.of("/chose")) == len(made) == 100
            assert slowest < 1.0

    asyncio.run(scene())
