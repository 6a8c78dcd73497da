"""Taking a trunk over: whoever had it before finds nothing to write to."""

from carrier.client import NotAsked, Placed, Unknown
from dialer.keeper import House, TrunkKeeper
from tests.campaigns.builders import running
from tests.dialer.builders import expire, states
from tests.trunks import a_trunk, in_use


def test_what_was_being_asked_is_unknown_at_once_and_late_answers_are_refused(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 3)
    before = make()
    assert before.run() == 3
    expire(db)  # it hangs
    trunk = a_trunk(calls_per_second=0.2)
    keeper = TrunkKeeper(House(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"), trunk)
    keeper.start()
    try:
        assert (keeper.lease.epoch, before.lease.epoch) == (2, 1)
        assert states(db, campaign_id) == ["unknown"] * 3
        switch.answer(Placed("CA1"), NotAsked(), Unknown())  # it wakes up
        before.store_answers()
        assert states(db, campaign_id) == ["unknown"] * 3
    finally:
        keeper.stop()
