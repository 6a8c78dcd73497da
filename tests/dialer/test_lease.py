"""One owner a trunk: on the database's own clock, and whoever was left behind changes nothing."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from campaigns.tables import attempt
from campaigns.tables import lease as lease_table
from core.database import Database
from dialer import queries
from dialer.lease import MOST_APART, SECONDS, Lease
from dialer.queries import Taken
from tests.campaigns.builders import NUMBER, attempts_of, running, set_attempt
from tests.dialer.builders import TRUNK, epoch_of, expire, held
from tests.dialer.remote import ACCOUNT


def tick(db, lease: Lease) -> bool:
    with db.begin() as tx:
        return lease.tick(tx)


def test_the_first_takes_it_and_the_second_stands_by(db):
    first, second = Lease(TRUNK), Lease(TRUNK)
    assert tick(db, first)
    assert not tick(db, second)
    assert (first.holds(), second.holds()) == (True, False)
    assert (first.epoch, second.epoch) == (1, None)


@pytest.mark.parametrize("ahead", [MOST_APART + 5, -MOST_APART - 5])
def test_a_host_whose_clock_is_wrong_stands_by_for_one_whose_clock_is_right(db, ahead):
    """By the host's clock it is decided whether an hour is legal."""
    steps = [0.0]
    first, second = Lease(TRUNK, lambda: time.time() + steps[-1]), Lease(TRUNK)
    assert tick(db, first)
    steps.append(ahead)
    assert not tick(db, first)
    assert not first.holds()
    assert tick(db, second), "at once: it was given back"
    steps.append(MOST_APART / 2)
    assert not tick(db, first)
    with db.begin() as tx:
        second.release(tx)
    assert tick(db, first), "a clock that is nearly right will do"


def test_a_renewal_keeps_the_epoch(db):
    lease = held(db)
    assert [tick(db, lease) for _ in range(3)] == [True] * 3
    assert lease.epoch == 1


def test_it_lasts_its_seconds_by_the_databases_clock(db):
    held(db)
    with db.begin() as tx:
        left = tx.execute(text("select expires_at - clock_timestamp() from lease")).scalar_one()
    assert timedelta(seconds=SECONDS - 1) < left <= timedelta(seconds=SECONDS)


def test_what_expired_is_taken_over_with_a_higher_epoch(db):
    first, second = held(db), Lease(TRUNK)
    expire(db)
    assert tick(db, second)
    assert second.epoch == 2
    assert not tick(db, first)  # back from its sleep
    assert (first.epoch, first.holds(), second.holds()) == (None, False, True)


def test_an_owner_that_slept_too_long_begins_a_new_epoch(db):
    lease = held(db)
    expire(db)
    assert tick(db, lease)
    assert lease.epoch == 2


def test_a_lease_given_back_is_free_at_once(db):
    first, second = held(db), Lease(TRUNK)
    with db.begin() as tx:
        first.release(tx)
    assert not first.holds()
    assert tick(db, second)
    with db.begin() as tx:
        first.release(tx)  # a second time, by then another's: nothing happens
    assert tick(db, second)
    assert second.epoch == 2


def test_trunks_are_held_apart(db):
    assert held(db, "norte").holds()
    assert held(db, "sur").holds()


def test_of_many_at_once_one_has_it(db):
    leases = [Lease(TRUNK) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda each: tick(db, each), leases))
    assert sum(got) == 1
    with db.begin() as tx:
        assert tx.execute(select(lease_table.c.epoch)).scalar_one() == 1


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    return running(db, vault, clock, 3)


def claim(db, vault, clock, campaign_id, epoch, limit=10):
    with db.begin() as tx:
        return claimed_in(tx, vault, clock, campaign_id, limit, epoch)


def claimed_in(tx, vault, clock, campaign_id, limit, epoch):
    """Looked at and written down as being asked, as a round does with whoever may be called."""
    found = queries.due(tx, vault, clock.now(), campaign_id, limit, TRUNK, epoch)
    taken = [Taken(each, vault.fingerprint("phone", each.to), NUMBER) for each in found]
    queries.take(tx, clock.now(), TRUNK, ACCOUNT, epoch, taken)
    return found


def test_the_holder_claims_what_is_due(db, vault, clock, campaign_id):
    epoch = epoch_of(held(db))
    claimed = claim(db, vault, clock, campaign_id, epoch, limit=2)
    assert [each.to for each in claimed] == ["+50371000000", "+50371000001"]
    assert [row.state for row in attempts_of(db, campaign_id)] == ["asking", "asking", "due"]
    first = attempts_of(db, campaign_id)[0]
    assert (first.started_at, first.carrier_account) == (clock.now(), ACCOUNT)
    assert len(claim(db, vault, clock, campaign_id, epoch)) == 1
    assert claim(db, vault, clock, campaign_id, epoch) == []


def test_what_is_not_due_is_not_claimed(db, vault, clock, campaign_id):
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=clock.now() + timedelta(seconds=1))
    assert len(claim(db, vault, clock, campaign_id, epoch_of(held(db)))) == 2


@pytest.mark.parametrize("how", ["taken over", "expired", "never had"])
def test_a_stale_epoch_claims_nothing_and_changes_nothing(db, vault, clock, campaign_id, how):
    epoch = epoch_of(held(db))
    if how != "never had":
        expire(db)
    if how == "taken over":
        held(db)
    before = attempts_of(db, campaign_id)
    assert claim(db, vault, clock, campaign_id, -1 if how == "never had" else epoch) == []
    assert attempts_of(db, campaign_id) == before


def test_a_stale_epoch_stores_nothing(db, vault, clock, campaign_id):
    old = epoch_of(held(db))
    ids = [each.id for each in claim(db, vault, clock, campaign_id, old)]
    expire(db)
    new = epoch_of(held(db))
    with db.begin() as tx:
        assert queries.orphans_become_unknown(tx, TRUNK, new) == 3
    before = attempts_of(db, campaign_id)
    for epoch in (old, new):
        with db.begin() as tx:
            queries.store_placed(tx, epoch, [(ids[0], "CA1")])
            queries.store_not_asked(tx, clock.now(), epoch, [ids[1]], clock.now())
            queries.store_unknown(tx, epoch, [ids[2]])
            assert not queries.is_being_asked(tx, epoch, ids[0])
    assert attempts_of(db, campaign_id) == before
    assert {row.state for row in before} == {"unknown"}


def test_the_holder_stores_what_came_of_asking(db, vault, clock, campaign_id):
    epoch = epoch_of(held(db))
    placed, not_asked, unknown = (each.id for each in claim(db, vault, clock, campaign_id, epoch))
    later = clock.now() + timedelta(seconds=2)
    with db.begin() as tx:
        queries.store_placed(tx, epoch, [(placed, "CA1")])
        queries.store_not_asked(tx, clock.now(), epoch, [not_asked], later)
        queries.store_unknown(tx, epoch, [unknown])
    first, second, third = attempts_of(db, campaign_id)
    assert (first.state, first.remote_sid) == ("placed", "CA1")
    assert (second.state, second.due_at, second.asked_at, second.started_at) == ("due", later, None, None)
    assert third.state == "unknown"


def test_a_webhook_that_was_faster_is_not_undone(db, vault, clock, campaign_id):
    epoch = epoch_of(held(db))
    claimed, *_ = claim(db, vault, clock, campaign_id, epoch, limit=1)
    set_attempt(db, claimed.id, state="ended", remote_sid="CA1", outcome="no_contacto.ocupado")
    with db.begin() as tx:
        queries.store_placed(tx, epoch, [(claimed.id, "CA1")])
        queries.store_unknown(tx, epoch, [claimed.id])
    assert attempts_of(db, campaign_id)[0].state == "ended"


def test_only_an_earlier_holders_attempts_are_orphans(db, vault, clock, campaign_id):
    epoch = epoch_of(held(db))
    claim(db, vault, clock, campaign_id, epoch, limit=1)
    with db.begin() as tx:
        assert queries.orphans_become_unknown(tx, TRUNK, epoch) == 0
        assert queries.orphans_become_unknown(tx, "sur", epoch + 1) == 0


def test_two_claims_at_once_never_share_an_attempt(db, vault, clock):
    campaign_id = running(db, vault, clock, 60)
    epoch = epoch_of(held(db))
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: claim(db, vault, clock, campaign_id, epoch, 20), range(4)))
    ids = [each.id for batch in batches for each in batch]
    assert len(ids) == len(set(ids)) == 60
    with db.begin() as tx:
        assert set(tx.execute(select(attempt.c.state)).scalars()) == {"asking"}


def test_whoever_takes_over_sees_what_a_claim_in_course_leaves(db, vault, clock, campaign_id):
    """The claim began while the lease was good: the takeover waits for it, and then finds its orphans."""
    epoch = epoch_of(held(db))
    with ThreadPoolExecutor(1) as pool:
        with db.begin() as tx:
            assert len(claimed_in(tx, vault, clock, campaign_id, 3, epoch)) == 3
            taking = pool.submit(expire_and_take, db)
            with pytest.raises(TimeoutError):
                taking.result(0.3)
        new = taking.result(10)
    with db.begin() as tx:
        assert queries.orphans_become_unknown(tx, TRUNK, new) == 3


def test_a_holder_that_falls_silent_in_the_middle_of_a_claim_keeps_nobody_waiting(
    db, database_url, vault, clock, campaign_id
):
    """Frozen, or cut off: the server ends its transaction, and the trunk is another's."""
    epoch = epoch_of(held(db))
    silent = Database(database_url, pool_size=1)
    silent.never_silent_for(1)
    with ThreadPoolExecutor(1) as pool, suppress(DBAPIError), silent.begin() as tx:
        claimed_in(tx, vault, clock, campaign_id, 3, epoch)
        assert pool.submit(expire_and_take, db).result(10) == epoch + 1
        tx.execute(text("select 1"))
        pytest.fail("its transaction was ended")
    silent.close()
    assert [row.state for row in attempts_of(db, campaign_id)] == ["due"] * 3, "nothing of it was kept"


def test_whoever_stands_by_waits_for_no_claim_while_the_lease_is_good(db, vault, clock, campaign_id):
    epoch = epoch_of(held(db))
    standby = Lease(TRUNK)
    with ThreadPoolExecutor(1) as pool, db.begin() as tx:
        claimed_in(tx, vault, clock, campaign_id, 3, epoch)
        assert pool.submit(tick, db, standby).result(10) is False


def expire_and_take(db) -> int:
    expire(db)
    return epoch_of(held(db))
