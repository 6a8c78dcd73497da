"""One call's place in a conference: what it hears now, and what it is about to hear."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

from carrier.local.call import Call
from carrier.local.conferences.conference import Participant
from carrier.local.handset import HandsetLine
from carrier.local.interpreter import Conversation
from carrier.local.persona_line import PersonaLine
from carrier.local.verbs import Document

SLOWEST = 0.02  # a simulated second among people takes at least so many real ones: what they do happens in an order
PeopleLine: TypeAlias = PersonaLine | HandsetLine


@dataclass(slots=True, eq=False)
class Announcement:
    """A document that some participants hear; over when all of them have heard it."""

    document: Document
    waiting: set[str]  #: sids of their calls


@dataclass(slots=True, eq=False)
class Seat:
    """``talk`` and ``line`` are there once the participant is connected."""

    call: Call
    participant: Participant
    talk: Conversation | None = None
    line: PeopleLine | None = None
    heard: deque[tuple[str, str]] = field(default_factory=deque)  #: (who, text) said by others, not heard yet
    announcements: deque[Announcement] = field(default_factory=deque)
    has_left: bool = False
    own_speed: float = 0.0  #: outside of the conference
    _stirred: asyncio.Future[None] | None = None

    @property
    def name(self) -> str:
        """What the others know this one by: the label, else the number at the other end."""
        if self.participant.label:
            return self.participant.label
        return self.call.from_ if self.call.direction == "inbound" else self.call.to

    @property
    def is_live(self) -> bool:
        """Somebody is really there, in real time."""
        return isinstance(self.line, HandsetLine)

    def pace(self, is_real_time: bool) -> None:
        """Real time as soon as somebody live is in the conference; never without any waiting."""
        if self.line is not None:
            self.line.watch.pace(1.0 if is_real_time or self.is_live else max(self.own_speed, SLOWEST))

    def stir(self) -> None:
        """Something changed that may concern this one."""
        if self._stirred is not None and not self._stirred.done():
            self._stirred.set_result(None)

    def next_stir(self) -> "asyncio.Future[None]":
        self._stirred = asyncio.get_running_loop().create_future()
        return self._stirred
