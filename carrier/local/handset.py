"""A live person with a telephone in the browser: hears by events, presses keys by messages."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from carrier.local.line import HungUp
from carrier.local.stopwatch import Stopwatch

Tell = Callable[[dict[str, Any]], Awaitable[None]]
Part = Callable[[], Coroutine[Any, Any, None]]


class Handset:
    """The telephone of one number. One call at a time."""

    def __init__(self, number: str, tell: Tell, part: Part) -> None:
        """``part``: its page is told that another one has the telephone from now on."""
        self.number = number
        self.tell = tell
        self.part = part
        self.gone: asyncio.Future[None] | None = None  #: of the present call; done: the person hung up
        self.is_picked_up: asyncio.Future[bool] | None = None  #: while it rings; False: declined
        self.rings_for: str | None = None  #: whose call, while it rings
        self.on_say: Callable[[str], None] | None = None  #: where there is somebody to speak to
        self._keys: deque[str] = deque()
        self._stirred: asyncio.Future[None] | None = None

    @property
    def is_busy(self) -> bool:
        return self.gone is not None or self.is_picked_up is not None

    async def ring(self, from_: str) -> asyncio.Future[bool]:
        """Rings; the future says whether the person picked up or declined."""
        self.is_picked_up, self.rings_for = asyncio.get_running_loop().create_future(), from_
        await self.ring_on()
        return self.is_picked_up

    async def ring_on(self) -> None:
        """Tells its page that it rings, if it does: another one may have taken it meanwhile."""
        if self.rings_for is not None:
            await self.tell({"event": "ringing", "from": self.rings_for})

    async def stop_ringing(self) -> None:
        """The caller gave up."""
        self.rings_for = None
        if self.is_picked_up is not None:
            self.is_picked_up = None
            await self.tell({"event": "ended", "by": "carrier"})

    def begin_call(self) -> asyncio.Future[None]:
        """From here on the handset is in a call. The future is done when the person hangs up."""
        self.is_picked_up = self.rings_for = None
        self.on_say = None
        self._keys.clear()
        self.gone = asyncio.get_running_loop().create_future()
        return self.gone

    async def end_call(self, by: str) -> None:
        """The call is over, whoever ended it."""
        if self.gone is not None:
            self.gone = None
            await self.tell({"event": "ended", "by": by})

    def pick_up(self) -> None:
        self._settle(True)

    def press(self, key: str) -> None:
        self._keys.append(key)
        self._stir()

    def say(self, text: str) -> None:
        """The person speaks; it is heard only in a conference, by a queue's other end, or by a recording."""
        if self.on_say is not None:
            self.on_say(text)

    def hang_up(self) -> None:
        """Declines while it rings; ends the call while it lasts."""
        self._settle(False)
        if self.gone is not None and not self.gone.done():
            self.gone.set_result(None)
        self._stir()

    def _settle(self, picked_up: bool) -> None:
        if self.is_picked_up is not None and not self.is_picked_up.done():
            self.is_picked_up.set_result(picked_up)

    def _stir(self) -> None:
        if self._stirred is not None and not self._stirred.done():
            self._stirred.set_result(None)

    async def key_within(self, seconds: float, watch: Stopwatch, *, listening: bool) -> str | None:
        """The next key; without ``listening`` keys are lost, and only hanging up is noticed. Raises HungUp."""
        ends = watch.elapsed + seconds
        while True:
            if self.gone is None or self.gone.done():
                raise HungUp
            if listening and self._keys:
                return self._keys.popleft()
            self._keys.clear()
            self._stirred = asyncio.get_running_loop().create_future()
            if not await watch.wait_for(ends - watch.elapsed, self._stirred):
                return None


class HandsetLine:
    """One call of a handset. Always in real time: somebody is listening."""

    def __init__(self, handset: Handset, watch: Stopwatch, leaving: type[Exception] = HungUp) -> None:
        """``leaving`` is raised when the person hangs up."""
        self.watch = watch
        self.handset = handset
        self._leaving = leaving
        self._was_asked = False  # for a key
        self.gone = handset.begin_call()
        watch.speed = 1.0

    async def hear(self, text: str, seconds: float, *, listening: bool = False) -> str | None:
        if text:
            await self.handset.tell({"event": "said", "text": text, "seconds": round(seconds, 2)})
        return await self._key_within(seconds, listening=listening)

    async def press(self, timeout: float) -> str | None:
        self._was_asked = True
        await self.handset.tell({"event": "listening", "timeout": round(timeout, 2)})
        return await self._key_within(timeout, listening=True)

    async def attend(self, timeout: float) -> str | None:
        """Among others: a key within so many seconds, or None. Nobody waits for one any more."""
        if self._was_asked:
            self._was_asked = False
            await self.handset.tell({"event": "together"})
        return await self._key_within(timeout, listening=True)

    async def overhear(self, text: str, seconds: float, from_: str) -> None:
        """Hears somebody else speak; the next one may speak at once, as people do."""
        await self.handset.tell({"event": "said", "text": text, "seconds": round(seconds, 2), "from": from_})

    def move_to(self, watch: Stopwatch) -> None:
        """From now on a call of its own, on a watch that shows the same second."""
        watch.speed = 1.0
        self.watch, self._leaving = watch, HungUp

    @property
    def on_say(self) -> Callable[[str], None] | None:
        return self.handset.on_say

    @on_say.setter
    def on_say(self, speak: Callable[[str], None] | None) -> None:
        self.handset.on_say = speak

    async def _key_within(self, seconds: float, *, listening: bool) -> str | None:
        try:
            return await self.handset.key_within(seconds, self.watch, listening=listening)
        except HungUp:
            raise self._leaving from None
