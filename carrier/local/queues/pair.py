"""Two calls that talk to each other, each on its own watch: somebody from a queue, and who took them out of it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from carrier.local.call import Call
from carrier.local.conferences.seat import SLOWEST, PeopleLine
from carrier.local.events import Pressed, Said, Spoke
from carrier.local.handset import HandsetLine
from carrier.local.interpreter import CHARACTERS_PER_SECOND, Conversation
from carrier.local.races import until

TALK_SECONDS = 30.0  # what two scripted people have to say to each other, where none of them hangs up before


@dataclass(slots=True, eq=False)
class End:
    """One of the two."""

    call: Call
    talk: Conversation
    line: PeopleLine
    heard: "deque[tuple[str, str]]" = field(default_factory=deque)
    stirred: "asyncio.Future[None] | None" = None

    @property
    def name(self) -> str:
        return self.call.from_ if self.call.direction == "inbound" else self.call.to

    def stir(self) -> None:
        if self.stirred is not None and not self.stirred.done():
            self.stirred.set_result(None)


class Pair:
    """``ready`` when the member may be talked to (or never will be); ``over`` when either has left."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[bool] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self._ends: list[End] = []

    def is_ready(self, will_talk: bool) -> None:
        if not self.ready.done():
            self.ready.set_result(will_talk)

    def end(self) -> None:
        """Either has left: nobody is talked to any more."""
        self.is_ready(False)
        if not self.over.done():
            self.over.set_result(None)
        for end in self._ends:
            end.stir()

    async def talk(self, end: End, limit: float, *, leaves_at_star: bool = False) -> None:
        """Talks until the other leaves, the seconds are over, or ``*``. Raises what the line raises."""
        self._ends.append(end)
        end.line.on_say = lambda text: self._say(end, text)
        self._pace()
        ends = end.talk.second + limit
        try:
            while not self.over.done() and end.talk.second < ends:
                key = await until(self._listen_or_attend(end, ends), self._next(end))
                if key == "*" and leaves_at_star:
                    return
        finally:
            end.line.on_say = None
            self.end()

    def _pace(self) -> None:
        is_live = any(isinstance(end.line, HandsetLine) for end in self._ends)
        for end in self._ends:
            end.line.watch.pace(1.0 if is_live else max(end.line.watch.speed, SLOWEST))

    async def _listen_or_attend(self, end: End, ends: float) -> str | None:
        if end.heard:
            who, text = end.heard.popleft()
            seconds = len(text) / CHARACTERS_PER_SECOND
            await end.line.overhear(text, seconds, who)
            return None
        key = await end.line.attend(max(0.0, ends - end.talk.second))
        if key is not None:
            end.talk.note(Pressed(end.talk.second, key))
        return key

    def _next(self, end: End) -> "asyncio.Future[None]":
        """Done when there is something to hear, or the other has left."""
        end.stirred = asyncio.get_running_loop().create_future()
        return end.stirred

    def _say(self, end: End, text: str) -> None:
        end.talk.note(Spoke(end.talk.second, text))
        for other in self._ends:
            if other is not end:
                other.talk.note(Said(other.talk.second, text, len(text) / CHARACTERS_PER_SECOND, end.name))
                other.heard.append((end.name, text))
                other.stir()
