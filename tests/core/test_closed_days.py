"""Days that a supervisor takes out of the calendar."""

from datetime import date

import pytest
from sqlalchemy import select

from core import closed_days
from core.audit import audit
from core.closed_days import DayKind, close, reopen

DAY = date(2026, 11, 24)
SUPERVISOR = "supervisora@example.org"


def closed(db, clock, first=DAY, last=DAY, name="Asueto", country="SV") -> int:
    with db.begin() as tx:
        return close(tx, clock.now(), SUPERVISOR, country, first, last, name, DayKind.ASUETO)


def test_each_day_once_and_only_of_its_country(db, clock):
    assert closed(db, clock, DAY, date(2026, 11, 26)) == 3
    assert closed(db, clock) == 0
    assert closed(db, clock, country="CO") == 1
    with db.begin() as tx:
        assert closed_days.closed_days(tx, "SV") == {date(2026, 11, day) for day in (24, 25, 26)}
        assert closed_days.closed_days(tx, "MX") == frozenset()


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [(DAY, date(2026, 11, 23), "x"), (DAY, date(2027, 1, 24), "x"), (DAY, DAY, "  ")],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(db, clock, first, last, name):
    with pytest.raises(ValueError, match=r"\.$"):
        closed(db, clock, first, last, name)


def test_a_day_opened_again_may_be_closed_again(db, clock):
    closed(db, clock)
    with db.begin() as tx:
        (row,) = closed_days.listed(tx, "SV", DAY)
        assert reopen(tx, clock.now(), SUPERVISOR, row.id)
        assert not reopen(tx, clock.now(), SUPERVISOR, row.id)
        assert closed_days.closed_days(tx, "SV") == frozenset()
    assert closed(db, clock) == 1
    with db.begin() as tx:
        told = [row.action for row in tx.execute(select(audit).order_by(audit.c.id))]
    assert told == ["calendar.closed", "calendar.reopened", "calendar.closed"]
