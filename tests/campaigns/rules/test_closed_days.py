"""Days that a supervisor takes out of the calendar, as a campaign heeds them."""

from datetime import date

from sqlalchemy import select

from campaigns.rules.calendar import window_for, windows_for
from campaigns.tables import campaign
from core.closed_days import DayKind, close
from tests.campaigns.builders import COORDINATOR, moment, running


def test_a_campaign_under_way_heeds_it_at_once(db, vault, clock):
    campaign_id = running(db, vault, clock, 1)

    def opens(at: str):
        with db.begin() as tx:
            row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
            assert len(windows_for(tx, row)) == 1
            return window_for(tx, row).next_open(moment(at))

    assert opens("2026-11-24 09:00") == moment("2026-11-24 09:00")
    with db.begin() as tx:
        close(tx, clock.now(), COORDINATOR, "SV", date(2026, 11, 24), date(2026, 11, 25), "Asueto", DayKind.ASUETO)
    assert opens("2026-11-24 09:00") == moment("2026-11-26 08:00")
