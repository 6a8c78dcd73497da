"""A queue and who waits in it: the front is the oldest."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from carrier.local.call import Call
from carrier.local.interpreter import Conversation
from carrier.local.queues.pair import Pair
from carrier.local.turns import Go

DEFAULT_SIZE = 1000
MAX_SIZE = 5000


@dataclass(frozen=True, slots=True)
class Taken:
    """Out of the queue, to talk to whoever dialled it; ``place``: what the member hears before."""

    pair: Pair
    place: Go | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Out of the queue, to a document that REST named."""

    place: Go


@dataclass(slots=True, eq=False)
class Member:
    """One call that waits."""

    call: Call
    talk: Conversation
    entered_at: datetime
    entered_second: float
    out: "asyncio.Future[Taken | Sent]"

    @property
    def waited(self) -> int:
        """Simulated seconds."""
        return round(self.talk.second - self.entered_second)


@dataclass(slots=True, eq=False)
class Queue:
    """Those who dialled it while it was empty wait too, and get whoever comes first."""

    sid: str
    friendly_name: str
    created_at: datetime
    updated_at: datetime
    max_size: int = DEFAULT_SIZE
    members: list[Member] = field(default_factory=list)
    wanting: "deque[asyncio.Future[Member]]" = field(default_factory=deque)

    @property
    def is_full(self) -> bool:
        return len(self.members) >= self.max_size

    @property
    def average_wait(self) -> int:
        """Of those who wait now, in seconds."""
        return round(sum(member.waited for member in self.members) / len(self.members)) if self.members else 0

    def position(self, member: Member) -> int:
        """From 1, the front."""
        return self.members.index(member) + 1 if member in self.members else 0

    def enter(self, member: Member) -> None:
        """Waits at the end, or goes straight to somebody who wants the first one."""
        while self.wanting:
            wanted = self.wanting.popleft()
            if not wanted.done():
                wanted.set_result(member)
                return
        self.members.append(member)

    def leave(self, member: Member) -> None:
        if member in self.members:
            self.members.remove(member)

    def take_front(self) -> Member | None:
        """The one who has waited longest, no longer in the queue."""
        return self.members.pop(0) if self.members else None

    def find(self, call_sid_or_front: str) -> Member | None:
        if call_sid_or_front == "Front":
            return self.members[0] if self.members else None
        return next((member for member in self.members if member.call.sid == call_sid_or_front), None)
