"""The clock between full hours and closed ones: where few lines are busy it hurries, and never past the day's end."""

from datetime import timedelta

import pytest

from campaigns.rules.hours import Window
from core.countries import COUNTRIES
from core.rehearsal import RehearsalClock
from rehearsal.hurrying import Hurry, hurried
from tests.campaigns.builders import attempts_of, moment, put_on_the_line, running, set_attempt

SV = Window(COUNTRIES["SV"])
LINES = 10
TRUNK = "default"


@pytest.mark.parametrize(
    ("now", "due", "free", "found"),
    [
        pytest.param("10:00:00", ["10:00:20", "10:00:30"], 2, "10:00:30", id="until as many are due as lines are free"),
        pytest.param("10:00:00", ["10:00:20", "10:00:30"], 3, "10:01:00", id="a step, where fewer are to come"),
        pytest.param("10:00:00", ["10:00:20", "10:40:00"], 2, "10:01:00", id="never a long step"),
        pytest.param("10:00:00", ["10:20:00"], 5, "10:01:00", id="not past what a call on the line may be followed by"),
        pytest.param("10:00:00", ["09:59:00", "10:00:30"], 2, None, id="somebody is due already"),
        pytest.param("10:00:00", [], 5, None, id="nobody is to come"),
        pytest.param("10:00:00", ["10:00:20"], 0, None, id="every line is busy"),
        pytest.param("17:59:30", ["17:59:50"], 5, None, id="the day would be over"),
        pytest.param("07:59:30", ["08:00:10"], 5, None, id="the day has not begun"),
    ],
)
def test_the_moment_to_go_on_to(now, due, free, found):
    at = lambda hour: moment(f"2026-11-23 {hour}")  # noqa: E731
    assert hurried(at(now), [at(each) for each in due], free, SV) == (at(found) if found else None)


@pytest.fixture
def make(db):
    """(its clock, the hurry of a campaign, how often the carrier was told)."""

    def made(campaign_id: int, lines: int = LINES) -> tuple[RehearsalClock, Hurry, list[None]]:
        clock, told = RehearsalClock(db, moment("2026-11-23 10:00"), speed=10), list[None]()
        return clock, Hurry(db, clock, campaign_id, TRUNK, lines, lambda: told.append(None)), told

    return made


def test_while_few_are_on_the_line_the_clock_goes_on_and_the_carrier_is_told(db, vault, clock, make):
    campaign_id = running(db, vault, clock, 2)
    first, second = attempts_of(db, campaign_id)
    put_on_the_line(db, first.id, "CA1", clock.now())
    set_attempt(db, second.id, due_at=moment("2026-11-23 10:30"))
    rehearsed, hurry, told = make(campaign_id)
    before = rehearsed.now()
    assert hurry.look()
    assert timedelta(seconds=59) < rehearsed.now() - before < timedelta(seconds=90)
    assert len(told) == 1


@pytest.mark.parametrize("why", ["the lines are full", "it is due at once", "it comes by itself"])
def test_it_does_not_hurry(db, vault, clock, make, why):
    campaign_id = running(db, vault, clock, LINES + 2)
    *others, last = attempts_of(db, campaign_id)
    on_the_line = 8 if why == "the lines are full" else 2
    for number, each in enumerate(others):
        if number < on_the_line:
            put_on_the_line(db, each.id, f"CA{number}", clock.now())
        else:
            set_attempt(db, each.id, state="withdrawn")
    # Of four lines three are enough: with one free, it is waited for whoever comes before the next look anyway.
    rehearsed, hurry, told = make(campaign_id, 4 if why == "it comes by itself" else LINES)
    waits = {"the lines are full": timedelta(minutes=30), "it is due at once": timedelta()}
    set_attempt(db, last.id, due_at=rehearsed.now() + waits.get(why, timedelta(seconds=1.5)))
    assert not hurry.look()
    assert told == []


def test_it_notes_from_when_to_when_the_lines_were_full(db, vault, clock, make):
    campaign_id = running(db, vault, clock, LINES)
    rows = attempts_of(db, campaign_id)
    for number, each in enumerate(rows):
        put_on_the_line(db, each.id, f"CA{number}", clock.now())
    rehearsed, hurry, _ = make(campaign_id)
    for line in ("full", "full", "free", "full"):
        for each in rows[:5]:
            set_attempt(db, each.id, state="placed" if line == "full" else "ended")
        hurry.look()
    (first, second), (third, same) = hurry.full
    assert first < second < third == same <= rehearsed.now()
