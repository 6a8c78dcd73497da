"""The minutes that somebody in a queue is told: of the last two hours, of those who attend, or nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.database import Database
from desk import presence, rooms, standing
from desk.lines import Queue
from desk.states import Presence, RoomKind, RoomState
from desk.tables import room
from tests.desk.builders import line

LINE = line()
QUEUE = Queue("general", "General", frozenset({"PIN"}), wrap_up_seconds=60)


@pytest.mark.parametrize(
    ("calls", "talked", "ended_ago", "people", "position", "minutes"),
    [
        (4, 240, 10, 1, 1, None),  # too few to know
        (5, 240, 10, 1, 1, 5),
        (5, 240, 10, 1, 3, 15),
        (5, 240, 10, 3, 3, 5),
        (5, 240, 10, 0, 1, None),  # nobody attends
        (5, 240, 121, 1, 1, None),  # too long ago
        (5, 5, 10, 5, 1, 1),  # never less than one
        (5, 3600, 10, 1, 1, None),  # more than an hour: nobody believes it
    ],
)
def test_estimate(
    db: Database,
    clock: FixedClock,
    calls: int,
    talked: int,
    ended_ago: int,
    people: int,
    position: int,
    minutes: int | None,
) -> None:
    now = clock.now()
    ended = now - timedelta(minutes=ended_ago)
    with db.begin() as tx:
        for _ in range(calls):
            began = ended - timedelta(seconds=talked)
            moments = {"place_since": began, "entered_at": began, "queued_at": began, "answered_at": began}
            known = {"line": "dgs", "queue": QUEUE.name, "kind": RoomKind.INBOUND, "state": RoomState.ENDED}
            rooms.add(tx, room, **known, **moments, ended_at=ended)
        for account in range(people + 1):
            presence.sign_on(tx, now, account, f"{account}@example.org", "Ana", is_supervisor=False)
            presence.set_skills(tx, account, ["PIN"] if account else [])  # the first cannot take these calls
            presence.choose(tx, now, account, Presence.DISPONIBLE)

        assert standing.estimate(tx, now, replace(LINE, id="dgs"), QUEUE, position) == minutes
        assert standing.estimate(tx, now, LINE, QUEUE, position) is None  # of another institution
