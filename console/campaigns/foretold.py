"""When a campaign that is under way will end, told as its preflight tells it: the same estimate, of what is left."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row

from campaigns.forecast.foreseen import foreseen
from campaigns.forecast.rates import Rates, rates_of, seconds_of
from campaigns.states import CampaignState
from console.campaigns.ends import End, ends_of
from console.campaigns.samples import samples_of
from console.office import Office
from core.remembered import Remembered

UNDER_WAY = frozenset({CampaignState.APPROVED, CampaignState.SCHEDULED, CampaignState.RUNNING})
_SOON = timedelta(minutes=2)  # nearer than that nothing is foretold: the last calls are going on


def end_of(here: Office, now: datetime, row: Row) -> End | None:
    """When a campaign (its row) will end; None where nobody can tell: it does not dial, or operators call."""
    if row.state not in UNDER_WAY or not row.country:
        return None
    told = ends_of(here).of(row.id, row.state, lambda: _tell(here, now, row))
    return None if told and told.at and told.at < now + _SOON else told


def _tell(here: Office, now: datetime, row: Row) -> End | None:
    """In a transaction of its own: whoever looked does not wait for it."""
    pace = here.pace_of(row)
    with here.db.begin() as tx:
        found = foreseen(tx, now, row, pace, seconds_of(samples_of(here, tx, row)), past_of(here, tx, now, row))
    if found.estimate is None:
        return None
    return End(found.estimate.ends_at, round(found.estimate.unreached), found.rates.calls)


def past_of(here: Office, tx: Connection, now: datetime, row: Row) -> Rates:
    """What came of the institution's calls in the country of a campaign (its row), without their lengths: of a million
    calls it is counted once in a while."""
    known: Remembered[Rates] = here.keep("past", lambda: Remembered(here.freshness.remember_s))
    return known.of(row.country, lambda: rates_of(tx, now, row.country, {}))
