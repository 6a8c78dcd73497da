"""When each campaign will end, as it was last foretold: kept for a while for everybody who looks from this process.

Of a million people that takes seconds, so it is told beside whoever looks: they see what is known, and come back.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

log = logging.getLogger(__name__)

_IDLE = 50  # what took long is kept for so many times as long
_WAITS_S = 0.3  # of whoever looks first: most campaigns are told of in less

Work = Callable[[], None]


@dataclass(frozen=True)
class End:
    """``at``: the last call, None where there is none to foretell; ``unreached``: people whom no call will have been
    placed to when the period ends; ``calls``: of the past from which the rates come, 0: they are stated defaults."""

    at: datetime | None
    unreached: int = 0
    calls: int = 0


@dataclass(frozen=True)
class _Told:
    end: End | None
    state: str
    until: float


class Ends:
    """``fresh_for``: seconds for which what was foretold is kept; 0: it is foretold for each who looks. ``beside`` does
    a piece of work while whoever looks goes on; one at a time."""

    def __init__(
        self,
        fresh_for: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        beside: Callable[[Work], None] | None = None,
    ) -> None:
        self.fresh_for = fresh_for
        self._clock, self._beside = clock, beside or _in_a_thread
        self._known: dict[int, _Told] = {}
        self._lock = threading.Lock()
        self._telling = threading.Lock()

    def of(self, campaign_id: int, state: str, tell: Callable[[], End | None]) -> End | None:
        """What is known of a campaign in this ``state``; where that is old, or nothing, ``tell`` is asked."""
        if not self.fresh_for:
            return tell()
        if not self.is_known(campaign_id, state) and self._telling.acquire(blocking=False):
            told = threading.Event()
            self._beside(lambda: self._ask(campaign_id, state, tell, told))
            if self._last(campaign_id, state) is None:
                told.wait(_WAITS_S)
        last = self._last(campaign_id, state)
        return last.end if last else None

    def is_known(self, campaign_id: int, state: str) -> bool:
        """Whether asking costs nothing."""
        last = self._last(campaign_id, state)
        return last is not None and self._clock() < last.until

    def _last(self, campaign_id: int, state: str) -> _Told | None:
        with self._lock:
            last = self._known.get(campaign_id)
        return last if last is not None and last.state == state else None

    def _ask(self, campaign_id: int, state: str, tell: Callable[[], End | None], told: threading.Event) -> None:
        try:
            if not self.is_known(campaign_id, state):  # another may have been quicker
                self._keep(campaign_id, state, tell)
        finally:
            self._telling.release()
            told.set()

    def _keep(self, campaign_id: int, state: str, tell: Callable[[], End | None]) -> None:
        before, began = self._last(campaign_id, state), self._clock()
        try:
            end = tell()
        except Exception:  # whoever looks has the rest of the page; a minute later it is tried again
            log.exception("the end of a campaign could not be foretold")
            end = before.end if before else None
        until = began + max(self.fresh_for, _IDLE * (self._clock() - began))
        with self._lock:
            self._known = {each: last for each, last in self._known.items() if last.until + self.fresh_for > began}
            self._known[campaign_id] = _Told(end, state, until)


def _in_a_thread(work: Work) -> None:
    threading.Thread(target=work, name="ends", daemon=True).start()
