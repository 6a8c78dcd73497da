"""Rehearsing: the next moment at which there is work, and the jump to it."""

from datetime import timedelta

import pytest
import requests
import responses

from core.rehearsal import RehearsalClock
from dialer.jumping import ClockJumper, next_moment
from dialer.pace import Pace
from dialer.round import Round
from tests.campaigns.builders import (
    attempts_of,
    moment,
    put_on_the_line,
    running,
    scheduled,
    set_attempt,
    set_campaign,
)
from tests.dialer.builders import held
from tests.trunks import a_trunk, in_use

CARRIER = "http://127.0.0.1:1"


def look(db, now):
    with db.begin() as tx:
        return next_moment(tx, moment(now))


@pytest.mark.parametrize(
    ("due", "now", "found"),
    [
        ("2026-11-23 13:00", "2026-11-23 10:00", "2026-11-23 13:00"),
        ("2026-11-23 09:00", "2026-11-23 10:00", "2026-11-23 10:00"),  # due already: now
        ("2026-11-23 09:00", "2026-11-23 19:00", "2026-11-24 08:00"),  # due, but closed
        ("2026-11-27 18:10", "2026-11-27 17:55", "2026-11-30 08:00"),
        ("2026-12-18 18:10", "2026-12-18 17:55", "2026-12-18 18:00"),  # never again: the end of the period
    ],
)
def test_the_next_due_attempt_in_a_legal_hour(db, vault, clock, due, now, found):
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=moment(due))
    assert look(db, now) == moment(found)


def test_the_first_of_several(db, vault, clock):
    late = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, late)[0].id, due_at=moment("2026-11-24 09:00"))
    coming = scheduled(db, vault, clock, 1, nombre_campana="Otra")
    set_campaign(db, coming, starts_at=moment("2026-11-24 00:00"))
    assert look(db, "2026-11-23 10:00") == moment("2026-11-24 00:00")
    set_campaign(db, coming, state="paused")
    assert look(db, "2026-11-23 10:00") == moment("2026-11-24 09:00")
    set_campaign(db, late, state="cancelled")
    assert look(db, "2026-11-23 10:00") is None


@pytest.fixture
def rehearsing(db, vault):
    """A round under a rehearsal clock, and what jumps it."""
    clock = RehearsalClock(db, moment("2026-11-23 10:00"))
    released = []
    trunk = a_trunk(api_url=CARRIER, max_live_calls=5)
    round_ = Round(
        db,
        vault,
        clock,
        in_use(trunk),
        trunk,
        held(db),
        Pace(10),
        "http://x",
        lambda order, at, keep: released.append(keep),
    )
    return clock, round_, ClockJumper(clock, [trunk])


@pytest.fixture
def carrier():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(f"{CARRIER}/local/clock", json={})
        yield mock


def test_it_jumps_when_nothing_is_live_and_nothing_due(db, vault, clock, rehearsing, carrier):
    rehearsed, round_, jumper = rehearsing
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=moment("2026-11-24 09:00"))
    assert jumper.jump_if_idle(db, [round_])
    assert moment("2026-11-24 09:00") <= rehearsed.now() < moment("2026-11-24 09:01")
    assert len(carrier.calls) == 2  # what time it was, and what time it became
    assert b"2026-11-24T15:00" in carrier.calls[1].request.body
    assert carrier.calls[0].request.headers["Authorization"].startswith("Basic ")
    assert not jumper.jump_if_idle(db, [round_])  # it is due now


def test_it_stays_while_a_citizen_is_on_the_line(db, vault, clock, rehearsing, carrier):
    rehearsed, round_, _ = rehearsing
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=moment("2026-11-24 09:00"))
    on_the_line = ClockJumper(rehearsed, [a_trunk(api_url=CARRIER)], lambda tx: True)
    assert not on_the_line.jump_if_idle(db, [round_])


@pytest.mark.parametrize("why", ["a live call", "an answer to come", "something due", "nothing to come"])
def test_it_stays(db, vault, clock, rehearsing, carrier, why):
    rehearsed, round_, jumper = rehearsing
    campaign_id = running(db, vault, clock, 2)
    first, second = attempts_of(db, campaign_id)
    set_attempt(db, second.id, due_at=moment("2026-11-24 09:00"))
    match why:
        case "a live call":
            put_on_the_line(db, first.id, "CA1", rehearsed.now())
        case "an answer to come":
            assert round_.run() == 1
            set_attempt(db, first.id, state="withdrawn")
        case "nothing to come":
            set_campaign(db, campaign_id, state="paused")
    jumper.tell_carriers()
    before = rehearsed.now()
    assert not jumper.jump_if_idle(db, [round_])
    assert rehearsed.now() - before < timedelta(minutes=1)
    assert len(carrier.calls) == 1


def test_nothing_jumps_while_the_carrier_has_another_date(db, vault, clock, rehearsing):
    """It dates its calls by our clock: reconciling would take them for older ones."""
    _, round_, jumper = rehearsing
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=moment("2026-11-24 09:00"))
    assert not jumper.jump_if_idle(db, [round_])


@pytest.mark.parametrize("answer", [{"body": requests.ConnectionError()}, {"status": 503}, {"status": 401}])
def test_a_carrier_that_does_not_hear_of_the_jump_keeps_the_clock_where_it_is(db, vault, clock, rehearsing, answer):
    """Else the calls of the next day would be dated the day before, taken for others', and made again."""
    rehearsed, round_, jumper = rehearsing
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=moment("2026-11-24 09:00"))
    with responses.RequestsMock() as mock:
        mock.post(f"{CARRIER}/local/clock", json={})
        mock.post(f"{CARRIER}/local/clock", **answer)
        assert not jumper.jump_if_idle(db, [round_])
    assert rehearsed.now() < moment("2026-11-23 10:01")
