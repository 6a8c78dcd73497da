"""The calls of campaigns by line and day, of the minutes that are counted already: no call is looked at again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, Row, cast, func, literal, literal_column, select, union_all

from campaigns.counting import tally
from campaigns.counting.tables import call_tally
from campaigns.states import LIVE
from campaigns.tables import attempt, campaign

_A_DAY = timedelta(days=1)  # a campaign's last day, and the day of ``since``, may be those of different zones
_IS_LIVE = attempt.c.state.in_([literal_column(f"'{state}'") for state in LIVE])  # written out: an index has them


def by_day(tx: Connection, since: datetime, until: datetime, zone: ZoneInfo) -> Sequence[Row]:
    """(line, day, calls, answered) of the calls that began from ``since`` on and before ``until``, whole minutes both;
    days are those of ``zone``. ``answered``: by a person (campaigns.outcomes.BY_PERSON); of a call that is on the line
    it is not known yet."""
    query = select(campaign.c.id).where(campaign.c.starts_at < until, campaign.c.ends_on >= (since - _A_DAY).date())
    ids = tx.execute(query).scalars().all()
    tally.count_who_was_not(tx, ids)
    over = select(call_tally.c.campaign_id, call_tally.c.minute, call_tally.c.calls, call_tally.c.answered).where(
        call_tally.c.campaign_id.in_(ids), call_tally.c.minute >= since, call_tally.c.minute < until
    )
    live = select(attempt.c.campaign_id, attempt.c.started_at, literal(1), literal(0)).where(
        _IS_LIVE, attempt.c.remote_sid.is_not(None), attempt.c.started_at >= since, attempt.c.started_at < until
    )
    call = union_all(over, live).subquery()
    day = cast(func.timezone(zone.key, call.c.minute), Date).label("day")
    sums = (func.sum(call.c.calls).label("calls"), func.sum(call.c.answered).label("answered"))
    found = select(campaign.c.line, day, *sums).join(campaign, campaign.c.id == call.c.campaign_id)
    return tx.execute(found.group_by(campaign.c.line, day)).all()
