"""How long a trunk in trouble leaves its carrier alone, and what ends the trouble."""

import pytest

from carrier.client import Answer, NotAsked, Placed, Refused, Unknown
from dialer.lease import Lease
from dialer.resting import CampaignRests, Rest

DOWN = NotAsked(no_connection=True)
OURS, THEIRS = Refused(20003, is_ours=True), Refused(21211, is_ours=False)


class Watch:
    """Real time, as the test tells it."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def lease() -> Lease:
    return Lease("default")


@pytest.fixture
def rest(lease, watch) -> Rest:
    return Rest(lease, watch)


def seconds(rest: Rest, watch: Watch) -> int:
    """How long it rests from here on; then it is over."""
    began = watch.now
    while rest.is_on():
        watch.now += 1
    return int(watch.now - began)


def test_each_failure_doubles_the_rest_to_a_minute_and_no_further(rest, watch):
    rests = []
    for _ in range(9):
        rest.hear([DOWN])
        rests.append(seconds(rest, watch))
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("answer", "trouble"), [(DOWN, "carrier_down"), (OURS, "refused 20003")])
def test_what_ails_it_is_told_in_the_lease(rest, lease, answer, trouble):
    rest.hear([Unknown(), answer])
    assert (rest.is_on(), lease.trouble) == (True, trouble)


@pytest.mark.parametrize("answer", [NotAsked(), Unknown(), THEIRS, Placed("CA1")])
def test_what_is_no_trouble(rest, lease, answer):
    rest.hear([answer])
    assert (rest.is_on(), lease.trouble) == (False, None)


@pytest.mark.parametrize("answers", [[Placed("CA1")], [DOWN, Placed("CA1")], [THEIRS]])
def test_a_carrier_that_answers_again_ends_it_and_the_next_rest_is_a_short_one(rest, lease, watch, answers):
    for _ in range(4):
        rest.hear([DOWN])
    seconds(rest, watch)
    rest.hear(answers)
    assert lease.trouble is None
    rest.hear([DOWN])
    assert seconds(rest, watch) == 1


@pytest.mark.parametrize("answer", [NotAsked(), Unknown()])
def test_what_says_nothing_of_the_carrier_ends_nothing(rest, lease, answer: Answer):
    rest.hear([DOWN])
    rest.hear([answer])
    assert lease.trouble == "carrier_down"


class TestACampaign:
    """Whose number the carrier will not show: it rests alone."""

    SHOWN = Refused(21212, is_ours=True, is_campaigns=True)

    @pytest.fixture
    def rests(self, watch) -> CampaignRests:
        return CampaignRests(watch)

    def test_rests_longer_each_time_and_no_other_with_it(self, rests, watch):
        rested = []
        for _ in range(4):
            rests.hear([(7, self.SHOWN), (8, Placed("CA1"))])
            began = watch.now
            while rests.is_on(7):
                watch.now += 1
            rested.append(watch.now - began)
        assert rested == [1, 2, 4, 8]
        assert not rests.is_on(8)

    def test_tells_what_ails_it_once_and_when_it_is_over(self, rests):
        assert rests.hear([(7, self.SHOWN), (7, self.SHOWN)]) == {7: "refused 21212"}
        assert rests.hear([(7, self.SHOWN)]) == {}
        assert rests.hear([(7, Placed("CA1"))]) == {7: None}
        assert rests.hear([(7, Placed("CA2"))]) == {}

    def test_is_no_trouble_of_the_trunk(self, rest, lease):
        rest.hear([self.SHOWN])
        assert (rest.is_on(), lease.trouble) == (False, None)
