"""What the copy tells of itself once its campaign is over."""

from datetime import datetime, timedelta

import pytest

from rehearsal.measuring import calls_of
from tests.campaigns.builders import attempts_of, moment, running, set_attempt

RING_S = 12.0
TALKED_S = 40


def at(hour: str) -> datetime:
    return moment(f"2026-11-23 {hour}")


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """Four calls of one length: what each kept its line for besides is its extra."""
    campaign_id = running(db, vault, clock, 4)
    extra = {"10:00:10": 2, "10:00:20": 6, "10:00:30": 300, "11:00:00": 900}  # an hour later the clock hurried
    for number, (row, (began, more)) in enumerate(zip(attempts_of(db, campaign_id), extra.items(), strict=True)):
        ended = at(began) + timedelta(seconds=TALKED_S + RING_S + more)
        told = {"state": "ended", "outcome": "contacto_titular.mensaje_completo", "duration_s": TALKED_S}
        set_attempt(db, row.id, remote_sid=f"CA{number}", started_at=at(began), ended_at=ended, **told)
    return campaign_id


@pytest.mark.parametrize(
    ("full", "extra_s"),
    [
        ([("10:00:00", "10:01:00")], 6),
        ([("10:00:00", "10:00:15"), ("10:00:25", "10:00:40")], 151),
        ([("10:00:00", "10:00:30")], 4),  # it ends before the third one began
        ([("10:30:00", "10:40:00")], 0),
        ([], 0),
    ],
)
def test_what_the_machine_added_is_seen_where_the_lines_were_full(db, campaign_id, full, extra_s):
    spans = [(at(since), at(until)) for since, until in full]
    with db.begin() as tx:
        calls = calls_of(tx, campaign_id, RING_S, spans)
    assert (calls.placed, calls.answered, calls.seconds) == (4, 4, 4 * TALKED_S)
    assert calls.extra_s == pytest.approx(extra_s)
