"""Whom a round does not call, by every rule: hours, exclusions, limits, preferences; and what becomes of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from campaigns import life
from campaigns.approval import approve
from campaigns.states import CampaignState
from campaigns.submission import submit
from campaigns.tables import exclusion, recipient
from carrier.client import Placed
from core import closed_days
from core.closed_days import DayKind
from core.roles import Role
from demo.invent import citizen, formato
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
from tests.dialer.builders import states


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
