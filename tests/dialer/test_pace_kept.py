"""The pace over the wire: by the moments of release exact, and at the carrier all but."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import pytest

from dialer.keeper import Means
from dialer.process import Dialer
from tests.campaigns.builders import running
from tests.dialer.timed import Timed, a_timed_carrier, most_in_a_second
from tests.service import wait_for
from tests.trunks import a_trunk, in_use

#: A minute of each, and the limits to the letter: for a machine otherwise idle (``make bench-pace``).
IS_EXACT = bool(os.environ.get("EXACT"))
SECONDS = 60 if IS_EXACT else 5
LEAST = 0.95 if IS_EXACT else 0.2  # of the pace
MORE = 0.05 if IS_EXACT else 0.5  # at the carrier
NAME = "default"


@dataclass
class Kept:
    """What was seen while a dialer had work all the time."""

    released: list[float]
    asked: list[float]

    @property
    def a_second(self) -> float:
        """Calls a second, between the first and the last."""
        return (len(self.released) - 1) / (self.released[-1] - self.released[0])

    def told(self, cps: float) -> str:
        return (
            f"{cps:g} a second: {self.a_second / cps:.1%} of it for {self.released[-1] - self.released[0]:.0f} s; "
            f"the fullest second holds {most_in_a_second(self.released)}, at the carrier {most_in_a_second(self.asked)}"
        )


class Watched:
    """A dialer that dials, and the moments at which it released."""

    def __init__(self, dialer: Dialer) -> None:
        self.dialer = dialer
        self.released: set[float] = set()

    def look(self) -> None:
        """Often enough: the gate remembers a thousand."""
        self.released.update(self.dialer.released(NAME))

    def during(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(0.2)
            self.look()


@contextmanager
def dialling(db, vault, clock, trunks) -> Iterator[Watched]:
    dialer = Dialer(Means(db, vault, clock, trunks, "http://127.0.0.1:1"))
    thread = threading.Thread(target=dialer.run, daemon=True)
    thread.start()
    try:
        yield Watched(dialer)
    finally:
        dialer.stop()
        thread.join(30)
        assert not thread.is_alive()


def kept_by(db, vault, clock, carrier: Timed, cps: float, seconds: float) -> Kept:
    running(db, vault, clock, ceil(cps * (seconds + 3)) + 5)
    trunk = a_trunk(api_url=carrier.address, calls_per_second=cps, max_live_calls=100_000)
    with dialling(db, vault, clock, in_use(trunk)) as watched:
        wait_for(lambda: carrier.asked, 20, "the first call")
        watched.during(seconds)
    return Kept(sorted(watched.released), carrier.asked)


@pytest.mark.slow(25, timed=True)
@pytest.mark.timeout(180)
@pytest.mark.parametrize("cps", [0.2, 1, 7.5, 60, 200])
def test_no_second_holds_more_and_what_is_due_is_dialled(db, vault, clock, cps):
    seconds = max(SECONDS, 6.0 if cps < 1 else 0.0)
    with a_timed_carrier(answers_after=0.1) as carrier:
        kept = kept_by(db, vault, clock, carrier, cps, seconds)
    sys.stdout.write(f"\n{kept.told(cps)}\n")
    assert most_in_a_second(kept.released) <= ceil(cps)
    if cps < 1:
        assert min(later - earlier for earlier, later in pairwise(kept.released)) >= 1 / cps
    assert most_in_a_second(kept.asked) <= ceil(cps) + max(1, ceil(cps) * MORE)
    assert kept.a_second >= LEAST * cps
