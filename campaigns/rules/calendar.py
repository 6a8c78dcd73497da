"""When a campaign, or one person of it, may be called, by everything that the database knows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Text, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.rules.hours import Window, window_of
from campaigns.rules.preference import span_of
from campaigns.rules.zones import OTHER_ZONES
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from core.closed_days import closed_days


def window_for(
    tx: Connection, row: Row, person: Row | None = None, *, closed: Mapping[str, frozenset[date]] | None = None
) -> Window:
    """The window of a campaign (its row), or of one person of it (their recipient's row: ``zone``, ``preferred``).

    ``closed``: the days of every country, where they have been read already (``every_closed_day``).
    """
    days = closed_days(tx, row.country) if closed is None else closed.get(row.country, frozenset())
    window = replace(window_of(row), closed=days)
    return window if person is None else of_person(window, person.zone, person.preferred)


def begins_at(window: Window, row: Row, now: datetime) -> datetime:
    """The first moment from ``now`` on at which a campaign (its row) calls or writes; of one that is over, when it
    was: what is said of a month is said of that one."""
    asked = max(row.starts_at, row.finished_at or now)
    return window.next_open(asked) or asked


def of_person(window: Window, zone: str | None, preferred: str | None) -> Window:
    """A campaign's window as it is for somebody of this zone and these preferred hours."""
    if zone is None and preferred is None:
        return window
    return replace(window, zone=ZoneInfo(zone) if zone else None, preferred=span_of(preferred))


def windows_for(tx: Connection, row: Row) -> list[Window]:
    """A campaign's window in each zone in which it still has people: the country's own first."""
    window = window_for(tx, row)
    return [window, *(of_person(window, zone, None) for zone in other_zones(tx, row.id, row.country))]


def is_open_anywhere(
    tx: Connection, row: Row, now: datetime, *, closed: Mapping[str, frozenset[date]] | None = None
) -> bool:
    """Whether it is a legal hour for anybody of the campaign: for the country's own people or, where it has others,
    theirs. The others are only looked for while the country's own hours are closed."""
    window = window_for(tx, row, closed=closed)
    if window.is_open(now):
        return True
    open_zones = [zone for zone in OTHER_ZONES.get(row.country, ()) if of_person(window, zone, None).is_open(now)]
    return bool(open_zones) and any(zone in open_zones for zone in other_zones(tx, row.id, row.country))


def with_days_left(tx: Connection, now: datetime, country: str) -> list[Row]:
    """The country's campaigns that are approved and not over, and have a legal moment left, by the days closed now."""
    states = (CampaignState.APPROVED, CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
    query = select(campaign).where(campaign.c.country == country, campaign.c.state.in_(states)).order_by(campaign.c.id)
    return [row for row in tx.execute(query).all() if has_days_left(tx, row, now)]


def has_days_left(tx: Connection, row: Row, now: datetime) -> bool:
    """Whether there is a legal moment for anybody of the campaign, from ``now`` on and in its period."""
    return any(window.next_open(max(row.starts_at, now)) is not None for window in windows_for(tx, row))


def other_zones(tx: Connection, campaign_id: int, country: str) -> Sequence[str]:
    """The zones beside the country's own in which somebody of the campaign may still be called."""
    known = OTHER_ZONES.get(country, ())
    if not known:
        return ()
    zone = func.unnest(literal(list(known), ARRAY(Text))).column_valued("zone")
    somebody = (
        select(recipient.c.id)
        .where(recipient.c.campaign_id == campaign_id, recipient.c.zone == zone, recipient.c.zone.is_not(None))
        .where(~recipient.c.is_final)
        .exists()
    )
    return tx.execute(select(zone).where(somebody)).scalars().all()
