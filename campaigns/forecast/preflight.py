"""What a campaign will be, for whoever decides whether it is: who is called, until when, for how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Row, func, select

from campaigns.forecast.estimate import Estimate, Pace, Plan, Promised, estimate
from campaigns.forecast.excused import Excused, excluded_phones, excused
from campaigns.forecast.followed import Stage
from campaigns.forecast.rates import Rates, rates_of
from campaigns.forecast.tariffs import Tariff
from campaigns.life import NoSuchCampaign
from campaigns.outcomes import Outcome
from campaigns.rules.calendar import window_for
from campaigns.rules.policy import policy_of
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from campaigns.upload.vocabulary import Mode

#: What shares the trunk soon or now. A paused one promises nothing.
_UNDER_WAY = (CampaignState.APPROVED, CampaignState.SCHEDULED, CampaignState.RUNNING)
_MOST_OTHERS = 20


@dataclass(frozen=True)
class Others:
    """What is promised to other campaigns of the trunk: how many there are, and their calls in our period's days."""

    campaigns: int
    calls: float


@dataclass(frozen=True)
class Preflight:
    """``people`` = ``dialled`` + ``excused.people``. ``begins_at``: the first legal moment, None where there is none;
    ``estimate`` and ``pace`` are None where operators call: nobody knows how fast they will; ``cost``: None without a
    tariff."""

    people: int
    dialled: int
    excused: Excused
    excluded_phones: int
    begins_at: datetime | None
    estimate: Estimate | None
    rates: Rates
    pace: Pace | None
    others: Others
    tariff: Tariff | None
    cost: Decimal | None

    @property
    def minutes(self) -> float:
        return self.estimate.minutes(self.rates) if self.estimate else 0.0


def preflight(
    tx: Connection,
    now: datetime,
    campaign_id: int,
    pace: Pace,
    seconds: Mapping[Outcome, float],
    tariff: Tariff | None = None,
) -> Preflight:
    """As the campaign stands at ``now``. ``seconds``: how long a call of each outcome lasts (``rates.seconds_of``);
    ``tariff``: its trunk's. Raises NoSuchCampaign."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    never = excused(tx, row)
    crowd = _crowd(tx, row.id)
    for phones, people in never.by_phones.items():
        crowd[Stage(0, phones)] = max(crowd.get(Stage(0, phones), 0.0) - people, 0.0)
    dialled = round(sum(crowd.values()))
    window, rates = window_for(tx, row), rates_of(tx, now, row.country, seconds)
    starts_at = max(row.starts_at, now)
    told: Estimate | None = None
    promised: list[Promised] = []
    if row.mode == Mode.AUTOMATICA:
        promised = _promised(tx, now, row, pace, rates)
        told = estimate(crowd, _plan(tx, row, now), pace, rates, promised)
    return Preflight(
        people=dialled + never.people,
        dialled=dialled,
        excused=never,
        excluded_phones=excluded_phones(tx, row),
        begins_at=window.next_open(starts_at),
        estimate=told,
        rates=rates,
        pace=pace if told else None,
        others=Others(len(promised), _in_our_days(promised, told)),
        tariff=tariff,
        cost=cost_of(told, rates, tariff) if told and tariff else None,
    )


def cost_of(told: Estimate, rates: Rates, tariff: Tariff) -> Decimal:
    """What the calls of an estimate cost."""
    each = {outcome: tariff.cost(rates.seconds.get(outcome, 0.0)) for outcome in told.by_outcome}
    return sum((Decimal(calls) * each[outcome] for outcome, calls in told.by_outcome.items()), Decimal(0))


def _plan(tx: Connection, row: Row, now: datetime) -> Plan:
    starts_at = max(row.starts_at, now)
    return Plan(window_for(tx, row), starts_at, row.max_attempts, policy_of(row.country), row.share)


def _crowd(tx: Connection, campaign_id: int) -> dict[Stage, float]:
    """Who may still be called, by the calls placed to them and the telephones that are not spent."""
    alike = (recipient.c.attempts, recipient.c.phones, recipient.c.spent)
    left = (recipient.c.campaign_id == campaign_id, ~recipient.c.is_final, recipient.c.phones > 0)
    crowd: dict[Stage, float] = {}
    for attempts, phones, spent, people in tx.execute(select(*alike, func.count()).where(*left).group_by(*alike)):
        stage = Stage(attempts, phones - spent.bit_count())
        crowd[stage] = crowd.get(stage, 0.0) + people
    return crowd


def _promised(tx: Connection, now: datetime, ours: Row, pace: Pace, rates: Rates) -> list[Promised]:
    """What the campaigns that go before ours, or take turns with it, will ask of its trunk. Each is estimated beside
    those that go before it; what comes after ours takes nothing from it."""
    rank = (not ours.is_urgent, ours.priority)
    query = (
        select(campaign)
        .where(campaign.c.state.in_(_UNDER_WAY), campaign.c.trunk == ours.trunk, campaign.c.id != ours.id)
        .where(campaign.c.ends_on >= ours.starts_at.date())
        .order_by(campaign.c.is_urgent.desc(), campaign.c.priority, campaign.c.id)
        .limit(_MOST_OTHERS)
    )
    found: list[Promised] = []
    for other in tx.execute(query).all():
        its = (not other.is_urgent, other.priority)
        if its > rank:
            break
        told = estimate(_crowd(tx, other.id), _plan(tx, other, now), pace, rates, found)
        if told.calls:
            found.append(Promised(told.by_day, other.share if its == rank else None))
    return found


def _in_our_days(promised: list[Promised], told: Estimate | None) -> float:
    days = told.by_day if told else {}
    return sum(each.by_day.get(day, 0.0) for each in promised for day in days)
