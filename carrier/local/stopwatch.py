"""Simulated seconds: what a call has lasted, whatever the speed at which it is played."""

import asyncio
from collections.abc import Awaitable, Callable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

Action = Callable[[], Awaitable[None]]


class Stopwatch:
    """The seconds of one call, and what is due at which of them.

    ``speed`` is how many real seconds one simulated second takes: 1 real time, 0 no waiting at all.
    """

    __slots__ = ("_due", "_numbers", "elapsed", "speed")

    def __init__(self, speed: float = 0.0) -> None:
        self.speed = speed
        self.elapsed = 0.0
        self._due: list[tuple[float, int, Action]] = []
        self._numbers = count()

    def at(self, second: float, action: Action) -> int:
        """Runs ``action`` when the watch reaches that second; what it raises ends whatever is being waited for."""
        number = next(self._numbers)
        heappush(self._due, (second, number, action))
        return number

    def drop(self, number: int) -> None:
        """What ``at`` answered is due no more."""
        self._due = [due for due in self._due if due[1] != number]
        heapify(self._due)

    def forget(self) -> None:
        """Nothing is due any more."""
        self._due.clear()

    def lived(self, seconds: float) -> None:
        """Real seconds went by outside our waiting (a web request): they count only in real time."""
        if self.speed >= 1:
            self.elapsed += seconds

    async def spend(self, seconds: float) -> None:
        """Lets simulated seconds go by. Always gives way to others, even at speed 0."""
        await self.wait_for(seconds, None)

    async def wait_for(self, seconds: float, happening: asyncio.Future[Any] | None) -> bool:
        """Lets up to that many seconds go by; True, and at once, if ``happening`` is done before."""
        end = self.elapsed + max(0.0, seconds)
        while True:
            next_stop = min(end, max(self._due[0][0], self.elapsed)) if self._due else end
            if await self._pass(next_stop, happening):
                return True
            if self._due and self._due[0][0] <= self.elapsed:
                await heappop(self._due)[2]()
            elif self.elapsed >= end:
                return False

    async def _pass(self, until: float, happening: asyncio.Future[Any] | None) -> bool:
        real = (until - self.elapsed) * self.speed
        if real <= 0 or (happening is not None and happening.done()):
            await asyncio.sleep(0)
        else:
            await self._really_pass(real, happening)
        if happening is not None and happening.done():
            return True
        self.elapsed = max(self.elapsed, until)
        return False

    async def _really_pass(self, real: float, happening: asyncio.Future[Any] | None) -> None:
        """Sleeps; whoever interrupts the sleep finds the watch at the right second."""
        loop = asyncio.get_running_loop()
        began, second, is_cut_short = loop.time(), self.elapsed, True
        try:
            if happening is None:
                await asyncio.sleep(real)
                is_cut_short = False
            else:
                await asyncio.wait({happening}, timeout=real)
                is_cut_short = happening.done()
        finally:
            if is_cut_short:
                self.elapsed = second + min(real, loop.time() - began) / self.speed
