"""One round: what is claimed, what is forbidden, what is released, and what is stored of the answers."""

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from campaigns import attempts, life
from campaigns.approval import approve
from campaigns.rules import closed_days
from campaigns.rules.closed_days import DayKind
from campaigns.states import CampaignState
from campaigns.submission import submit
from campaigns.tables import exclusion, recipient
from carrier.client import Answer, NotAsked, Order, Placed, Refused, Unknown
from core.database import Database
from core.roles import Role
from demo.invent import citizen, formato
from dialer import queries, round
from dialer.pace import Pace
from dialer.round import Round
from dialer.trunk import Trunk
from tests.campaigns.builders import (
    COORDINATOR,
    LINES,
    attempts_of,
    end,
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


def exclude(db, clock, kind, fingerprint, campaign_id=None, line=None):
    with db.begin() as tx:
        values = {"kind": kind, "print": fingerprint, "since": clock.now(), "cause": "x"}
        tx.execute(insert(exclusion).values(**values, campaign_id=campaign_id, line=line))


@pytest.mark.parametrize("place", ["everywhere", "campaign", "line"])
def test_an_excluded_person_is_never_dialled(db, vault, clock, switch, make, place):
    campaign_id = running(db, vault, clock, 2)
    excluded = bytes(people_of(db, campaign_id)[0].person_print)
    exclude(
        db, clock, "person", excluded, campaign_id if place == "campaign" else None, "dgs" if place == "line" else None
    )
    assert make().run() == 1
    assert [order.to for order in switch.orders] == ["+50371000001"]
    first, second = people_of(db, campaign_id)
    assert (first.outcome, first.is_final, first.attempts) == ("no_marcable.excluido", True, 0)
    assert not second.is_final
    assert states(db, campaign_id) == ["withdrawn", "asking"]


@pytest.mark.parametrize("place", ["another campaign", "another line", "taken back"])
def test_an_exclusion_of_elsewhere_or_of_the_past_does_not_count(db, vault, clock, switch, make, place):
    other = scheduled(db, vault, clock, 2)
    campaign_id = running(db, vault, clock, 2, nombre_campana="Otra")
    person = bytes(people_of(db, campaign_id)[0].person_print)
    if place == "another campaign":
        exclude(db, clock, "person", person, other)
    elif place == "another line":
        exclude(db, clock, "person", person, None, "otra")
    else:
        exclude(db, clock, "person", person)
        with db.begin() as tx:
            tx.execute(update(exclusion).values(removed_at=clock.now()))
    assert make().run() == 2


def test_one_person_in_two_campaigns_is_called_once_and_then_hours_later(db, vault, clock, switch, make):
    first = running(db, vault, clock, 1)
    second = running(db, vault, clock, 1, nombre_campana="Otra")
    round_ = make()
    assert round_.run() == 1
    assert (states(db, first), states(db, second)) == (["asking"], ["due"])
    assert attempts_of(db, second)[0].due_at == clock.now() + timedelta(hours=3)
    switch.answer(Placed("CA1"))
    clock.advance(timedelta(hours=2, minutes=59))
    assert round_.run() == 0
    clock.advance(timedelta(minutes=1))
    assert round_.run() == 1


def test_two_people_of_one_telephone_are_not_called_at_once(db, vault, clock, switch, make):
    data = formato([replace(citizen(number), phones=("+50371234567",)) for number in range(2)])
    other = submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", data).id
    with db.begin() as tx:
        approve(tx, clock.now(), other, COORDINATOR, Role.SUPERVISOR, at_once=True, reason="prueba")
        life.move(tx, clock.now(), other, CampaignState.RUNNING, "dialer")
    assert make().run() == 1
    assert states(db, other) == ["asking", "due"]
    assert attempts_of(db, other)[1].due_at == clock.now() + timedelta(hours=3)


def test_whoever_cannot_be_called_before_the_end_of_the_period_is_told_apart(db, vault, clock, switch, make):
    """Reached today by another campaign, on the last day of this one."""
    other = running(db, vault, clock, 1)
    row = attempts_of(db, other)[0]
    put_on_the_line(db, row.id, "CA1", clock.now() - timedelta(hours=1))
    end(db, vault, clock.now(), row.id, "completed", progress="message_heard")
    last = running(db, vault, clock, 1, nombre_campana="Otra")
    set_campaign(db, last, ends_on=clock.now().date())
    assert make().run() == 0
    assert people_of(db, last)[0].outcome == "no_marcable.tope_de_contactos"
    assert people_of(db, last)[0].is_final


@pytest.mark.parametrize(("now", "called"), [("2026-11-23 08:30", [1]), ("2026-11-23 18:30", [0])])
def test_a_call_is_legal_only_where_the_citizen_is(db, vault, clock, switch, make, now, called):
    """Mexico calls from 9 to 19: at 8:30 in its centre it is 9:30 in Cancún, and at 18:30 it is 16:30 in Tijuana."""
    campaign_id = running(db, vault, clock, 2)
    set_campaign(db, campaign_id, country="MX")
    zones = ("America/Tijuana", "America/Cancun")
    with db.begin() as tx:
        for person, zone in zip(people_of(db, campaign_id), zones, strict=True):
            tx.execute(update(recipient).where(recipient.c.id == person.id).values(zone=zone))
    clock.__init__(moment(now))
    for row in attempts_of(db, campaign_id):
        set_attempt(db, row.id, due_at=clock.now() - timedelta(hours=1))
    assert make().run() == 1
    assert [n for n, state in enumerate(states(db, campaign_id)) if state == "asking"] == called


def test_a_day_that_a_supervisor_closes_is_heeded_at_the_next_look(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 2)
    today = moment("2026-11-23 10:00").date()
    with db.begin() as tx:
        closed_days.close(tx, clock.now(), COORDINATOR, "SV", today, today, "Asueto", DayKind.ASUETO)
    round_ = make()
    assert round_.run() == 0
    with db.begin() as tx:
        (row,) = closed_days.listed(tx, "SV", today)
        assert closed_days.reopen(tx, clock.now(), COORDINATOR, row.id)
    assert round_.run() == 2
    assert states(db, campaign_id) == ["asking", "asking"]


def test_the_hours_that_somebody_prefers_are_kept(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 2)
    with db.begin() as tx:
        first = people_of(db, campaign_id)[0].id
        tx.execute(update(recipient).where(recipient.c.id == first).values(preferred="12:00-19:00"))
    assert make().run() == 1
    assert attempts_of(db, campaign_id)[0].due_at == moment("2026-11-23 12:00")


def test_a_line_of_several_numbers_shows_one_person_always_the_same(db, vault, clock, switch, make):
    numbers = ["+50322373333", "+50322373334", "+50322373335"]
    first = running(db, vault, clock, 30)
    set_campaign(db, first, caller_ids=numbers)
    round_ = make(cap=1000)
    round_.run()
    shown = {order.to: order.caller_id for order in switch.orders}
    assert set(shown.values()) == set(numbers)
    assert {row.caller_id for row in attempts_of(db, first)} == set(numbers)
    clock.advance(timedelta(days=1))
    with db.begin() as tx:
        tx.execute(
            text("update attempt set state = 'ended', outcome = 'no_contacto.no_contesta', remote_sid = 'CA' || id")
        )
    second = running(db, vault, clock, 30, nombre_campana="Otra", fecha_inicio="01/12/2026")
    set_campaign(db, second, caller_ids=list(reversed(numbers)))
    switch.orders.clear()
    round_.run()
    assert {order.to: order.caller_id for order in switch.orders} == shown


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
