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

    __slots__ = ("_behind", "_due", "_numbers", "_woken", "elapsed", "speed")

    def __init__(self, speed: float = 0.0) -> None:
        self.speed = speed
        self.elapsed = 0.0
        self._due: list[tuple[float, int, Action]] = []
        self._numbers = count()
        self._woken: asyncio.Future[None] | None = None
        self._behind = 0.0  #: real seconds that went by outside our waiting and were not made up for yet

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

    def pace(self, speed: float) -> None:
        """Another speed from now on, for what is being waited for too."""
        self.speed = speed
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def lived(self, seconds: float) -> None:
        """Real seconds went by outside our waiting (a web request): they count only in real time.

        Played faster, the next waits are so much shorter: a call takes its seconds times the speed, requests included.
        """
        if self.speed >= 1:
            self.elapsed += seconds
        elif self.speed > 0:
            self._behind += seconds

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
        real = self._made_up_for((until - self.elapsed) * self.speed)
        if real <= 0 or (happening is not None and happening.done()):
            await asyncio.sleep(0)
            is_whole = happening is None or not happening.done()
        else:
            is_whole = await self._really_pass(real, happening)
        if is_whole:
            self.elapsed = max(self.elapsed, until)
        return happening is not None and happening.done()

    def _made_up_for(self, real: float) -> float:
        """What is left of so many real seconds once those that are owed are taken off."""
        paid = min(self._behind, max(real, 0.0))
        self._behind -= paid
        self.elapsed += paid / self.speed if paid else 0.0
        return real - paid

    async def _really_pass(self, real: float, happening: asyncio.Future[Any] | None) -> bool:
        """Sleeps; False if it was cut short. Whoever interrupts the sleep finds the watch at the right second."""
        loop = asyncio.get_running_loop()
        began, second, speed, is_whole = loop.time(), self.elapsed, self.speed, False
        woken = self._woken = loop.create_future()
        try:
            happenings = {woken} if happening is None else {woken, happening}
            done, _ = await asyncio.wait(happenings, timeout=real, return_when=asyncio.FIRST_COMPLETED)
            is_whole = not done
        finally:
            if self._woken is woken:
                self._woken = None
            if not is_whole:
                self.elapsed = second + min(real, loop.time() - began) / speed
        return is_whole
