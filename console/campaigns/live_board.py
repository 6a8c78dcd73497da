"""What a campaign looks like at this moment, looked at once for everybody who watches it from this process.

A page that watches holds one of the server's threads while it listens; only a few may (docs/decisions/0021).
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

from sqlalchemy import Row

from console.office import Office
from core.remembered import Remembered

SEATS = 2  # of the eight threads of a worker (core/processes/server.py)
SLOW = 5  # pictures of which the charts are drawn once


@dataclass(frozen=True)
class Picture:
    """One campaign (its row), drawn: ``parts`` are pieces of HTML by their name, in the page's order."""

    row: Row
    is_over: bool
    parts: Mapping[str, str]
    stamps: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stamps", {name: stamp_of(html) for name, html in self.parts.items()})


class LiveBoard:
    """``fresh_for``: seconds for which a picture is handed to whoever comes next; 0: it is drawn for each."""

    def __init__(self, fresh_for: float = 0.0, seats: int = SEATS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seats = threading.BoundedSemaphore(seats)
        self._pictures: Remembered[Picture] = Remembered(fresh_for, clock, quick_s=0.0)
        self._slow: Remembered[Mapping[str, str]] = Remembered(SLOW * fresh_for, clock, quick_s=0.0)

    def picture(self, campaign_id: int, draw: Callable[[], Picture], *, state: str | None = None) -> Picture:
        """Of a campaign, drawn with ``draw`` where the last one is no longer fresh. ``state``: what the campaign is
        known to be in; a picture of when it was in another is drawn again."""
        return self._pictures.of(campaign_id, draw, state=state)

    def slow_parts(self, campaign_id: int, state: str, draw: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
        """Pieces that change slowly and are dear to draw: drawn anew once in ``SLOW`` times a picture is fresh."""
        return self._slow.of(campaign_id, draw, state=state)

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """Whether one of the few places to listen from was free; it is kept until the block ends."""
        is_mine = self._seats.acquire(blocking=False)
        try:
            yield is_mine
        finally:
            if is_mine:
                self._seats.release()


def live_board_of(here: Office) -> LiveBoard:
    """What everybody who watches a campaign looks at."""
    return here.keep("live board", lambda: LiveBoard(here.freshness.draw_s))


def stamp_of(html: str) -> str:
    """8 hexadecimal digits: the same for as long as the piece is."""
    return blake2b(html.encode(), digest_size=4).hexdigest()
