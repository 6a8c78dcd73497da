"""The dialer killed with -9 three times in mid-campaign: nobody is dialled twice, and nobody is forgotten.

In the suite half of the people of ``make whole``.
"""

import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assembly import Parts
from campaigns.tables import attempt
from core.database import Database
from tests.dialer.campaigns import is_finished, launch, people, personas_of, what_came, wrong_ends
from tests.service import service, wait_for
from tests.slow import IS_WHOLE

CONTACTS = 120 if IS_WHOLE else 60
KILLS_AFTER = (CONTACTS // 6, CONTACTS * 3 // 5, CONTACTS)  # calls placed; about twice as many as people in all


@pytest.mark.slow(110)
@pytest.mark.timeout(420)
def test_killed_three_times(db: Database, database_url: str, tmp_path: Path) -> None:
    citizens = people(CONTACTS)
    pace = {"CALLS_PER_SECOND": "25", "MAX_LIVE_CALLS": "60", "RING_SECONDS": "15"}

    with service(tmp_path, database_url, personas_of(citizens), **pace) as running:
        made = running.parts()
        campaign_id = launch(made, citizens)
        for calls in KILLS_AFTER:
            wait_for(lambda calls=calls: placed_so_far(made) >= calls, 120, f"{calls} calls")
            running.kill("dialer")
            running.start("dialer")
        wait_for(lambda: is_finished(made, campaign_id), 360, "the end of the campaign")
        came = what_came(made, campaign_id)
        made.db.close()
        asked = Counter(
            re.search(r"attempt=(\d+)", entry["plan"]["url"]).group(1)  # type: ignore[union-attr]
            for entry in running.ledger()
            if entry["kind"] == "call"
        )

    twice = {attempt_id: times for attempt_id, times in asked.items() if times > 1}
    assert twice == {}, "the carrier's ledger: no attempt was placed twice"
    assert wrong_ends(came) == []
    assert sum(asked.values()) == sum(len(calls) for _, calls in came.values())


def placed_so_far(made: Parts) -> int:
    with made.db.begin() as tx:
        return tx.execute(select(func.count()).where(attempt.c.remote_sid.is_not(None))).scalar_one()
