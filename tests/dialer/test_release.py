"""Releasing: at its moment, only while the trunk is ours, and every answer comes back."""

import threading
import time

from carrier.client import Answer, NotAsked, Order, Placed, Placer
from dialer.release import Releaser

ORDER = Order(1, "+50371000000", "+50322373333", "http://x/v", "http://x/s", None, 30)


class Line(Placer):
    """A placer that writes down when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.is_open = False

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def place(self, order: Order) -> Placed:
        self.asked.append(time.monotonic())
        return Placed(f"CA{order.attempt_id}")


def release(line: Line, at: list[float], may_release) -> list[Answer]:
    answers, done = list[Answer](), threading.Semaphore(0)

    def keep(answer) -> None:
        answers.append(answer)
        done.release()

    releaser = Releaser(line, may_release)
    releaser.start()
    for each in at:
        releaser.release(ORDER, each, keep)
    assert all(done.acquire(timeout=5) for _ in at)
    releaser.stop()
    assert not line.is_open
    return answers


def test_each_order_at_its_moment_and_never_before():
    line = Line()
    at = [time.monotonic() + wait for wait in (0.15, 0.05, 0.1)]
    assert release(line, at, lambda: True) == [Placed("CA1")] * 3
    assert all(asked >= planned for asked, planned in zip(line.asked, sorted(at), strict=True))


def test_a_trunk_lost_by_then_is_not_used():
    line = Line()
    assert release(line, [time.monotonic()] * 2, lambda: False) == [NotAsked()] * 2
    assert line.asked == []


def test_it_ends_after_the_answers_that_are_still_to_come():
    line, answers = Line(), list[Answer]()
    releaser = Releaser(line, lambda: True)
    releaser.start()
    releaser.release(ORDER, time.monotonic() + 0.1, answers.append)
    releaser.stop()
    assert answers == [Placed("CA1")]
