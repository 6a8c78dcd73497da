"""When the next call may be released: evenly spaced, so that no second ever holds more than its share."""


class Pace:
    """Hands out release times on a monotonic clock, 1/cps apart. It never catches up what idle time left unused."""

    def __init__(self, calls_per_second: float) -> None:
        self.interval = 1.0 / calls_per_second
        self._next = 0.0

    def change(self, calls_per_second: float) -> None:
        """Another pace, from the next call on: so far after the last one as the new pace says."""
        last = self._next - self.interval
        self.interval = 1.0 / calls_per_second
        self._next = max(last + self.interval, 0.0)

    def slots(self, now: float, horizon: float) -> int:
        """How many releases fall before ``now + horizon`` seconds, without taking them."""
        start = max(self._next, now)
        return max(0, int((now + horizon - start) / self.interval) + 1) if start <= now + horizon else 0

    def take(self, now: float) -> float:
        """The next release time, at or after ``now``; it is then taken."""
        release = max(self._next, now)
        self._next = release + self.interval
        return release
