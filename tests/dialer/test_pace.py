"""The pace: on a clock of our own, no second holds more than its share, and none that is asked for is left unused."""

from itertools import pairwise
from math import ceil
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pace import AS_GOOD_AS_PUNCTUAL, Gate, Pace

HORIZON = 0.2
CLOSE = 1e-6  # seconds: what adding up fractions costs


def released(pace: Pace, ticks: list[float], most: int = 1000) -> list[float]:
    """The moments at which calls are released by a dialer that looks at these moments and always has work."""
    return [pace.take(now) for now in ticks for _ in range(min(most, pace.slots(now, HORIZON)))]


def every(step: float, seconds: float, start: float = 1000.0) -> list[float]:
    return [start + n * step for n in range(int(seconds / step))]


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(first <= other < first + 1 - CLOSE for other in moments) for first in moments)


@pytest.mark.parametrize("cps", [0.2, 0.5, 0.9, 1, 1.5, 2.5, 5, 20, 50, 99.9, 200])
def test_no_sliding_second_holds_more_than_its_share(cps):
    moments = released(Pace(cps), every(0.05, max(4, 4 / cps)))
    assert most_in_a_second(moments) <= ceil(cps)


@pytest.mark.parametrize("cps", [0.2, 0.5, 0.9])
def test_under_one_a_second_no_two_are_closer_than_its_inverse(cps):
    moments = released(Pace(cps), every(0.05, 30))
    assert len(moments) > 5
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 1 / cps - CLOSE


@pytest.mark.parametrize("cps", [0.2, 1, 2.5, 20, 50, 200])
def test_what_is_always_asked_for_is_used(cps):
    seconds = 20
    moments = released(Pace(cps), every(0.05, seconds))
    assert len(moments) >= 0.95 * cps * seconds


def test_idle_time_is_never_caught_up():
    pace = Pace(10)
    before = released(pace, [0.0])
    after = released(pace, [60.0])
    assert (len(before), len(after)) == (3, 3)
    assert after[0] == 60.0


def test_looking_takes_nothing():
    pace = Pace(10)
    assert [pace.slots(5.0, HORIZON) for _ in range(3)] == [3, 3, 3]


def test_a_look_that_comes_too_early_gets_none():
    pace = Pace(1)
    pace.take(10.0)
    assert pace.slots(10.5, HORIZON) == 0
    assert pace.slots(10.8, HORIZON) == 1


@settings(max_examples=100, deadline=None)
@given(
    cps=st.floats(0.2, 200),
    gaps=st.lists(st.one_of(st.floats(0.001, 0.3), st.floats(0.3, 5)), min_size=1, max_size=60),
    most=st.integers(1, 40),
)
def test_whenever_the_dialer_looks_the_pace_holds(cps, gaps, most):
    ticks = [sum(gaps[:n]) for n in range(len(gaps))]
    moments = released(Pace(cps), ticks, most)
    assert moments == sorted(moments)
    assert all(later - earlier >= 1 / cps - CLOSE for earlier, later in pairwise(moments))


class Planned(NamedTuple):
    at: float
    cps: float


#: What befalls a pace: seconds pass and so many calls are taken, or it is changed.
STEPS = st.lists(
    st.one_of(st.tuples(st.floats(0, 2), st.integers(0, 60)), st.sampled_from([0.2, 0.5, 1.0, 2.5, 7.5, 20.0, 200.0])),
    max_size=40,
)


def planned_in(steps: list, cps: float) -> list[Planned]:
    """The calls that a dialer plans which looks, takes and is told another pace at these moments."""
    pace, now, planned = Pace(cps), 1000.0, []
    for step in steps:
        if isinstance(step, tuple):
            seconds, most = step
            now += seconds
            planned += [
                Planned(pace.take(now), pace.calls_per_second) for _ in range(min(most, pace.slots(now, HORIZON)))
            ]
        else:
            pace.change(step)
    return planned


@settings(max_examples=200, deadline=None)
@given(cps=st.sampled_from([0.2, 1.0, 2.5, 60.0, 200.0]), steps=STEPS)
def test_whatever_befalls_it_no_second_holds_more_than_the_fastest_pace_in_it(cps, steps):
    planned = planned_in(steps, cps)
    for n, first in enumerate(planned):
        second = [each for each in planned[n:] if each.at < first.at + 1 - CLOSE]
        assert len(second) <= ceil(max(each.cps for each in second))
    for earlier, later in pairwise(planned):
        assert later.at - earlier.at >= 1 / later.cps - CLOSE


@settings(max_examples=300, deadline=None)
@given(
    cps=st.sampled_from([0.2, 1.0, 2.5, 60.0, 200.0]),
    steps=STEPS,
    late=st.lists(st.one_of(st.just(0.0), st.floats(0, 0.01), st.floats(0, 3)), min_size=1, max_size=20),
)
def test_however_late_calls_are_let_go_no_second_holds_more_than_the_pace_at_its_end(cps, steps, late):
    """Exactly: by the moments at which they go, and by the new pace as soon as one of that pace goes."""
    gate, now, gone = Gate(), 0.0, []
    for n, (at, pace) in enumerate(planned_in(steps, cps)):
        now = max(now, gate.opens(at, pace)) + late[n % len(late)]
        gate.passed(at, pace, now)
        gone.append(Planned(now, pace))
    for n, last in enumerate(gone):
        assert sum(last.at - each.at < 1.0 for each in gone[: n + 1]) <= ceil(last.cps)
    for earlier, later in pairwise(gone):
        assert later.at - earlier.at >= 1 / later.cps or later.cps > 1


def test_a_gate_holds_up_nobody_who_is_punctual():
    pace, gate = Pace(200), Gate()
    for _ in range(1000):
        at = pace.take(0.0)
        assert gate.opens(at, 200) - at <= 1e-4
        gate.passed(at, 200, at)


def test_what_comes_late_moves_what_follows_but_for_a_moments_delay():
    gate = Gate()
    assert gate.passed(10.0, 10, 10.0 + AS_GOOD_AS_PUNCTUAL / 2) == pytest.approx(10.1)
    assert gate.passed(10.1, 10, 10.5) == pytest.approx(10.6 - AS_GOOD_AS_PUNCTUAL)
    assert gate.opens(10.2, 10) == pytest.approx(10.6 - AS_GOOD_AS_PUNCTUAL)


def test_nothing_is_planned_before_what_is_late():
    pace = Pace(10)
    pace.take(10.0)
    pace.put_off(12.0)
    pace.put_off(11.0)
    assert pace.slots(11.0, HORIZON) == 0
    assert pace.take(11.0) == 12.0
