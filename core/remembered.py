"""What takes long to find out: found out by one, for everybody whom this process serves, and kept for a while."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

QUICK_S = 0.2  # what takes less is found out each time: of most lists nothing is ever old

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """``began``: when it began to be found out; whoever asks before ``until`` is told it. Seconds of the clock."""

    value: T
    state: Hashable
    began: float
    until: float


class Remembered(Generic[T]):
    """Whoever asks for what is being found out waits for it, and is told the same: never do two find out one thing.

    ``keeps_for``: seconds, from the beginning; 0: nothing is kept, and each finds out for themselves. ``quick_s``: what
    takes less is told to those who waited for it, and to nobody else; but None, which says that it could not be had,
    is kept. ``idle``: what took long is kept for so many times as long.
    """

    def __init__(
        self,
        keeps_for: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        quick_s: float = QUICK_S,
        idle: float = 0.0,
    ) -> None:
        self._keeps_for, self._clock = keeps_for, clock
        self._quick_s, self._idle = quick_s, idle
        self._known: dict[Hashable, Found[T]] = {}
        self._sought: set[Hashable] = set()  # of which somebody is finding it out
        self._change = Condition()

    def of(self, whose: Hashable, find: Callable[[], T], *, state: Hashable = None, newest: bool = False) -> T:
        """What is known of it in this ``state``, or ``find()``; ``newest``: as it is from this moment on."""
        if not self._keeps_for:
            return find()
        asked = self._clock()

        def is_told() -> bool:
            last = self.last(whose, state)
            return last is not None and asked < last.until and (asked <= last.began or not newest)

        with self._change:
            self._change.wait_for(lambda: whose not in self._sought or is_told())
            if is_told():
                return self._known[whose].value
            self._sought.add(whose)
        try:
            return self._find(whose, find, state)
        finally:
            with self._change:
                self._sought.discard(whose)
                self._change.notify_all()

    def last(self, whose: Hashable, state: Hashable = None) -> Found[T] | None:
        """What was found of it last, old or not; nothing is found out."""
        last = self._known.get(whose)
        return last if last is not None and last.state == state else None

    def known(self, whose: Hashable, state: Hashable = None) -> Found[T] | None:
        """The same, where it is not old."""
        last = self.last(whose, state)
        return last if last is not None and self._clock() < last.until else None

    def forget(self, whose: Hashable) -> None:
        """It is found out anew for whoever asks next."""
        with self._change:
            self._known.pop(whose, None)

    def _find(self, whose: Hashable, find: Callable[[], T], state: Hashable) -> T:
        began = self._clock()
        value = find()
        took = self._clock() - began
        is_kept = took >= self._quick_s or value is None
        until = began + (max(took, self._keeps_for, self._idle * took) if is_kept else took)
        with self._change:
            self._known = {each: kept for each, kept in self._known.items() if kept.until + self._keeps_for > began}
            self._known[whose] = Found(value, state, began, until)
        return value
