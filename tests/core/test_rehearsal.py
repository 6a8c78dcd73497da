"""The rehearsal clock: it starts where it is told, runs, jumps forward only, and is one clock for everybody."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.rehearsal import RehearsalClock
from core.tables import clock_offset

START = datetime.fromisoformat("2026-11-23T10:00:00-06:00")
SOON = timedelta(seconds=30)


def is_about(moment: datetime, expected: datetime) -> bool:
    return timedelta(0) <= moment - expected < SOON


@pytest.mark.parametrize("start", [START, START + timedelta(days=4000), datetime(2020, 1, 6, 9, tzinfo=UTC)])
def test_it_starts_where_it_is_told_and_runs(db, start):
    clock = RehearsalClock(db, start)
    first = clock.now()
    assert is_about(first, start)
    assert first.tzinfo is UTC
    assert clock.now() > first


def test_it_jumps_forward_only(db):
    clock = RehearsalClock(db, START)
    clock.now()
    clock.jump_to(START + timedelta(days=2))
    assert is_about(clock.now(), START + timedelta(days=2))
    clock.jump_to(START)
    assert is_about(clock.now(), START + timedelta(days=2))


def test_every_clock_is_the_same_one(db):
    ours, theirs = RehearsalClock(db, START), RehearsalClock(db, START + timedelta(days=300))
    ours.now()
    assert is_about(theirs.now(), START)  # the first to ask said where it starts
    theirs.jump_to(START + timedelta(hours=3))
    assert is_about(RehearsalClock(db, START).now(), START + timedelta(hours=3))
    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(clock_offset)).scalar_one() == 1


PROGRAM = """
import os
from datetime import datetime
from core.database import Database
from core.rehearsal import RehearsalClock
db = Database(os.environ["URL"])
print(RehearsalClock(db, datetime.fromisoformat("2026-11-23T10:00:00-06:00")).now().isoformat())
db.close()
"""


def test_a_restart_does_not_take_it_back(db):
    RehearsalClock(db, START).now()
    RehearsalClock(db, START).jump_to(START + timedelta(days=9))
    env = {**os.environ, "URL": db.url}
    told = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True).stdout
    assert is_about(datetime.fromisoformat(told.strip()), START + timedelta(days=9))


def test_a_fast_clock_is_one_clock_too_and_jumps_as_the_other_does(db):
    fast, theirs = RehearsalClock(db, START, 1000), RehearsalClock(db, START, 1000)
    first = fast.now()
    time.sleep(0.05)
    later = fast.now()
    assert (later - first).total_seconds() >= 50
    assert abs(theirs.now() - fast.now()) < timedelta(minutes=30)  # 1.8 real seconds
    fast.jump_to(START + timedelta(days=2))
    assert timedelta(0) <= fast.now() - (START + timedelta(days=2)) < timedelta(minutes=30)


def test_it_begins_again_when_everybody_is_ready(db):
    clock = RehearsalClock(db, START, 10)
    clock.jump_to(clock.now() + timedelta(days=1))
    clock.begin()
    assert is_about(clock.now(), START)
