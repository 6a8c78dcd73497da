"""Whose turn on a trunk it is, as tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.shares import CATCHES_UP, Shares


@pytest.mark.parametrize(
    ("shares", "calls", "turns"),
    [
        ({1: 1}, 3, {1: 3}),
        ({1: 1, 2: 1}, 4, {1: 2, 2: 2}),
        ({1: 1, 2: 1}, 1, {1: 1, 2: 0}),
        ({1: 1, 2: 3}, 8, {1: 2, 2: 6}),
        ({1: 5, 2: 5, 3: 10}, 4, {1: 1, 2: 1, 3: 2}),
        ({}, 3, {}),
        ({1: 1}, 0, {1: 0}),
    ],
)
def test_the_next_calls_are_shared_out(shares, calls, turns):
    assert Shares().allot(shares, calls) == turns


def test_one_call_at_a_time_it_is_everybodys_turn():
    """A pace of one call a second leaves one call a round: nobody waits for a round of several."""
    shares, turns, given = {1: 1, 2: 1, 3: 2}, Shares(), {1: 0, 2: 0, 3: 0}
    for _ in range(400):
        (chosen,) = [each for each, calls in turns.allot(shares, 1).items() if calls]
        turns.took(chosen, shares[chosen], 1)
        given[chosen] += 1
    assert given == {1: 100, 2: 100, 3: 200}


def test_who_had_nothing_due_for_an_hour_does_not_get_the_next_hour_alone():
    turns = Shares()
    turns.took(1, 1, 1)
    turns.took(2, 1, 1)
    turns.took(1, 1, 3600)
    assert turns.allot({1: 1, 2: 1}, 100) == {1: 45, 2: 55}
    assert CATCHES_UP == 10


def test_a_newcomer_begins_level():
    turns = Shares()
    turns.took(1, 1, 500)
    assert turns.allot({1: 1, 2: 1}, 10) == {1: 5, 2: 5}


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(1, 20), st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 500))
def test_in_proportion_within_one_call(shares, rounds):
    turns, had = Shares(), dict.fromkeys(shares, 0)
    for _ in range(rounds):
        for each, calls in turns.allot(shares, 1).items():
            if calls:
                turns.took(each, shares[each], calls)
                had[each] += calls
    assert sum(had.values()) == rounds
    per_share = [had[each] / shares[each] for each in shares]
    assert max(per_share) - min(per_share) <= 1 + 1e-9
