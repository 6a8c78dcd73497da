"""Taking a trunk over: whoever had it before finds nothing to write to, and the pace goes on where it was."""

import threading
import time
from unittest.mock import Mock

import pytest

from carrier.client import NotAsked, Placed, Unknown
from dialer.keeper import Means, TrunkKeeper
from dialer.lease import SECONDS, Lease
from tests.campaigns.builders import running
from tests.dialer.builders import expire, held, states
from tests.service import wait_for
from tests.trunks import a_trunk, in_use


def test_what_was_being_asked_is_unknown_at_once_and_late_answers_are_refused(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 3)
    before = make()
    assert before.run() == 3
    expire(db)  # it hangs
    trunk = a_trunk(calls_per_second=0.2)
    keeper = TrunkKeeper(Means(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"), trunk)
    keeper.start()
    try:
        assert (keeper.lease.epoch, before.lease.epoch) == (2, 1)
        assert states(db, campaign_id) == ["unknown"] * 3
        switch.answer(Placed("CA1"), NotAsked(), Unknown())  # it wakes up
        before.store_answers()
        assert states(db, campaign_id) == ["unknown"] * 3
    finally:
        keeper.stop()


def test_the_first_call_comes_a_turn_after_whoever_had_the_trunk_before(db, vault, clock):
    """They may have released one a moment ago."""
    with db.begin() as tx:
        held(db).release(tx)
    trunk = a_trunk(calls_per_second=0.2)
    keeper = TrunkKeeper(Means(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"), trunk)
    began = time.monotonic()
    keeper.start()
    try:
        assert keeper.round.pace.take(time.monotonic()) >= began + 5
    finally:
        keeper.stop()


def test_a_trunk_that_was_given_back_is_not_taken_again(db, vault, clock):
    trunk = a_trunk()
    keeper = TrunkKeeper(Means(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"), trunk)
    keeper.start()
    keeper.stop()
    keeper.renew()
    assert keeper.lease.epoch is None


def test_whose_releaser_has_ended_leaves_the_trunk_to_others_at_once(db, vault, clock):
    trunk = a_trunk()
    keeper = TrunkKeeper(Means(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"), trunk)
    keeper.start()
    releaser, standby = keeper._releaser, Lease(trunk.name)

    def is_had_by_the_other() -> bool:
        with db.begin() as tx:
            return standby.tick(tx)

    releaser._loop.call_soon_threadsafe(releaser._letting_go.cancel)
    try:
        wait_for(is_had_by_the_other, SECONDS - 1, "the standby's turn, before a lease would have lapsed")
        assert keeper.lease.epoch is None
    finally:
        keeper.stop()


@pytest.mark.parametrize("which", ["_keeping", "_going_round", "_reconciling"])
def test_one_that_cannot_be_started_whole_does_not_dial_unseen(db, vault, clock, monkeypatch, which):
    """A host with no thread left: nobody knew of the half that ran, and another was built beside it each second."""
    trunk = a_trunk()
    keeper = TrunkKeeper(Means(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"), trunk)
    none_left = Mock(side_effect=RuntimeError("can't start new thread"))
    monkeypatch.setattr(getattr(keeper, which), "start", none_left)
    with pytest.raises(RuntimeError):
        keeper.start()
    assert not [each.name for each in threading.enumerate() if trunk.name in each.name]
    with db.begin() as tx:
        assert Lease(trunk.name).tick(tx), "another may have it at once"
