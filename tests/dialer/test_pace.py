"""The pace: on a clock of our own, no second holds more than its share, and none that is asked for is left unused."""

from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pace import Pace

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
