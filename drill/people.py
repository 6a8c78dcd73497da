"""People with telephones: each is a browser telephone of the local carrier (a websocket), which the drill holds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp

from drill.plan import Answer

Policy = Callable[[], Awaitable[Answer]]


class Telephone:
    """One number's. ``when_it_rings`` says what the person does; ``presses_one``: to take a call, as asked."""

    def __init__(self, number: str, when_it_rings: Policy, *, presses_one: bool = False) -> None:
        self.number = number
        self.calls = 0
        self.rings = 0
        self.is_in_call = False
        self.hears = asyncio.Event()  #: something of ours, since the call began
        self._when_it_rings = when_it_rings
        self._presses_one = presses_one
        self._is_ringing = False
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def plug_in(self, http: aiohttp.ClientSession) -> None:
        self._socket = await http.ws_connect("/local/phone", params={"number": self.number.lstrip("+")})
        self._spawn(self._read(self._socket))

    async def unplug(self) -> None:
        """The page is closed; whatever call there is ends."""
        if self._socket is not None:
            await self._socket.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def dial(self, number: str) -> None:
        await self._do("dial", to=number)

    async def press(self, key: str) -> None:
        await self._do("key", key=key)

    async def hang_up(self) -> None:
        await self._do("hangup")

    async def _do(self, what: str, **more: str) -> None:
        assert self._socket is not None, "plug it in first"
        if not self._socket.closed:
            with suppress(ConnectionError):
                await self._socket.send_json({"do": what, **more})

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            event = message.json()
            match event["event"]:
                case "ringing":
                    self._is_ringing = True
                    self.rings += 1
                    self._spawn(self._ring(self.rings))
                case "answered":
                    self._begin()
                case "said" if not event.get("from"):
                    if not self.is_in_call:
                        self._begin()
                    self.hears.set()
                case "ended":
                    self._is_ringing = self.is_in_call = False

    def _begin(self) -> None:
        self._is_ringing, self.is_in_call = False, True
        self.calls += 1
        self.hears.clear()

    async def _ring(self, ring: int) -> None:
        answer = await self._when_it_rings()
        if answer.is_busy:
            await self._do("hangup")
            return
        if answer.after is None:
            return
        await asyncio.sleep(answer.after)
        if not self._is_ringing or ring != self.rings:
            return
        self.hears.clear()
        await self._do("answer")
        began, call = time.monotonic(), self.calls + 1
        if self._presses_one:
            with suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await self.hears.wait()
                    await self.press("1")
        if answer.leaves_after is not None:
            await asyncio.sleep(max(0.0, answer.leaves_after - (time.monotonic() - began)))
            if self.calls == call and self.is_in_call:
                await self.hang_up()
