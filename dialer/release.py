"""Releases orders one by one, each at its moment, and asks the carrier concurrently: one event loop in one thread."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from prometheus_client import Counter

from carrier.client import Answer, NotAsked
from carrier.placing import Order, Placer
from carrier.texting import Texter, TextOrder
from core.clock import Clock
from core.logs import is_about, where
from core.metrics import RELEASED
from dialer.pace import Gate, Pace

log = logging.getLogger(__name__)

AT_ONCE = 200  # orders that wait for their answer: as many as the placer has connections
#: Seconds after its moment that an order is not asked any more: what was decided meanwhile (a pause, a cancellation, an
#: exclusion) is seen when it is claimed again. With what is claimed ahead less than the two that a pause may take.
STALE = 1.0
LOOKS_EVERY, HELD_BACK = 0.1, 0.3  # seconds; the latter is more than is claimed ahead
STOPS_WITHIN = 10.5  # seconds: more than the client's own time-out, less than a process is given to end


@dataclass(frozen=True)
class _Turn:
    """An order and the time.monotonic() moment it was planned for, at the pace of then."""

    order: Order | TextOrder
    at: float
    calls_per_second: float
    keep: Callable[[Answer], None]


class Releaser:
    """Asks the carrier for each order at its moment, unless ``may_release`` says no by then or its hours are over.

    What comes late (the process was busy, the carrier slow) is spaced anew, and the pace is told of it: calls that were
    held back are never let go together.
    """

    def __init__(
        self,
        trunk: str,
        placer: Placer | Texter,
        may_release: Callable[[], bool],
        pace: Pace,
        clock: Clock,
        watch: Callable[[], float] = time.monotonic,
        counted: Counter = RELEASED,
    ) -> None:
        """``clock``: by which the hours of an order are told; ``watch``: by which its moment is; ``counted``: where
        what is released is."""
        self._trunk, self._placer, self._may_release, self._pace = trunk, placer, may_release, pace
        self._clock, self._watch = clock, watch
        self._counted = counted
        self.gate = Gate()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"releaser of {trunk}", daemon=True)
        self._turns: asyncio.Queue[_Turn | None] = asyncio.Queue()
        self._asking: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Raises what the placer does where it cannot be opened; nothing of it is left then."""
        try:
            self._thread.start()
        except BaseException:
            self._loop.close()
            raise
        try:
            asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Ends after the answers that are still to come, at most the client's own time-out."""
        try:
            asyncio.run_coroutine_threadsafe(self._drain(), self._loop).result(STOPS_WITHIN + 1)
        finally:
            self._end()

    def is_at_work(self) -> bool:
        """Whether what is handed over would be asked for."""
        return self._thread.is_alive() and not self._letting_go.done()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def release(self, order: Order | TextOrder, at: float, keep: Callable[[Answer], None]) -> None:
        """``at``: a time.monotonic() moment of the pace, none before the one that was handed in last."""
        turn = _Turn(order, at, self._pace.calls_per_second, keep)
        self._loop.call_soon_threadsafe(self._turns.put_nowait, turn)

    async def _open(self) -> None:
        await self._placer.open()
        self._letting_go = asyncio.create_task(self._let_go())

    async def _let_go(self) -> None:
        """One by one: a connection first, so that nothing waits any more once it has gone through the gate."""
        while turn := await self._turns.get():
            await self._until_one_is_free()
            while (wait := self.gate.opens(turn.at, turn.calls_per_second) - self._watch()) > 0:
                await asyncio.sleep(wait)
            self._pass(turn)

    def _pass(self, turn: _Turn) -> None:
        now = self._watch()
        if not self._may_go(turn, now):
            turn.keep(NotAsked())
            return
        self._counted.labels(self._trunk).inc()
        following = self.gate.passed(turn.at, turn.calls_per_second, now)
        self._pace.put_off(following + self._turns.qsize() / turn.calls_per_second)
        task = self._loop.create_task(self._ask(turn))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    def _may_go(self, turn: _Turn, now: float) -> bool:
        """Looked at again at the last moment: a process that was frozen may have lost its trunk while it slept, and an
        order that waited for a connection its legal hours."""
        if not self._may_release() or now > turn.at + STALE:
            return False
        try:
            return turn.order.until is None or self._clock.now() < turn.order.until
        except Exception as error:  # a rehearsal's clock is in the database
            log.error("nobody knows what time it is: %s", where(error))
            return False

    async def _ask(self, turn: _Turn) -> None:
        is_about(attempt_id=turn.order.attempt_id)  # of this task alone
        turn.keep(await self._placer.place(turn.order))  # type: ignore[arg-type]  # each is given its own kind

    async def _until_one_is_free(self) -> None:
        """Of the connections. While a carrier answers nothing no more is claimed, which would only wait here."""
        while len(self._asking) >= AT_ONCE:
            await asyncio.wait(self._asking, timeout=LOOKS_EVERY, return_when=asyncio.FIRST_COMPLETED)
            if len(self._asking) >= AT_ONCE:
                self._pace.put_off(self._watch() + HELD_BACK)

    async def _drain(self) -> None:
        self._turns.put_nowait(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOPS_WITHIN):
                await asyncio.wait([self._letting_go])  # however it ends: an error of its own was its end already
                if self._asking:
                    await asyncio.wait(self._asking)
        self._letting_go.cancel()
        await self._placer.close()
