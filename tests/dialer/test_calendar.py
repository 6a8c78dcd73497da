"""What happens by the calendar: beginnings, ends, and each of them once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from campaigns import life
from campaigns.states import CampaignState
from campaigns.tables import recipient
from core import closed_days
from core.clock import FixedClock
from core.closed_days import DayKind
from dialer import calendar, jumping
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    end,
    moment,
    people_of,
    put_on_the_line,
    running,
    scheduled,
    set_attempt,
    set_campaign,
    submitted,
)
from tests.dialer.builders import refused


def state(db, campaign_id):
    with db.begin() as tx:
        return life.state_of(tx, campaign_id)


def test_a_campaign_begins_on_its_day_and_not_before(db, vault, clock):
    campaign_id = scheduled(db, vault, clock)
    set_campaign(db, campaign_id, starts_at=clock.now() + timedelta(hours=1))
    assert calendar.begin_due_campaigns(db, clock.now()) == 0
    clock.advance(timedelta(hours=1))
    assert calendar.begin_due_campaigns(db, clock.now()) == 1
    assert calendar.begin_due_campaigns(db, clock.now()) == 0
    assert state(db, campaign_id) == "running"


@pytest.mark.parametrize("is_paused", [False, True])
def test_it_finishes_once_nobody_is_left(db, vault, clock, is_paused):
    campaign_id = running(db, vault, clock, 1)
    row = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, row.id, "CA1", clock.now())
    if is_paused:
        with db.begin() as tx:
            life.pause(tx, clock.now(), campaign_id, COORDINATOR)
    assert calendar.finish_done_campaigns(db, clock.now()) == 0
    end(db, vault, clock.now(), row.id, "completed", progress="message_heard")
    assert calendar.finish_done_campaigns(db, clock.now()) == 1
    assert calendar.finish_done_campaigns(db, clock.now()) == 0
    assert state(db, campaign_id) == "finished"


@pytest.mark.parametrize(
    ("now", "then"),
    [("2026-12-18 17:59", "running"), ("2026-12-18 18:00", "finished"), ("2026-12-21 09:00", "finished")],
)
def test_it_finishes_with_its_period(db, vault, clock, now, then):
    campaign_id = running(db, vault, clock, 2)
    calendar.keep(db, FixedClock(moment(now)))
    assert state(db, campaign_id) == then
    expired = {person.outcome for person in people_of(db, campaign_id)} == {"no_marcable.vencido"}
    assert expired is (then == "finished")


@pytest.mark.parametrize(("now", "then"), [("2026-12-18 20:59", "running"), ("2026-12-18 21:00", "finished")])
def test_a_period_ends_where_its_last_people_are(db, vault, clock, now, then):
    """Seven in the evening in Tijuana is nine in the centre of Mexico."""
    campaign_id = running(db, vault, clock, 1)
    set_campaign(db, campaign_id, country="MX")
    with db.begin() as tx:
        tx.execute(update(recipient).values(zone="America/Tijuana"))
    calendar.keep(db, FixedClock(moment(now)))
    assert state(db, campaign_id) == then


def test_days_that_were_closed_by_mistake_end_nothing(db, vault, clock):
    """Every day that is left, from now on: nobody is called, and whoever opens them again finds it as it was."""
    campaign_id = running(db, vault, clock, 1)
    with db.begin() as tx:
        last = date(2026, 12, 18)
        closed_days.close(tx, clock.now(), COORDINATOR, "SV", date(2026, 11, 23), last, "Asueto", DayKind.ASUETO)
    for now in ("2026-11-23 10:00", "2026-12-17 18:00", "2026-12-18 17:59"):
        calendar.keep(db, FixedClock(moment(now)))
        assert state(db, campaign_id) == "running"
    assert not people_of(db, campaign_id)[0].is_final
    with db.begin() as tx:  # a rehearsal's clock goes on to the end too
        assert jumping.next_moment(tx, clock.now()) == moment("2026-12-18 18:00")
    calendar.keep(db, FixedClock(moment("2026-12-18 18:00")))
    assert state(db, campaign_id) == "finished"


def test_a_campaign_whose_whole_period_passed_unbegun_still_ends(db, vault, clock):
    campaign_id = scheduled(db, vault, clock, 2)
    calendar.keep(db, FixedClock(moment("2027-01-10 09:00")))
    assert state(db, campaign_id) == "finished"


@pytest.mark.parametrize(("days", "are_kept"), [(0, True), (29, True), (30, False), (400, False)])
def test_the_answers_of_a_returned_list_are_kept_for_thirty_days(db, vault, clock, days, are_kept):
    returned = submitted(db, vault, clock, 2, cantidad_registros="9").id
    waiting = submitted(db, vault, clock, 2, nombre_campana="Otra").id
    calendar.forget_returned_answers(db, clock.now() + timedelta(days=days))
    assert all(bool(person.answers) is are_kept for person in people_of(db, returned))
    assert all(person.answers for person in people_of(db, waiting))


def test_two_dialers_that_forget_answers_at_once_do_not_wait_for_each_other(db, vault, clock):
    returned = submitted(db, vault, clock, 2, cantidad_registros="9").id
    later = clock.now() + timedelta(days=30)
    with db.begin() as first, db.begin() as second:
        second.execute(text("set local lock_timeout = '2s'"))
        assert life.purge_returned(first, later) == 2
        assert life.purge_returned(second, later) == 0
    assert not any(person.answers for person in people_of(db, returned))


def test_a_list_that_cannot_be_planned_keeps_no_other_from_it(db, vault, clock, caplog):
    broken, sound = (scheduled(db, vault, clock, 1, first) for first in range(2))
    for campaign_id in (broken, sound):
        set_campaign(db, campaign_id, state="approved")
        set_attempt(db, attempts_of(db, campaign_id)[0].id, state="withdrawn")  # as if it had not been planned yet
    with refused(db, "attempt", f"campaign_id <> {broken} or state <> 'due'"):
        calendar.plan_approved_campaigns(db, clock.now())
    assert [state(db, each) for each in (broken, sound)] == ["approved", "scheduled"]
    assert f"campaign {broken} was passed over: IntegrityError[23514] at " in caplog.text


def test_a_campaign_that_cannot_begin_keeps_no_other_from_it(db, vault, clock, caplog):
    broken, sound = (scheduled(db, vault, clock, 1, first) for first in range(2))
    with refused(db, "campaign", f"id <> {broken} or state <> 'running'"):
        assert calendar.begin_due_campaigns(db, clock.now()) == 1
    assert [state(db, each) for each in (broken, sound)] == ["scheduled", "running"]
    assert f"campaign {broken} was passed over: IntegrityError[23514] at " in caplog.text
    assert calendar.begin_due_campaigns(db, clock.now()) == 1


def test_a_campaign_that_another_dialer_begins_at_this_moment_is_not_waited_for(db, vault, clock):
    theirs, ours = (scheduled(db, vault, clock, 1, first) for first in range(2))
    with db.begin() as other:
        life.move(other, clock.now(), theirs, CampaignState.RUNNING, "dialer")
        assert calendar.begin_due_campaigns(db, clock.now()) == 1
    assert calendar.begin_due_campaigns(db, clock.now()) == 0
    assert [state(db, each) for each in (theirs, ours)] == ["running", "running"]


def test_a_campaign_that_cannot_be_judged_keeps_no_other_from_its_end(db, vault, clock, caplog):
    broken, sound = (running(db, vault, clock, 1, first) for first in range(2))
    set_campaign(db, broken, country="XX")  # of whose hours nobody knows
    assert calendar.finish_done_campaigns(db, moment("2027-01-10 09:00")) == 1
    assert [state(db, each) for each in (broken, sound)] == ["running", "finished"]
    assert f"campaign {broken} was passed over: KeyError at " in caplog.text
