"""Clocks that step, and nights that have 23 or 25 hours: hours stay legal, and nobody is dialled twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.rules.hours import Window
from carrier.client import Placed
from core.countries import COUNTRIES
from tests.campaigns.builders import attempts_of, running, set_attempt
from tests.dialer.builders import states

BORDER = ZoneInfo("America/Tijuana")  # Mexico's border goes by the clock of the other side; nobody else there changes


@pytest.mark.parametrize("night", ["2026-11-01", "2027-03-14"])
def test_in_the_nights_that_are_longer_or_shorter_the_wall_clock_there_decides(night):
    window = Window(COUNTRIES["MX"], zone=BORDER)
    moment = datetime.fromisoformat(night).replace(tzinfo=UTC) - timedelta(days=2)
    offsets = set()
    for _ in range(5 * 24 * 12):
        moment += timedelta(minutes=5)
        there = moment.astimezone(BORDER)
        offsets.add(there.utcoffset())
        spans = [span for span in COUNTRIES["MX"].spans if there.weekday() in span.weekdays]
        is_in = any(span.opens <= there.time() < span.closes for span in spans) and not window.is_closed(there.date())
        assert window.is_open(moment) is is_in, there
        opens = window.next_open(moment)
        assert opens is not None and window.is_open(opens) and opens >= moment
    assert len(offsets) == 2, "the clock there did change"


def test_set_back_it_dials_nobody_again(db, vault, clock, switch, make):
    """Three hours, as when somebody mends a wrong clock: those on the line, and those whose retry is to come, are left
    alone."""
    campaign_id = running(db, vault, clock, 4)
    round_ = make(cap=2)
    assert round_.run() == 2
    switch.answer(Placed("CA1"), Placed("CA2"))
    retry = attempts_of(db, campaign_id)[2]
    set_attempt(db, retry.id, due_at=clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=-3))
    for _ in range(5):
        assert round_.run() == 0
        clock.advance(timedelta(minutes=10))
    assert states(db, campaign_id) == ["placed", "placed", "due", "due"]
    assert len(switch.orders) == 2


def test_set_forward_past_the_closing_hour_it_dials_nobody(db, vault, clock, switch, make):
    running(db, vault, clock, 6)
    round_ = make(cap=2)
    assert round_.run() == 2
    switch.answer(Placed("CA1"), Placed("CA2"))
    round_.change(replace(round_.trunk, max_live_calls=20))
    clock.advance(timedelta(hours=11))
    assert round_.run() == 0
    clock.advance(timedelta(hours=-11))
    assert round_.run() == 4, "and set right again it goes on"


def test_a_step_between_two_looks_makes_no_call_at_a_forbidden_hour(db, vault, clock, switch, make):
    """Each round reads the clock once, and what it releases starts within the second."""
    campaign_id = running(db, vault, clock, 40)
    round_ = make(cap=100)
    steps = [0, 30, -45, 600, -590, 120, 720, -700, 15, 300, -240]
    for minutes in steps:
        clock.advance(timedelta(minutes=minutes))
        for row in attempts_of(db, campaign_id)[:6]:
            if row.state == "due":
                set_attempt(db, row.id, due_at=clock.now() - timedelta(seconds=1))
        round_.run()
    window = Window(COUNTRIES["SV"])
    dialled = [row for row in attempts_of(db, campaign_id) if row.started_at]
    assert dialled and all(window.is_open(row.started_at) for row in dialled)
    asked = [order.attempt_id for order in switch.orders]
    assert len(asked) == len(set(asked))
