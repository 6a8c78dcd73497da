"""Releasing: at its moment, only while the trunk is ours, never together what came late; every answer comes back."""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from carrier.client import Answer, NotAsked, Placed
from carrier.placing import Order, Placer
from core.clock import FixedClock
from core.metrics import RELEASED
from dialer.pace import AS_GOOD_AS_PUNCTUAL, Pace
from dialer.release import AT_ONCE, STALE, Releaser
from tests.dialer.builders import TRUNK
from tests.service import wait_for

ORDER = Order(1, "+50371000000", "+50322373333", "http://x/v", "http://x/s", None, 30)

CLOSES = datetime(2026, 11, 24, tzinfo=UTC)  # 18:00 in El Salvador
CLOCK = FixedClock(CLOSES - timedelta(seconds=1))


class Line(Placer):
    """A placer that writes down when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.is_open = False
        self.answers = threading.Event()  #: until it is set nothing is answered
        self.answers.set()
        self.holds_up = 0.0  #: seconds for which the first call keeps everything else from being done

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def place(self, order: Order) -> Placed:
        self.asked.append(time.monotonic())
        if len(self.asked) == 1 and self.holds_up:
            time.sleep(self.holds_up)  # noqa: ASYNC251  this is the fault
        while not self.answers.is_set():
            await asyncio.sleep(0.01)
        return Placed(f"CA{order.attempt_id}")


@pytest.fixture
def line() -> Line:
    return Line()


class Released:
    """Orders that were handed over, and what came of them."""

    def __init__(self, line: Line, cps: float, may_release=lambda: True, watch=time.monotonic, clock=CLOCK) -> None:
        self.pace = Pace(cps)
        self.answers: list[Answer] = []
        self.releaser = Releaser(TRUNK, line, may_release, self.pace, clock, watch)
        self.releaser.start()

    def hand_over(self, at: float, order: Order = ORDER) -> None:
        self.releaser.release(order, at, self.answers.append)

    def wait_for(self, answers: int) -> None:
        wait_for(lambda: len(self.answers) >= answers, 20, f"{answers} answers")


@pytest.fixture
def make(line) -> Iterator:
    made: list[Released] = []

    def make_one(cps: float = 1000, **more) -> Released:
        made.append(Released(line, cps, **more))
        return made[-1]

    yield make_one
    line.answers.set()
    for each in made:
        each.releaser.stop()
    assert not line.is_open


def test_each_order_at_its_moment_and_never_before(line, make):
    released = make()
    at = [time.monotonic() + wait for wait in (0.05, 0.1, 0.15)]
    for each in at:
        released.hand_over(each)
    released.wait_for(3)
    assert released.answers == [Placed("CA1")] * 3
    assert all(asked >= planned for asked, planned in zip(line.asked, at, strict=True))


def test_a_trunk_lost_by_then_is_not_used(line, make):
    released = make(may_release=lambda: False)
    for _ in range(2):
        released.hand_over(time.monotonic())
    released.wait_for(2)
    assert released.answers == [NotAsked()] * 2
    assert line.asked == []


def test_it_ends_after_the_answers_that_are_still_to_come(line):
    released = Released(line, 1000)
    released.hand_over(time.monotonic() + 0.1)
    released.releaser.stop()
    assert released.answers == [Placed("CA1")]


def test_what_was_held_up_is_not_let_go_together(line, make):
    """Twenty calls of a busy process, a hundred a second: all of them late, and still apart."""
    line.holds_up = 0.5
    released = make(cps=100)
    now = time.monotonic()
    for n in range(20):
        released.hand_over(now + n * 0.01)
    released.wait_for(20)
    assert line.asked[1] - line.asked[0] >= 0.5
    at_once = max(sum(first <= other < first + 0.005 for other in line.asked[1:]) for first in line.asked[1:])
    assert at_once <= 1 + AS_GOOD_AS_PUNCTUAL * 100
    assert line.asked[-1] - line.asked[1] >= 0.18 - AS_GOOD_AS_PUNCTUAL
    assert released.pace.take(now) >= line.asked[-1], "what is planned next comes after them"


def test_a_carrier_that_answers_nothing_is_not_asked_for_more_than_there_are_connections(line, make):
    line.answers.clear()
    released = make()
    for _ in range(AT_ONCE + 3):
        released.hand_over(released.pace.take(time.monotonic()))
    wait_for(lambda: len(line.asked) == AT_ONCE, 20, "as many as there are connections")
    wait_for(lambda: released.pace.slots(time.monotonic(), 0.25) == 0, 5, "the pace to be put off")
    assert len(line.asked) == AT_ONCE
    line.answers.set()
    released.wait_for(AT_ONCE + 3)
    assert released.answers.count(Placed("CA1")) >= AT_ONCE
    late = [each for each in released.answers if each != Placed("CA1")]
    assert late == [NotAsked()] * len(late), "who waited for a connection may be too late, on a busy machine"


def test_what_waited_too_long_is_asked_another_time(line, make):
    """Before whoever looks after the attempts takes it for one that nobody asks."""
    hand = [0.0]
    released = make(watch=lambda: hand[0])
    hand[0] = 100.0
    released.hand_over(100.0 - STALE - 0.1)
    released.hand_over(100.0)
    released.wait_for(2)
    assert released.answers == [NotAsked(), Placed("CA1")]


def test_whoever_waited_past_the_closing_hour_is_not_called(line, make):
    """All connections are taken by a slow carrier, and it closes before one is free."""
    clock = FixedClock(CLOSES - timedelta(seconds=1))
    line.answers.clear()
    released = make(clock=clock)
    until = replace(ORDER, until=CLOSES)
    for _ in range(AT_ONCE + 2):
        released.hand_over(time.monotonic(), until)
    wait_for(lambda: len(line.asked) == AT_ONCE, 20, "as many as there are connections")
    clock.advance(timedelta(seconds=1))
    line.answers.set()
    released.wait_for(AT_ONCE + 2)
    assert sorted(map(str, released.answers)) == sorted(map(str, [Placed("CA1")] * AT_ONCE + [NotAsked()] * 2))
    assert len(line.asked) == AT_ONCE


def test_what_is_really_asked_is_counted_and_no_more(line, make):
    before = counted()
    held, lost = make(), make(may_release=lambda: False)
    for each in (held, lost):
        each.hand_over(time.monotonic())
        each.wait_for(1)
    assert counted() == before + 1


def counted() -> float:
    return RELEASED.labels(TRUNK)._value.get()


def test_it_knows_when_its_task_has_ended(make):
    releaser = make().releaser
    assert releaser.is_at_work()
    releaser._loop.call_soon_threadsafe(releaser._letting_go.cancel)
    wait_for(lambda: not releaser.is_at_work(), 5, "its end")
