"""Which number a citizen's telephone shows."""

import os
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.caller_ids import caller_id_for

POOL = [f"+5032237333{n}" for n in range(4)]
pools = st.lists(st.sampled_from(POOL), min_size=1, unique=True)


@given(pools, st.binary(min_size=1, max_size=32))
def test_one_of_the_lines_and_always_the_same_in_whatever_order(pool, person):
    found = caller_id_for(pool, person)
    assert found in pool
    assert caller_id_for(list(reversed(pool)), person) == found


@given(pools, st.sampled_from(POOL), st.binary(min_size=1, max_size=32))
def test_a_number_that_leaves_moves_only_those_who_had_it(pool, gone, person):
    left = [number for number in pool if number != gone]
    if left and caller_id_for(pool, person) != gone:
        assert caller_id_for(left, person) == caller_id_for(pool, person)


def test_spread_over_the_pool():
    counted = Counter(caller_id_for(POOL, os.urandom(32)) for _ in range(4000))
    assert all(850 < counted[number] < 1150 for number in POOL)
