"""What the database counts, against a campaign in which every fate of a call happened once."""

import re
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from campaigns.outcomes import Outcome
from campaigns.status import status_of
from campaigns.submission import submit
from campaigns.tables import recipient
from demo.invent import citizen, formato
from reports.counting import ReportedHour, Try, counted
from tests.campaigns.builders import COORDINATOR, LINES
from tests.reports.builders import called, finished

ZONE = ZoneInfo("America/El_Salvador")


@pytest.fixture
def found(db, vault, clock):
    campaign_id = called(db, vault, clock)
    with db.begin() as tx:
        return counted(tx, campaign_id, ZONE, requested=20)


@pytest.mark.parametrize(
    ("what", "many"),
    {
        **{"requested": 20, "received": 14, "rejected": 0, "loaded": 14, "called": 12},
        "contacted": 6,  # collected, heard, part of it, failed security, wrong number, no more calls
        "confirmed": 4,  # without the last two of who spoke with us
        "met": 2,
        **{"passed": 4, "failed": 1},
        "with_bad_number": 1,
        "opted_out": 1,
        **{"calls": 12, "answered": 10, "by_machine": 2, "by_person": 8},
        "heard_whole": 2,
        "unspoken": 1,  # answered by a person, and nothing was said
    }.items(),
)
def test_each_fact_is_counted_once(found, what, many):
    assert getattr(found.counts, what) == many


def test_the_last_outcome_of_each_record(found):
    assert found.outcomes[Outcome.COLLECTED] == 1
    assert found.outcomes[Outcome.MACHINE_WITH_MESSAGE] == 1
    assert found.outcomes[None] == 2
    assert sum(found.outcomes.values()) == 14


def test_tries_and_hours(found):
    assert found.tries == [Try(1, 12, 6)]
    assert found.hours == [ReportedHour(10, 12, 10, 8)]


def test_who_was_never_reached_is_told_once_nothing_more_will_be_tried(db, vault, clock):
    campaign_id = finished(db, vault, clock, max_intentos="1")
    with db.begin() as tx:
        counts = counted(tx, campaign_id, ZONE, requested=14).counts
    assert counts.unreached == 6  # two machines, two without a word, no answer, busy
    assert counts.pending == 0


def test_the_base_stays_as_people_prove_to_have_only_others_telephones(db, vault, clock):
    """Of the live page as of the report: what was approved is what percentages are of."""
    campaign_id = called(db, vault, clock)
    before = bases(db, clock, campaign_id)
    with db.begin() as tx:
        last = recipient.c.id.in_(select(func.max(recipient.c.id)).where(recipient.c.campaign_id == campaign_id))
        tx.execute(update(recipient).where(last).values(outcome=Outcome.INVALID_PHONE, is_final=True))
        assert status_of(tx, clock.now(), campaign_id).outcomes[Outcome.INVALID_PHONE] == 1
    assert bases(db, clock, campaign_id) == before == (14, 14)


def test_a_row_in_error_was_never_of_the_base(db, vault, clock):
    people = formato([citizen(number) for number in range(40)]).decode()
    (only_phone,) = citizen(1).phones
    bad = people.replace(only_phone, "12")
    campaign_id = submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", bad.encode()).id
    assert bases(db, clock, campaign_id) == (39, 39)


def bases(db, clock, campaign_id: int) -> tuple[int, int]:
    """(of the live page, of the report)."""
    with db.begin() as tx:
        report = counted(tx, campaign_id, ZONE, requested=14).counts
        return status_of(tx, clock.now(), campaign_id).loaded, report.loaded


def test_without_questions_nobody_was_asked(db, vault, clock):
    campaign_id = called(db, vault, clock)
    with db.begin() as tx:
        counts = counted(tx, campaign_id, ZONE, requested=14, asks=False).counts
    assert (counts.passed, counts.failed) == (0, 0)


def test_where_an_operator_is_on_the_line_nobody_is_left_waiting(db, vault, clock):
    campaign_id = called(db, vault, clock)
    with db.begin() as tx:
        counts = counted(tx, campaign_id, ZONE, requested=14, by_operators=True).counts
    assert counts.unspoken == 0


def test_rows_without_a_usable_telephone_are_wrong_numbers_too(db, vault, clock):
    """Four of 40 were rejected for their telephones, one for its document; two avisos about a second telephone."""
    lines = formato([citizen(n) for n in range(40)]).decode().split("\r\n")
    first = len(lines) - 40
    for n in range(4):
        lines[first + n] = re.sub(r"\+503\d+", "7123", lines[first + n])
    lines[first + 4] = lines[first + 4].replace(";DUI;", ";DUI;9")
    for n in (5, 6):
        lines[first + n] = re.sub(r";(\+503\d+)?$", ";7123", lines[first + n])
    number = submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", "\r\n".join(lines).encode()).id
    with db.begin() as tx:
        counts = counted(tx, number, ZONE, requested=40).counts
    assert (counts.received, counts.rejected, counts.bad_numbers_at_load) == (40, 5, 4)


def test_another_campaign_is_not_counted(db, vault, clock):
    called(db, vault, clock)
    other = called(db, vault, clock, 3, nombre_campana="Otra", first=500)
    with db.begin() as tx:
        counts = counted(tx, other, ZONE, requested=3).counts
    assert (counts.received, counts.calls) == (3, 3)
