"""Releases orders at their moment, concurrently: one event loop in one thread."""

import asyncio
import threading
import time
from collections.abc import Callable

from carrier.client import Answer, NotAsked, Order, Placer


class Releaser:
    """Asks the carrier for each order at its moment, unless ``may_release`` says no by then."""

    def __init__(self, placer: Placer, may_release: Callable[[], bool]) -> None:
        self._placer = placer
        self._may_release = may_release
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="releaser", daemon=True)

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._placer.open(), self._loop).result(10)

    def stop(self) -> None:
        """Ends after the answers that are still to come, at most the client's own time-out."""
        asyncio.run_coroutine_threadsafe(self._drain(), self._loop).result(15)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def release(self, order: Order, at: float, keep: Callable[[Answer], None]) -> None:
        """``at`` is a time.monotonic() moment."""
        asyncio.run_coroutine_threadsafe(self._ask(order, at, keep), self._loop)

    async def _ask(self, order: Order, at: float, keep: Callable[[Answer], None]) -> None:
        wait = at - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        # Looked at again here: a process that was frozen may have lost its trunk while it slept.
        keep(await self._placer.place(order) if self._may_release() else NotAsked())

    async def _drain(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if others:
            await asyncio.wait(others, timeout=12)
        await self._placer.close()
