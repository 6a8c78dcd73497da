"""The account's pace: calls over it wait in a queue, as at Twilio, each for its turn (twilio.md §3.2)."""

import time

MAX_WAIT_SECONDS = 86_400  # a longer backlog is refused: 22005


class Pace:
    """Real seconds: the pace is the network's, not the rehearsal's."""

    def __init__(self, calls_per_second: float | None) -> None:
        self._gap = 1 / calls_per_second if calls_per_second else 0.0
        self._next = 0.0

    def wait_seconds(self) -> float:
        """How long a call made now would wait. Takes no turn."""
        return max(0.0, self._next - time.monotonic()) if self._gap else 0.0

    def take_turn(self) -> float:
        """Takes the next turn; the real seconds until it comes."""
        wait = self.wait_seconds()
        if self._gap:
            self._next = time.monotonic() + wait + self._gap
        return wait
