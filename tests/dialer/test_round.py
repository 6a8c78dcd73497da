"""One round: what is claimed, what is forbidden, what is released, and what is stored of the answers."""

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from campaigns import attempts, life
from campaigns.tables import exclusion
from carrier.client import Answer, NotAsked, Order, Placed, Refused, Unknown
from core.database import Database
from dialer import queries
from dialer.pace import Pace
from dialer.round import Round
from dialer.trunk import Trunk
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    moment,
    people_of,
    put_on_the_line,
    running,
    scheduled,
    set_attempt,
    set_campaign,
)
from tests.dialer.builders import TRUNK, epoch_of, expire, held

URL = "https://voz.subsidios.example"


@dataclass
class Switch:
    """Keeps the orders that were released; answers them when the test says."""

    orders: list[Order] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    waiting: list = field(default_factory=list)

    def __call__(self, order: Order, at: float, keep) -> None:
        self.orders.append(order)
        self.moments.append(at)
        self.waiting.append(keep)

    def answer(self, *answers: Answer) -> None:
        for answer in answers:
            self.waiting.pop(0)(answer)


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def make(db, vault, clock, switch):
    """A round of a trunk with this cap, whose pace never is what holds it back."""

    def made(cap: int = 20, cps: float = 1000) -> Round:
        trunk = Trunk(TRUNK, cps, cap, ring_seconds=30)
        return Round(db, vault, clock, trunk, held(db), Pace(cps), URL, switch)

    return made


def states(db, campaign_id) -> list[str]:
    return [row.state for row in attempts_of(db, campaign_id)]


def test_an_order_carries_the_attempt_and_nothing_of_the_citizen(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    assert make().run() == 1
    (order,) = switch.orders
    attempt_id = attempts_of(db, campaign_id)[0].id
    assert order == Order(
        attempt_id=attempt_id,
        to="+50371000000",
        caller_id="+50322373333",
        voice_url=f"{URL}/voice/outbound?attempt={attempt_id}",
        status_url=f"{URL}/voice/status?attempt={attempt_id}",
        amd_url=f"{URL}/voice/machine?attempt={attempt_id}",
        ring_seconds=30,
    )
    assert states(db, campaign_id) == ["asking"]


@pytest.mark.parametrize(("cap", "live", "released"), [(2, 0, 2), (5, 0, 4), (3, 2, 1), (2, 2, 0), (1, 2, 0)])
def test_never_more_than_the_cap(db, vault, clock, switch, make, cap, live, released):
    other = running(db, vault, clock, 3)
    set_campaign(db, other, state="paused")
    for n, row in enumerate(attempts_of(db, other)[:live]):
        put_on_the_line(db, row.id, f"CA{n}", clock.now())
    running(db, vault, clock, 4, nombre_campana="Otra")
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
    assert make(cps=12.5).run() == 3  # 0.2 seconds of work
    first, second, third = switch.moments
    assert began <= first < began + 1
    assert second - first == pytest.approx(0.08)
    assert third - first == pytest.approx(0.16)


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


@pytest.mark.parametrize(
    "now", ["2026-11-23 07:59", "2026-11-23 18:00", "2026-11-28 10:00", "2026-12-25 10:00", "2026-12-21 10:00"]
)
def test_outside_legal_hours_nobody_is_dialled(db, vault, clock, switch, make, now):
    campaign_id = running(db, vault, clock, 2)
    set_campaign(db, campaign_id, starts_at=clock.now())
    clock.__init__(moment(now))  # both ways in time
    for row in attempts_of(db, campaign_id):
        set_attempt(db, row.id, due_at=clock.now() - timedelta(days=1))
    assert make().run() == 0
    assert states(db, campaign_id) == ["due", "due"]


def test_a_campaign_whose_hours_are_closed_does_not_hold_up_another(db, vault, clock, switch, make):
    running(db, vault, clock, 2, horario_inicio="14:00", prioridad="1")
    other = running(db, vault, clock, 2, prioridad="9")
    assert make().run() == 2
    assert states(db, other) == ["asking", "asking"]


def test_the_most_urgent_campaign_goes_first(db, vault, clock, switch, make):
    later = running(db, vault, clock, 2, prioridad="5", nombre_campana="Una")
    urgent = running(db, vault, clock, 2, prioridad="1", nombre_campana="Otra")
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


def exclude(db, clock, kind, fingerprint, campaign_id=None):
    with db.begin() as tx:
        values = {"kind": kind, "print": fingerprint, "campaign_id": campaign_id, "since": clock.now(), "cause": "x"}
        tx.execute(insert(exclusion).values(**values))


@pytest.mark.parametrize("everywhere", [True, False])
def test_an_excluded_person_is_never_dialled(db, vault, clock, switch, make, everywhere):
    campaign_id = running(db, vault, clock, 2)
    excluded = bytes(people_of(db, campaign_id)[0].person_print)
    exclude(db, clock, "person", excluded, None if everywhere else campaign_id)
    assert make().run() == 1
    assert [order.to for order in switch.orders] == ["+50371000001"]
    first, second = people_of(db, campaign_id)
    assert (first.outcome, first.is_final, first.attempts) == ("no_marcable.excluido", True, 0)
    assert not second.is_final
    assert states(db, campaign_id) == ["withdrawn", "asking"]


def test_an_exclusion_from_another_campaign_does_not_count(db, vault, clock, switch, make):
    other = scheduled(db, vault, clock, 2)
    campaign_id = running(db, vault, clock, 2, nombre_campana="Otra")
    exclude(db, clock, "person", bytes(people_of(db, campaign_id)[0].person_print), other)
    assert make().run() == 2


def test_an_excluded_telephone_gives_way_to_the_persons_next(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 2)
    exclude(db, clock, "phone", vault.fingerprint("phone", "+50371000000"), campaign_id)
    round_ = make()
    assert round_.run() == 1
    assert round_.run() == 1
    assert [order.to for order in switch.orders] == ["+50371000001", "+50375000000"]
    assert people_of(db, campaign_id)[0].spent == 1


def test_a_person_whose_only_telephone_is_excluded_is_final(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 2)
    exclude(db, clock, "phone", vault.fingerprint("phone", "+50371000001"))
    assert make().run() == 1
    assert people_of(db, campaign_id)[1].outcome == "no_marcable.excluido"


def test_what_the_carrier_took_is_on_the_line(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    assert round_.is_asking()
    switch.answer(Placed("CA1"))
    round_.run()
    (row,) = attempts_of(db, campaign_id)
    assert (row.state, row.remote_sid, round_.is_asking()) == ("placed", "CA1", False)


def test_a_number_that_is_refused_goes_on_to_the_next_phone(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Refused(21211, is_ours=False))
    round_.run()
    refused, retry = attempts_of(db, campaign_id)
    assert (refused.state, refused.outcome, refused.refused_code) == ("ended", "no_contacto.fallida", 21211)
    assert (retry.state, retry.phone) == ("due", 1)


def test_a_fault_of_our_account_blames_no_citizen(db, vault, clock, switch, make, caplog):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Refused(20003, is_ours=True))
    with caplog.at_level(logging.ERROR):
        round_.run()
    assert "20003" in caplog.text
    assert "7100" not in caplog.text
    (row,) = attempts_of(db, campaign_id)
    assert (row.state, row.due_at) == ("due", clock.now())
    assert round_.is_resting()
    assert round_.lease.trouble == "refused 20003"
    assert people_of(db, campaign_id)[0].spent == 0


def test_what_was_not_asked_is_asked_again_soon(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(NotAsked())
    assert round_.run() == 0
    clock.advance(timedelta(seconds=2))
    assert round_.run() == 1
    assert len(attempts_of(db, campaign_id)) == 1  # the same attempt: nobody was called


def test_what_is_unknown_is_not_asked_again(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Unknown())
    clock.advance(timedelta(hours=4))
    assert round_.run() == 0
    assert states(db, campaign_id) == ["unknown"]


@pytest.mark.parametrize("is_settled", [False, True])
def test_an_answer_that_comes_after_the_trunk_was_lost_changes_nothing(db, vault, clock, switch, make, is_settled):
    """The standby took over, and may have settled it: a refusal that arrives now must not plan a second retry."""
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    expire(db)
    new = held(db)
    with db.begin() as tx:
        queries.orphans_become_unknown(tx, TRUNK, epoch_of(new))
        if is_settled:
            queries.not_placed(tx, attempts_of(db, campaign_id)[0].id, clock.now())
    round_.lease.epoch = epoch_of(new) - 1  # its own watch has not told it yet
    before = attempts_of(db, campaign_id)
    switch.answer(Refused(21211, is_ours=False))
    round_.run()
    assert attempts_of(db, campaign_id) == before
    assert before[0].state == ("not_placed" if is_settled else "unknown")


def test_answers_to_a_lost_trunk_are_let_go(db, vault, clock, switch, make):
    running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    expire(db)
    held(db)
    with db.begin() as tx:
        round_.lease.tick(tx)
    switch.answer(Placed("CA1"))
    round_.run()
    assert not round_.is_asking()


def test_an_answer_outlives_a_database_that_is_away(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 2)
    round_ = make()
    round_.run()
    switch.answer(Placed("CA1"), Placed("CA2"))
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    round_.db = away
    with pytest.raises(Exception, match="connection"):
        round_.run()
    assert round_.is_asking()
    round_.db = db
    round_.run()
    assert states(db, campaign_id) == ["placed", "placed"]
    away.close()


def test_a_webhook_may_be_faster_than_the_answer(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    with db.begin() as tx:
        attempts.prove(tx, attempts_of(db, campaign_id)[0].id, "CA1")
        attempts.end_call(tx, vault, clock.now(), attempts_of(db, campaign_id)[0].id, "busy", None)
    switch.answer(Placed("CA1"))
    round_.run()
    ended, retry = attempts_of(db, campaign_id)
    assert (ended.state, retry.state) == ("ended", "due")


def test_nothing_is_left_locked(db, vault, clock, make):
    running(db, vault, clock, 2)
    make().run()
    with db.begin() as tx:
        held_locks = "select count(*) from pg_stat_activity where state = 'idle in transaction'"
        assert tx.execute(text(held_locks + " and datname = current_database()")).scalar_one() == 0
