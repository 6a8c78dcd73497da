"""Webhooks that nobody waits for: late, lost, doubled or overtaken where that misbehaviour was asked for."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from carrier.local.faults import Misfortune
from carrier.local.web_client import Cookies, Reply, WebClient

HELD_SECONDS = 2.0  # a reordered callback that nothing overtakes comes at last


class Spawn(Protocol):
    def __call__(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]": ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One callback. ``sid``: what it tells of; only another one of the same sid can overtake it."""

    sid: str
    method: str
    url: str
    params: dict[str, str]
    note: Callable[[Reply], None]  #: keeps what came of it
    cookies: Cookies = field(default_factory=Cookies)


class Deliveries:
    """Sends each as a request of its own, in no promised order (twilio.md §2.2)."""

    def __init__(self, web: WebClient, spawn: Spawn, luck: Callable[[], Misfortune]) -> None:
        self._web = web
        self._spawn = spawn
        self._luck = luck
        self._held: dict[str, asyncio.Event] = {}
        self.pending = 0  #: callbacks that have not been delivered yet

    def send(self, delivery: Delivery) -> "asyncio.Task[None]":
        """Sends it, sooner or later; the task ends when it is done with."""
        task = self._spawn(self._deliver(delivery))
        self.pending += 1
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[None]") -> None:
        self.pending -= 1

    async def _deliver(self, delivery: Delivery) -> None:
        luck = self._luck()
        if luck.strikes("lost"):
            return
        if luck.strikes("late"):
            await asyncio.sleep(luck.delay())
        if luck.strikes("reordered"):
            await self._wait_to_be_overtaken(delivery.sid)
        elif delivery.sid in self._held:
            await self._send(delivery)
            self._held.pop(delivery.sid, asyncio.Event()).set()
            return
        await self._send(delivery)
        if luck.strikes("doubled"):
            await self._send(delivery)

    async def _wait_to_be_overtaken(self, sid: str) -> None:
        overtaken = self._held.setdefault(sid, asyncio.Event())
        try:
            async with asyncio.timeout(HELD_SECONDS):
                await overtaken.wait()
        except TimeoutError:
            self._held.pop(sid, None)

    async def _send(self, delivery: Delivery) -> None:
        reply = await self._web.send(delivery.method, delivery.url, delivery.params, delivery.cookies)
        delivery.note(reply)
