"""What is left of a campaign, estimated beside the others of its trunk: for its preflight, and for who watches it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, select

from campaigns.forecast.crowds import Crowds, crowds
from campaigns.forecast.estimate import Estimate, Pace, Plan, Promised, estimate
from campaigns.forecast.excused import left_out
from campaigns.forecast.rates import Rates, rates_of
from campaigns.outcomes import Outcome
from campaigns.rules.calendar import window_for
from campaigns.rules.policy import policy_of
from campaigns.states import TEXTS, CampaignState
from campaigns.tables import campaign
from campaigns.upload.vocabulary import Mode

#: What shares the trunk soon or now. A paused one promises nothing.
_UNDER_WAY = (CampaignState.APPROVED, CampaignState.SCHEDULED, CampaignState.RUNNING)
_MOST_OTHERS = 20
#: Whoever was sent a text is done with, as whoever heard a message to its end.
_ONE_EACH = {Outcome.MESSAGE_COMPLETE: 1.0}


@dataclass(frozen=True)
class Foreseen:
    """``crowds``: who may still be called; ``rates``: what is assumed of a call; ``promised``: to campaigns that go
    before it or take turns with it. ``estimate``: None where operators call, nobody knows how fast they will."""

    crowds: Crowds
    rates: Rates
    estimate: Estimate | None
    promised: list[Promised]


def foreseen(
    tx: Connection,
    now: datetime,
    row: Row,
    pace: Pace,
    seconds: Mapping[Outcome, float],
    past: Rates | None = None,
    unreachable: Sequence[int] = (),
) -> Foreseen:
    """Of a campaign (its row) as it stands at ``now``. ``seconds``: how long a call of each outcome lasts
    (``rates.seconds_of``); ``past``: what came of the calls of this country until now, None: it is counted. Whoever
    stands on an exclusion list is not called, nor those who are ``unreachable`` (unreachable.py)."""
    left = crowds(tx, now, row, without=left_out(row, unreachable))
    rates = rates_of(tx, now, row.country, seconds) if past is None else replace(past, seconds=seconds)
    if row.mode == TEXTS:
        rates = Rates(_ONE_EACH, {})
    elif row.mode != Mode.AUTOMATICA:
        return Foreseen(left, rates, None, [])
    promised = _promised(tx, now, row, pace, rates)
    return Foreseen(left, rates, _estimated(tx, now, row, left, pace, rates, promised), promised)


def _estimated(
    tx: Connection, now: datetime, row: Row, left: Crowds, pace: Pace, rates: Rates, promised: list[Promised]
) -> Estimate:
    plan = Plan(window_for(tx, row), max(row.starts_at, now), row.max_attempts, policy_of(row.country), row.share)
    later = {due: crowd for due, crowd in left.items() if due is not None}
    return estimate(left.get(None, {}), plan, pace, rates, promised, later)


def _promised(tx: Connection, now: datetime, ours: Row, pace: Pace, rates: Rates) -> list[Promised]:
    """What the campaigns that go before ours, or take turns with it, will ask of its trunk. Each is estimated beside
    those that go before it; what comes after ours takes nothing from it."""
    rank = (not ours.is_urgent, ours.priority)
    same_kind = (campaign.c.mode == TEXTS) == (ours.mode == TEXTS)  # texts and calls have each a pace of their own
    query = (
        select(campaign)
        .where(campaign.c.state.in_(_UNDER_WAY), campaign.c.trunk == ours.trunk, campaign.c.id != ours.id, same_kind)
        .where(campaign.c.ends_on >= ours.starts_at.date())
        .order_by(campaign.c.is_urgent.desc(), campaign.c.priority, campaign.c.id)
        .limit(_MOST_OTHERS)
    )
    found: list[Promised] = []
    for other in tx.execute(query).all():
        its = (not other.is_urgent, other.priority)
        if its > rank:
            break
        told = _estimated(tx, now, other, crowds(tx, now, other), pace, rates, found)
        if told.calls:
            found.append(Promised(told.by_day, other.share if its == rank else None))
    return found
