"""The calls of each line and day, by what is counted already: as many as counting every call would find."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from campaigns.counting.days import by_day
from campaigns.counting.tables import ANSWERED, call_tally
from campaigns.outcomes import BY_PERSON, Outcome
from campaigns.tables import attempt, campaign
from core.database import Database
from tests.campaigns.builders import attempts_of, end, moment, put_on_the_line, running, set_campaign

ZONE = ZoneInfo("America/El_Salvador")
SINCE, UNTIL = datetime(2026, 11, 23, tzinfo=ZONE), datetime(2026, 11, 25, tzinfo=ZONE)
FATES = [
    ("completed", {"progress": "message_heard"}),
    ("completed", {"progress": "wrong_number"}),
    ("completed", {}),
    ("completed", {"answered_by": "machine_end_beep"}),
    ("completed", {"progress": "voicemail_left"}),
    ("busy", {}),
    ("no-answer", {}),
]


def each_call(db: Database) -> dict[tuple[str, date], list[int]]:
    """(calls, answered by a person) of each line and day, call by call."""
    query = select(campaign.c.line, attempt).join(campaign, campaign.c.id == attempt.c.campaign_id)
    found: dict[tuple[str, date], list[int]] = {}
    with db.begin() as tx:
        for row in tx.execute(query.where(attempt.c.remote_sid.is_not(None))):
            if SINCE <= row.started_at < UNTIL:
                day = found.setdefault((row.line, row.started_at.astimezone(ZONE).date()), [0, 0])
                day[0] += 1
                day[1] += row.outcome in BY_PERSON
    return found


def counted(db: Database) -> dict[tuple[str, date], list[int]]:
    with db.begin() as tx:
        return {(row.line, row.day): [row.calls, row.answered] for row in by_day(tx, SINCE, UNTIL, ZONE)}


@pytest.fixture
def called(db, vault, clock) -> None:
    """Two lines; calls on each side of each midnight there, the last one still on the line."""
    first, second = running(db, vault, clock, 14), running(db, vault, clock, 4, 100, nombre_campana="Otra")
    set_campaign(db, second, line="uariv")
    times = ["22 23:59", "23 00:00", "23 10:15", "23 10:15", "23 23:59", "24 00:00", "24 23:59", "25 00:00"]
    for n, each in enumerate([*attempts_of(db, first), *attempts_of(db, second)]):
        put_on_the_line(db, each.id, f"CA{n}", moment(f"2026-11-{times[n % len(times)]}"))
        status, facts = FATES[n % len(FATES)]
        if n != 3:
            end(db, vault, clock.now(), each.id, status, **facts)


def test_as_many_as_there_are(called, db):
    expected = each_call(db)
    assert sorted(expected) == [(line, date(2026, 11, day)) for line in ("dgs", "uariv") for day in (23, 24)]
    assert counted(db) == expected
    assert sum(calls for calls, _ in expected.values()) > sum(answered for _, answered in expected.values()) > 0


def test_of_a_database_that_is_older_than_its_counts_too(called, db):
    expected = each_call(db)
    with db.begin() as tx:
        tx.execute(call_tally.delete())
        tx.execute(text("delete from counted"))
    assert counted(db) == expected


def test_a_campaign_of_other_days_is_not_even_looked_at(called, db):
    with db.begin() as tx:
        assert not by_day(tx, SINCE - timedelta(days=90), SINCE - timedelta(days=60), ZONE)


@pytest.mark.parametrize("outcome", Outcome)
def test_the_database_and_the_reports_mean_the_same_by_answered(db, outcome):
    """The one definition, and what the triggers say."""
    with db.begin() as tx:
        said = tx.execute(
            text(f"select {ANSWERED.format('cast(:outcome as text)')}"), {"outcome": outcome}
        ).scalar_one()
    assert said == (outcome in BY_PERSON)
