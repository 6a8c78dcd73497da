"""Beside years of everything, the report of one day reads no large table from end to end."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import text

from campaigns.counting import tally
from drill.busy import crowd
from ivr.pins import pins_by_day
from ivr.register import calls_by_day
from reports.period import House, counted
from reports.periods import Period
from tests.campaigns.builders import moment, running, set_campaign
from tests.plans import explained

LARGE = {"chat", "call", "room", "leg", "room_event", "case_", "attention", "audit", "attempt", "presence_change"}


def test_a_day_of_years(db, vault, clock):
    number = running(db, vault, clock, 300)
    set_campaign(db, number, starts_at=moment("2026-10-19 08:00"), ends_on=date(2029, 7, 1))
    with db.begin() as tx:
        tx.execute(text("delete from attempt"))
        crowd(tx, 40_000, days=900, is_whole=True)
        tally.people_of(tx, [number])  # once a campaign, all of its calls are counted
    with db.at_once() as tx:
        tx.execute(text("vacuum analyze"))
    monday = date(2026, 11, 2)
    period = Period(monday, monday, ZoneInfo("America/Tijuana"))
    house = House(vault, "x", {}, register=calls_by_day, pins=pins_by_day)
    with explained(db) as plans, db.begin() as tx:
        found = counted(tx, house, period)
    assert plans.large >= LARGE
    assert plans.read_whole == []
    assert found.days
    assert found.called
    assert found.worked
