"""One round: what is claimed, of which campaign, how many, and what is released."""

import time

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from campaigns import life
from campaigns.rules.explaining import why_campaign
from campaigns.tables import attempt, recipient
from carrier.client import Placed, Refused, Unknown
from carrier.placing import Order
from core.database import Database
from core.trunks import Trunks
from dialer import queries, round
from dialer.lease import SECONDS
from dialer.round import Round
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    campaign_row,
    moment,
    people_of,
    put_on_the_line,
    running,
    set_attempt,
    set_campaign,
)
from tests.dialer.builders import URL, expire, held, refused, states
from tests.trunks import a_trunk


def test_an_order_carries_the_attempt_and_nothing_of_the_citizen(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    assert make().run() == 1
    (order,) = switch.orders
    attempt_id = attempts_of(db, campaign_id)[0].id
    assert order == Order(
        attempt_id=attempt_id,
        to="+50371000000",
        caller_id="+50322373333",
        voice_url=f"{URL}/voice/outbound?attempt={attempt_id}#rc=3&rt=4000&rp=5xx,ct,rt",
        status_url=f"{URL}/voice/status?attempt={attempt_id}",
        amd_url=f"{URL}/voice/machine?attempt={attempt_id}",
        ring_seconds=30,
        until=moment("2026-11-23 18:00"),
    )
    assert states(db, campaign_id) == ["asking"]


@pytest.mark.parametrize(("cap", "live", "released"), [(2, 0, 2), (5, 0, 4), (3, 2, 1), (2, 2, 0), (1, 2, 0)])
def test_never_more_than_the_cap(db, vault, clock, switch, make, cap, live, released):
    other = running(db, vault, clock, 3)
    set_campaign(db, other, state="paused")
    for n, row in enumerate(attempts_of(db, other)[:live]):
        put_on_the_line(db, row.id, f"CA{n}", clock.now())
    running(db, vault, clock, 4, 10, nombre_campana="Otra")
    round_ = make(cap)
    assert round_.run() == released
    assert round_.run() == 0  # those asked for count too
    assert len(switch.orders) == released


def test_unknown_calls_take_their_place_under_the_cap(db, vault, clock, switch, make):
    running(db, vault, clock, 3)
    round_ = make(cap=2)
    round_.run()
    switch.answer(Unknown(), Unknown())
    assert round_.run() == 0


def test_the_pace_says_how_many_and_when(db, vault, clock, switch, make):
    running(db, vault, clock, 10)
    began = time.monotonic()
    assert make(cps=12.5).run() == 4  # 0.25 seconds of work
    first, second, third, fourth = switch.moments
    assert began <= first < began + 1
    assert second - first == pytest.approx(0.08)
    assert third - first == pytest.approx(0.16)
    assert fourth - first == pytest.approx(0.24)


def test_where_claiming_takes_long_more_is_claimed_ahead(db, vault, clock, make):
    running(db, vault, clock, 40)
    round_ = make(cps=20)
    assert round_.run() == 6  # 0.25 seconds of work
    assert round_.run() <= 2
    round_._claiming_took = 0.4
    assert round_.run() >= 6


@pytest.mark.parametrize("state", ["scheduled", "paused", "cancelled", "finished", "under_review"])
def test_a_campaign_that_is_not_running_is_not_dialled(db, vault, clock, switch, make, state):
    campaign_id = running(db, vault, clock, 2)
    set_campaign(db, campaign_id, state=state)
    assert make().run() == 0
    assert states(db, campaign_id) == ["due", "due"]


def test_a_pause_is_felt_at_once(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 4)
    round_ = make(cap=2)
    assert round_.run() == 2
    with db.begin() as tx:
        life.pause(tx, clock.now(), campaign_id, COORDINATOR)
    switch.answer(Refused(21211, False), Refused(21211, False))
    assert round_.run() == 0


def test_a_campaign_whose_hours_are_closed_does_not_hold_up_another(db, vault, clock, switch, make):
    running(db, vault, clock, 2, horario_inicio="14:00", prioridad="1")
    other = running(db, vault, clock, 2, 10, prioridad="9")
    assert make().run() == 2
    assert states(db, other) == ["asking", "asking"]


def test_the_most_urgent_campaign_goes_first(db, vault, clock, switch, make):
    later = running(db, vault, clock, 2, prioridad="5", nombre_campana="Una")
    urgent = running(db, vault, clock, 2, 10, prioridad="1", nombre_campana="Otra")
    assert make(cap=3).run() == 3
    assert (states(db, urgent), states(db, later)) == (["asking", "asking"], ["asking", "due"])


def test_a_campaign_for_operators_is_not_the_dialers(db, vault, clock, make):
    campaign_id = running(db, vault, clock, 2)
    set_campaign(db, campaign_id, mode="OPERADOR")
    assert make().run() == 0


def test_without_the_lease_nothing_is_claimed(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 2)
    round_ = make()
    expire(db)
    standby = held(db)
    assert round_.lease.holds()  # by its own watch it still does: the database knows better
    assert round_.run() == 0
    with db.begin() as tx:
        round_.lease.tick(tx)
    assert round_.run() == 0
    assert states(db, campaign_id) == ["due", "due"]
    assert standby.holds()


def test_campaigns_of_one_priority_take_turns_whatever_their_size(db, vault, clock, switch, make):
    large = running(db, vault, clock, 40)
    small = running(db, vault, clock, 4, 100, nombre_campana="Otra")
    round_ = make(cap=8)
    assert round_.run() == 8
    assert [states(db, each).count("asking") for each in (large, small)] == [4, 4]


def test_a_larger_share_is_more_calls(db, vault, clock, switch, make):
    one = running(db, vault, clock, 40)
    three = running(db, vault, clock, 40, 100, nombre_campana="Otra")
    set_campaign(db, three, share=3)
    assert make(cap=20).run() == 20
    assert [states(db, each).count("asking") for each in (one, three)] == [5, 15]


def test_an_urgent_one_goes_before_every_priority(db, vault, clock, switch, make):
    first = running(db, vault, clock, 3, prioridad="1")
    urgent = running(db, vault, clock, 3, 100, prioridad="9", nombre_campana="Otra")
    set_campaign(db, urgent, is_urgent=True)
    assert make(cap=4).run() == 4
    assert [states(db, each).count("asking") for each in (first, urgent)] == [1, 3]


def test_what_one_cannot_use_goes_to_the_others(db, vault, clock, switch, make):
    small = running(db, vault, clock, 2)
    large = running(db, vault, clock, 40, 100, nombre_campana="Otra")
    assert make(cap=10).run() == 10
    assert [states(db, each).count("asking") for each in (small, large)] == [2, 8]


def test_many_who_may_not_be_called_do_not_hold_up_who_may(db, vault, clock, switch, make):
    """Three hundred prefer the afternoon and stand first: they are put off at once, and looked at no more."""
    campaign_id = running(db, vault, clock, 303)
    with db.begin() as tx:
        ids = [person.id for person in people_of(db, campaign_id)[:300]]
        tx.execute(update(recipient).where(recipient.c.id.in_(ids)).values(preferred="14:00-18:00"))
    assert make(cap=3).run() == 3
    assert states(db, campaign_id)[300:] == ["asking"] * 3
    assert {row.due_at for row in attempts_of(db, campaign_id)[:300]} == {moment("2026-11-23 14:00")}


def test_a_round_locks_so_many_people_and_no_more_and_goes_on_in_the_next(db, vault, clock, switch, make, monkeypatch):
    """However many campaigns have people who may not be called now: the server has room for some thousands of locks."""
    for name, value in {"A_LOOK": 10, "MOST_LOOKED_AT": 20, "MOST_IN_A_ROUND": 45}.items():
        monkeypatch.setattr(round, name, value)
    waiting = [running(db, vault, clock, 30, 100 * n, nombre_campana=f"Tarde {n}") for n in range(3)]
    with db.begin() as tx:
        tx.execute(update(recipient).values(preferred="14:00-18:00"))
    last = running(db, vault, clock, 1, 900, nombre_campana="Sin preferencia")
    round_, put_off = make(cap=5), []
    for _ in range(4):
        round_.run()
        due = [row.due_at for each in waiting for row in attempts_of(db, each)]
        put_off.append(due.count(moment("2026-11-23 14:00")))
    assert put_off[0] <= 45 + 10 and put_off == sorted(put_off) and put_off[-1] == 90
    assert states(db, last) == ["asking"]


def test_nothing_is_left_locked(db, vault, clock, make):
    running(db, vault, clock, 2)
    make().run()
    with db.begin() as tx:
        held_locks = "select count(*) from pg_stat_activity where state = 'idle in transaction'"
        assert tx.execute(text(held_locks + " and datname = current_database()")).scalar_one() == 0


def test_an_answer_that_cannot_be_kept_keeps_no_other_waiting(db, vault, clock, switch, make, caplog):
    """A sid that another attempt has: it cannot be true of both: what became of this one is asked of the carrier."""
    campaign_id = running(db, vault, clock, 3)
    round_ = make()
    round_.run()
    switch.answer(Placed("CA1"), Placed("CA1"), Placed("CA2"))
    round_.run()
    assert sorted(states(db, campaign_id)) == ["asking", "placed", "placed"]
    assert "was passed over: IntegrityError" in caplog.text
    assert not round_.is_asking()


def test_a_campaign_whose_number_is_refused_rests_and_the_others_go_on(db, vault, clock, switch, make):
    """The most urgent one shows a number that went back to its carrier: nobody else pays for it."""
    urgent = running(db, vault, clock, 2)
    set_campaign(db, urgent, is_urgent=True)
    other = running(db, vault, clock, 3, 10, nombre_campana="Otra")
    round_ = make(cap=2)
    assert round_.run() == 2
    switch.answer(*[Refused(21212, is_ours=True, is_campaigns=True)] * 2)
    assert round_.run() == 2
    assert states(db, urgent) == ["due", "due"]
    assert states(db, other).count("asking") == 2
    with db.begin() as tx:
        told = why_campaign(tx, clock.now(), campaign_row(tx, urgent), trunks=Trunks((a_trunk(),)))
    assert "refused" in [why.code for why in told]
    assert "21212" in next(why for why in told if why.code == "refused").sentence


def refused_and_due_again(db, vault, clock, switch, make) -> tuple[int, Round]:
    """A campaign whose number the carrier refused, as the round that was told of it wrote down."""
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Refused(21210, is_ours=True, is_campaigns=True))
    round_.store_answers()
    assert trouble_of(db, campaign_id) == "refused 21210"
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=clock.now())
    return campaign_id, round_


def trouble_of(db, campaign_id: int) -> str | None:
    with db.begin() as tx:
        return campaign_row(tx, campaign_id).trouble


def test_taken_again_it_says_so_no_more_whoever_dials_by_then(db, vault, clock, switch, make):
    campaign_id, before = refused_and_due_again(db, vault, clock, switch, make)
    with db.begin() as tx:
        before.lease.release(tx)
    after = make()  # another process, which knows of no rest
    assert after.run() == 1
    switch.answer(Placed("CA1"))
    after.store_answers()
    assert trouble_of(db, campaign_id) is None


def test_what_could_not_be_written_of_a_campaign_is_written_the_next_time(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Refused(21210, is_ours=True, is_campaigns=True))
    with refused(db, "campaign", "trouble is null"), pytest.raises(IntegrityError):
        round_.store_answers()
    assert not round_.is_asking(), "the answer itself was stored"
    round_.store_answers()
    assert trouble_of(db, campaign_id) == "refused 21210"


def test_an_attempt_that_somebody_holds_keeps_no_other_answer_waiting(db, vault, clock, switch, make):
    """A web process that froze in the middle of one's callback."""
    campaign_id = running(db, vault, clock, 3)
    round_ = make()
    assert round_.run() == 3
    first, *others = attempts_of(db, campaign_id)
    switch.answer(Placed("CA1"), Placed("CA2"), Placed("CA3"))
    other = Database(db.url)
    with other.begin() as held_elsewhere:
        held_elsewhere.execute(select(attempt.c.id).where(attempt.c.id == first.id).with_for_update())
        round_.store_answers()
        with db.begin() as tx:
            assert queries.orphans_become_unknown(tx, round_.trunk.name, 10**6) == 0
        assert states(db, campaign_id) == ["asking", "placed", "placed"]
    with db.begin() as tx:
        assert queries.orphans_become_unknown(tx, round_.trunk.name, 10**6) == 1
    other.close()


@pytest.mark.slow(5)
def test_a_claim_that_takes_longer_than_it_may_keeps_the_trunk_from_nobody(db, vault, clock, make, monkeypatch):
    """It holds the lease's row until it ends: whoever stands by would wait for it."""
    running(db, vault, clock, 1)
    round_ = make()

    def takes_long(tx, *_: object) -> None:
        tx.execute(text("select pg_sleep(30)"))

    monkeypatch.setattr(queries, "take", takes_long)
    began = time.monotonic()
    with pytest.raises(OperationalError):
        round_.run()
    assert time.monotonic() - began < SECONDS
