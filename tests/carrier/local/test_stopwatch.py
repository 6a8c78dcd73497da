"""Simulated seconds are exact at any speed, and nobody else is kept waiting."""

import asyncio
import time

import pytest

from carrier.local.stopwatch import Stopwatch


def test_at_speed_0_an_hour_is_nothing_and_others_go_on() -> None:
    async def scene() -> tuple[float, int]:
        watch, turns = Stopwatch(0), 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        for _ in range(60):
            await watch.spend(60)
        beside.cancel()
        return watch.elapsed, turns

    assert asyncio.run(scene()) == (3600, 60)


def test_real_time_is_kept_when_somebody_interrupts() -> None:
    async def scene() -> float:
        watch = Stopwatch(1)
        waiting = asyncio.create_task(watch.spend(30))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return watch.elapsed

    assert asyncio.run(scene()) == pytest.approx(0.1, abs=0.05)


def test_what_is_due_happens_in_its_second_and_in_order() -> None:
    async def scene() -> list[tuple[str, float]]:
        watch, seen = Stopwatch(0), []

        async def note(name: str) -> None:
            seen.append((name, watch.elapsed))

        watch.at(4, lambda: note("late"))
        watch.at(2, lambda: note("early"))
        dropped = watch.at(3, lambda: note("dropped"))
        watch.drop(dropped)
        await watch.spend(3)
        await watch.spend(3)
        return seen

    assert asyncio.run(scene()) == [("early", 2), ("late", 4)]


def test_a_happening_ends_the_wait() -> None:
    async def scene() -> tuple[bool, float]:
        watch, happening = Stopwatch(0.01), asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.05, happening.set_result, None)
        began = time.monotonic()
        return await watch.wait_for(1000, happening), time.monotonic() - began

    happened, real = asyncio.run(scene())
    assert happened
    assert real < 1


def test_another_pace_counts_for_what_is_being_waited_for() -> None:
    async def scene() -> tuple[float, float]:
        watch = Stopwatch(100.0)
        asyncio.get_running_loop().call_later(0.05, watch.pace, 0.0)
        began = time.monotonic()
        await watch.spend(1000)
        return watch.elapsed, time.monotonic() - began

    elapsed, real = asyncio.run(scene())
    assert elapsed == 1000
    assert real < 1


def test_time_that_a_request_took_is_made_up_for_where_seconds_are_short() -> None:
    async def scene() -> tuple[float, float, float]:
        watch = Stopwatch(0.01)
        began = time.monotonic()
        watch.lived(0.5)  # a request took as long as fifty of its seconds
        await watch.spend(30)
        at_once = time.monotonic() - began
        await watch.spend(30)
        return at_once, time.monotonic() - began, watch.elapsed

    at_once, real, elapsed = asyncio.run(scene())
    assert at_once < 0.1
    assert 0.09 <= real < 0.4, "sixty seconds, of which fifty had gone by"
    assert elapsed == 60


def test_in_real_time_a_request_is_part_of_the_call() -> None:
    watch = Stopwatch(1)
    watch.lived(0.5)
    assert watch.elapsed == 0.5
