"""What takes seconds beside a million people is counted beside whoever looks: they see what is known, and come back."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any, Generic, TypeVar

from core.logs import where
from core.remembered import Remembered

log = logging.getLogger(__name__)

_IDLE = 50  # what took long is kept for so many times as long
_WAITS_S = 0.3  # of whoever looks first: most campaigns are told of in less
_QUICK_S = 0.3
_COUNTS_AT_ONCE = 2  # a short list does not wait for a long one

Work = Callable[[], None]
#: What was counted longer ago says when.
IS_OLD = timedelta(seconds=2)
T = TypeVar("T")


class Beside(Generic[T]):
    """A memory (core/remembered.py) that nobody waits for: beside a million people a thread of the web server would be
    held for seconds, and there are few. What is old is told for as long as there is nothing newer.

    ``fresh_for``: seconds for which what was told is kept; 0: it is told to each who looks. ``keeps_quick``: also
    what took less than somebody waits for; otherwise that is told anew each time. ``beside`` does a piece of work while
    whoever looks goes on; ``at_once``: so many at a time. ``what``: could not be told, as the log says it."""

    def __init__(
        self,
        fresh_for: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        beside: Callable[[Work], None] | None = None,
        *,
        keeps_quick: bool = True,
        at_once: int = 1,
        what: str = "the end of a campaign could not be foretold",
    ) -> None:
        self.fresh_for = fresh_for
        self._clock, self._beside, self._keeps_quick = clock, beside or _in_a_thread, keeps_quick
        self._what, self._at_once = what, at_once
        quick_s = 0.0 if keeps_quick else _QUICK_S
        self._kept: Remembered[T | None] = Remembered(fresh_for, clock, quick_s=quick_s, idle=_IDLE)
        self._told_now: set[Hashable] = set()  # of which something is being told
        self._lock = threading.Lock()

    def of(self, whose: Hashable, state: Hashable, tell: Callable[[], T | None]) -> T | None:
        """What is known of it in this ``state``; where that is old, or nothing, ``tell`` is asked."""
        if not self.fresh_for:
            return tell()
        if not self.is_known(whose, state) and self._begins(whose):
            told = threading.Event()
            self._beside(lambda: self._ask(whose, state, tell, told))
            if not self._keeps_quick or self._kept.last(whose, state) is None:
                told.wait(_WAITS_S)
        last = self._kept.last(whose, state)
        return last.value if last and (self._keeps_quick or self._clock() < last.until + self.fresh_for) else None

    def known(self, whose: Hashable, state: Hashable) -> T | None:
        """What was told, where that is not old; nothing is asked."""
        last = self._kept.known(whose, state)
        return last.value if last else None

    def is_known(self, whose: Hashable, state: Hashable) -> bool:
        """Whether asking costs nothing."""
        return self._kept.known(whose, state) is not None

    def forget(self, whose: Hashable) -> None:
        """It is told anew to whoever looks next."""
        self._kept.forget(whose)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being told beside anybody."""
        return not self._told_now

    def _begins(self, whose: Hashable) -> bool:
        with self._lock:
            if whose in self._told_now or len(self._told_now) >= self._at_once:
                return False
            self._told_now.add(whose)
            return True

    def _ask(self, whose: Hashable, state: Hashable, tell: Callable[[], T | None], told: threading.Event) -> None:
        try:
            self._kept.of(whose, lambda: self._told(whose, state, tell), state=state)
        finally:
            with self._lock:
                self._told_now.discard(whose)
            told.set()

    def _told(self, whose: Hashable, state: Hashable, tell: Callable[[], T | None]) -> T | None:
        before = self._kept.last(whose, state)
        try:
            return tell()
        except Exception as error:  # whoever looks has the rest of the page; a minute later it is tried again
            log.error("%s: %s", self._what, where(error))
            return before.value if before else None


def counted_beside(fresh_for: float, what: str) -> Beside[Any]:
    """For what is counted of a long list: what was quick is counted anew each time."""
    return Beside(fresh_for, what=what, keeps_quick=False, at_once=_COUNTS_AT_ONCE)


def _in_a_thread(work: Work) -> None:
    threading.Thread(target=work, name="beside", daemon=True).start()
