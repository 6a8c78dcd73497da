"""When the next call may be released: evenly spaced, so that no second ever holds more than its share."""

import threading
from collections import deque
from math import ceil

A_HAIR = 1e-6  # seconds: what adding up fractions costs, so that the hundredth is not early
AS_GOOD_AS_PUNCTUAL = 0.02  # seconds: what an event loop may be late without the plan being moved
_MOST_LOOKED_BACK = 1000  # calls: the highest pace that a trunk may have, for a second


class Pace:
    """Plans release times on a monotonic clock, 1/cps apart. It never catches up what idle time left unused."""

    def __init__(self, calls_per_second: float) -> None:
        self.calls_per_second = calls_per_second
        self.interval = 1.0 / calls_per_second
        self._next = 0.0
        self._lock = threading.Lock()  # planned by one thread, put off by the one that releases

    def change(self, calls_per_second: float) -> None:
        """Another pace, from the next call on: so far after the last one as the new pace says."""
        with self._lock:
            last = self._next - self.interval
            self.calls_per_second, self.interval = calls_per_second, 1.0 / calls_per_second
            self._next = max(last + self.interval, 0.0)

    def slots(self, now: float, horizon: float) -> int:
        """How many releases fall before ``now + horizon`` seconds, without taking them."""
        start = max(self._next, now)
        return max(0, int((now + horizon - start) / self.interval) + 1) if start <= now + horizon else 0

    def take(self, now: float) -> float:
        """The next release time, at or after ``now``; it is then taken."""
        with self._lock:
            release = max(self._next, now)
            self._next = release + self.interval
            return release

    def put_off(self, until: float) -> None:
        """Nothing more is planned before: what was planned already takes until then."""
        with self._lock:
            self._next = max(self._next, until)


class Gate:
    """Keeps the pace of what is released in truth, call by call, in the order in which it was planned.

    A plan alone does not: a busy process, or a carrier that was slow, holds calls back and then lets them go together.
    """

    def __init__(self) -> None:
        self.released: deque[float] = deque(maxlen=_MOST_LOOKED_BACK)  #: the last moments, the newest at the end
        self._due: float | None = None  # when the last one ought to have gone

    def opens(self, at: float, calls_per_second: float) -> float:
        """From when on a call may go that was planned for ``at``, at this pace: a second after the one that is a
        second's share before it, and spaced anew where the plan could not be kept."""
        share = ceil(calls_per_second)
        earliest = self._meant(at, calls_per_second)
        if len(self.released) >= share:
            earliest = max(earliest, self.released[-share] + max(1.0, 1.0 / calls_per_second) + A_HAIR)
        return earliest

    def passed(self, at: float, calls_per_second: float, now: float) -> float:
        """It goes ``now``; returns when the next one of this pace ought to."""
        self._due = max(self._meant(at, calls_per_second), now - AS_GOOD_AS_PUNCTUAL)
        self.released.append(now)
        return self._due + 1.0 / calls_per_second

    def _meant(self, at: float, calls_per_second: float) -> float:
        return at if self._due is None else max(at, self._due + 1.0 / calls_per_second)
