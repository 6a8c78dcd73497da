"""What it takes to claim an attempt and to store what came of it, beside lists of ever more people."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from sqlalchemy import text

from assembly import Parts
from carrier.client import Answer, Placed
from carrier.placing import Order
from core.clock import FixedClock
from core.trunks_file import TrunksInUse
from dialer.lease import Lease
from dialer.pace import Pace
from dialer.round import Round
from drill.bench import many
from drill.bench.figure import Figure, Goal, ratio, times
from drill.bench.place import Place
from drill.multiplied import HANDED_IN

A_SECOND = 100.0  # asked for; of which a round claims two tenths
_PACE = {"CALLS_PER_SECOND": str(A_SECOND), "MAX_LIVE_CALLS": "10000"}


class Claimer:
    """One list of so many people, of which some are claimed and stored at each turn."""

    def __init__(self, place: Place, people: int) -> None:
        self.people = people
        self._number = 0
        self.made: Parts = place.parts(place.database(f"people_{people}"), **_PACE)
        self._campaign = many.due(self.made, people)
        self._waiting: list[tuple[int, Callable[[Answer], None]]] = []
        trunks = self.made.trunks
        self._lease = Lease(trunks.now().first.name)
        self._round = self._of(trunks)

    def turn(self, attempts: int) -> float:
        """Milliseconds that each of so many attempts takes, on the average."""
        took, done = 0.0, 0
        while done < attempts:
            with self.made.db.begin() as tx:
                self._lease.tick(tx)
            self._round.pace = Pace(A_SECOND)
            began = time.perf_counter()
            released = self._round.run()
            took += time.perf_counter() - began
            if not released:
                raise SystemExit(f"{self.people}: no se tomó a nadie")
            for attempt_id, keep in self._waiting:
                self._number += 1
                keep(Placed(f"CA{attempt_id:032}"))
            self._waiting.clear()
            began = time.perf_counter()
            self._round.store_answers()
            took += time.perf_counter() - began
            done += released
        with self.made.db.begin() as tx:
            tx.execute(text(_OVER))
        return 1e3 * took / done

    def end(self) -> None:
        """As it was: of whoever was claimed nobody was called."""
        with self.made.db.begin() as tx:
            tx.execute(text(_AS_BEFORE))
            self._lease.release(tx)
        with self.made.db.at_once() as tx:
            tx.execute(text("vacuum analyze attempt"))
        self.made.db.close()

    def _of(self, trunks: TrunksInUse) -> Round:
        def release(order: Order, at: float, keep: Callable[[Answer], None]) -> None:
            self._waiting.append((order.attempt_id, keep))

        made, trunk = self.made, trunks.now().first
        clock, url = FixedClock(HANDED_IN), made.settings.public_url
        return Round(made.db, made.vault, clock, trunks, trunk, self._lease, Pace(A_SECOND), url, release)


_OVER = """
update attempt set state = 'ended', ended_at = started_at, outcome = 'no_contacto.no_contesta' where state = 'placed'
"""
_AS_BEFORE = """
update attempt set state = 'due', remote_sid = null, asked_at = null, started_at = null, ended_at = null, epoch = null,
  outcome = null, to_print = null, caller_id = null
where epoch is not null
"""


def measured(place: Place, sizes: Sequence[int], attempts: int = 1000, rounds: int = 5) -> list[Figure]:
    """``attempts``: claimed of each list in each round."""
    claimers = [Claimer(place, people) for people in sizes]
    try:
        for each in claimers:
            each.turn(min(200, attempts))  # the first ones prepare their statements
        spent = [[each.turn(attempts) for each in claimers] for _ in range(rounds)]
    finally:
        for each in claimers:
            each.end()
    first = [each[0] for each in spent]
    found = [_figure(sizes[0], sizes[0], 1.0, median(first))]
    for place_, people in enumerate(sizes[1:], start=1):
        theirs = [each[place_] for each in spent]
        found.append(_figure(people, sizes[0], ratio(theirs, first), median(theirs)))
    return found


def _figure(people: int, least: int, value: float, took: float) -> Figure:
    shown = f"{times(value)} ({took:.2f} ms por intento)"
    goal = None if people == least else Goal("≤ 1.3 veces", most=1.3)
    return Figure(f"con {people:,} personas", f"con {least:,}", value, shown, goal)
