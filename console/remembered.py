"""What takes long to find out and hardly changes: found out once in a while, for everybody whom this process serves."""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

QUICK_S = 0.2  # what takes less is found out each time: of most lists nothing is ever old

T = TypeVar("T")


class Remembered(Generic[T]):
    """``keeps_for``: seconds; 0: nothing is. ``quick_s``: what takes less is not kept."""

    def __init__(
        self, keeps_for: float = 0.0, clock: Callable[[], float] = time.monotonic, *, quick_s: float = QUICK_S
    ) -> None:
        self._keeps_for, self._clock, self._quick_s = keeps_for, clock, quick_s
        self._known: dict[Hashable, tuple[float, T]] = {}
        self._lock = Lock()

    def of(self, whose: Hashable, find: Callable[[], T]) -> T:
        """What was found of it, or ``find()``."""
        began = self._clock()
        with self._lock:
            last = self._known.get(whose)
        if last is not None and began < last[0]:
            return last[1]
        found = find()
        if self._keeps_for and self._clock() - began >= self._quick_s:
            with self._lock:
                self._known = {each: kept for each, kept in self._known.items() if began < kept[0]}
                self._known[whose] = (began + self._keeps_for, found)
        return found
