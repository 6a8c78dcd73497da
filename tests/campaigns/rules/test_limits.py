"""How often a person or a telephone may be called, as a table."""

from datetime import datetime, timedelta

import pytest

from campaigns.outcomes import Outcome as O
from campaigns.rules.hours import Window
from campaigns.rules.limits import Call, Held, Limit, Limits, held_by
from core.countries import COUNTRIES

WINDOW = Window(COUNTRIES["SV"])


def at(told: str) -> datetime:
    """``10:00`` is of Monday the 23rd; ``24 10:00`` of that day."""
    day, _, hour = told.rpartition(" ")
    return datetime.fromisoformat(f"2026-11-{day or '23'}T{hour}:00-06:00")


def held(calls: list[tuple[str, O | None]], now: str, limits: Limits | None = None) -> Held | None:
    return held_by([Call(at(when), outcome) for when, outcome in calls], limits or Limits(), WINDOW, at(now))


@pytest.mark.parametrize(
    ("calls", "now", "limit", "until"),
    [
        # three hours between calls, whatever came of them
        ([("10:00", O.NO_ANSWER)], "12:59", Limit.BETWEEN, "13:00"),
        ([("10:00", O.NO_ANSWER)], "13:00", None, None),
        ([("10:00", None)], "10:01", Limit.BETWEEN, "13:00"),  # under way
        ([("10:00", O.TECHNICAL)], "10:01", Limit.BETWEEN, "13:00"),  # nobody knows whether it rang
        ([("10:00", O.BUSY)], "10:20", None, None),  # it did not ring
        ([("10:00", O.FAILED)], "10:01", None, None),
        # two a day
        ([("08:00", O.NO_ANSWER), ("11:00", O.HUNG_UP)], "15:00", Limit.CALLS, "24 00:00"),
        ([("08:00", O.BUSY), ("08:20", O.BUSY)], "12:00", Limit.CALLS, "24 00:00"),
        ([("08:00", O.FAILED), ("08:01", O.NO_ANSWER)], "12:00", None, None),
        ([("20 08:00", O.NO_ANSWER), ("20 17:00", O.NO_ANSWER)], "08:00", None, None),
        # one conversation with the person a day
        ([("08:00", O.FAILED_SECURITY)], "15:00", Limit.CONTACTS, "24 00:00"),
        ([("08:00", O.MESSAGE_COMPLETE)], "15:00", Limit.CONTACTS, "24 00:00"),
        ([("08:00", O.NOT_HERE)], "15:00", None, None),  # somebody else answered
        # three a week
        (
            [("17 09:00", O.MESSAGE_COMPLETE), ("18 10:00", O.MESSAGE_PARTIAL), ("20 11:00", O.COLLECTED)],
            "08:00",
            Limit.WEEK,
            "24 09:00",
        ),
        (
            [("17 09:00", O.MESSAGE_COMPLETE), ("18 10:00", O.MESSAGE_PARTIAL), ("20 11:00", O.COLLECTED)],
            "24 09:00",
            None,
            None,
        ),
        ([("17 09:00", O.NO_ANSWER)] * 5, "08:00", None, None),
        # of several, the one that lasts longest
        ([("08:00", O.NO_ANSWER), ("16:00", O.NO_ANSWER)], "17:00", Limit.CALLS, "24 00:00"),
        ([], "08:00", None, None),
    ],
)
def test_the_limit_that_forbids_a_call(calls, now, limit, until):
    assert held(calls, now) == (Held(limit, at(until)) if limit else None)


def test_an_institution_sets_its_own():
    limits = Limits(calls_a_day=1, between_calls=timedelta(hours=6), contacts_a_day=1, contacts_a_week=1)
    assert held([("08:00", O.NO_ANSWER)], "15:00", limits) == Held(Limit.CALLS, at("24 00:00"))
    assert held([("20 08:00", O.MESSAGE_COMPLETE)], "15:00", limits) == Held(Limit.WEEK, at("27 08:00"))


def test_a_day_is_the_citizens():
    late = [Call(at("17:00"), O.NO_ANSWER), Call(at("20:00"), O.NO_ANSWER)]  # 23:00 and 02:00 in UTC
    assert held_by(late, Limits(), WINDOW, at("23:30")) == Held(Limit.CALLS, at("24 00:00"))
