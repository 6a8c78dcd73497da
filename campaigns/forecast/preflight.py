"""What a campaign will be, for whoever decides whether it is: who is called, until when, for how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, select

from campaigns.forecast.crowds import people_in
from campaigns.forecast.estimate import Estimate, Pace, Promised
from campaigns.forecast.excused import Excused, Reason, excluded_phones, excused, label_of
from campaigns.forecast.foreseen import foreseen
from campaigns.forecast.overlap import MOST, Shared, shared
from campaigns.forecast.rates import Rates
from campaigns.forecast.remembered import said_eight_elsewhere, wrong_numbers
from campaigns.forecast.text_costs import TextCosts
from campaigns.life import NoSuchCampaign
from campaigns.outcomes import Outcome
from campaigns.readers import is_open
from campaigns.rules.calendar import has_days_left, window_for
from campaigns.states import TEXTS
from campaigns.tables import campaign
from core.tariffs import Tariff


@dataclass(frozen=True)
class Others:
    """What is promised to other campaigns of the trunk: how many there are, and their calls in our period's days."""

    campaigns: int
    calls: float


@dataclass(frozen=True)
class Preflight:
    """``people`` = ``dialled`` + ``excused.people``. ``begins_at``: the first legal moment, None where there is none;
    ``estimate`` and ``pace`` are None where operators call: nobody knows how fast they will; ``cost``: of the calls,
    None without a tariff; ``texts``: what its texts take, None where it sends none; ``shared``: campaigns that may call
    some of the same people; ``wrong_numbers``: people who are not looked for on a telephone of theirs; ``said_eight``:
    who pressed 8 in another campaign, and is called in this one."""

    people: int
    dialled: int
    excused: Excused
    excluded_phones: int
    wrong_numbers: int
    said_eight: int
    begins_at: datetime | None
    estimate: Estimate | None
    rates: Rates
    pace: Pace | None
    others: Others
    shared: list[Shared]
    tariff: Tariff | None
    cost: Decimal | None
    texts: TextCosts | None = None

    @property
    def minutes(self) -> float:
        return self.estimate.minutes(self.rates) if self.estimate else 0.0

    @property
    def billed_minutes(self) -> Decimal | None:
        """Those that are paid for, each call rounded up by itself: times the tariff they are the cost. None where
        nothing is known of a cost, or a minute costs nothing."""
        if self.cost is None or self.tariff is None or not self.tariff.a_minute:
            return None
        return self.cost / self.tariff.a_minute


def preflight(
    tx: Connection,
    now: datetime,
    campaign_id: int,
    pace: Pace,
    seconds: Mapping[Outcome, float],
    tariff: Tariff | None = None,
    seen: ColumnElement[bool] | None = None,
    *,
    past: Rates | None = None,
    most_shared: int | None = MOST,
    unreachable: Sequence[int] = (),
) -> Preflight:
    """As the campaign stands at ``now``. ``seconds``: how long a call of each outcome lasts (``rates.seconds_of``);
    ``tariff``: its trunk's; ``seen``: which other campaigns the reader may know of, None: those that are not reserved;
    ``past``: as foreseen.foreseen takes it; ``most_shared``: of the other campaigns, None: all;
    ``unreachable``: of unreachable.unreachable. Raises NoSuchCampaign.
    """
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    never, found = excused(tx, row, unreachable), foreseen(tx, now, row, pace, seconds, past, unreachable)
    told, dialled = found.estimate, round(people_in(found.crowds))
    if dialled and not has_days_left(tx, row, now):
        late = Reason(Outcome.EXPIRED.value, label_of(Outcome.EXPIRED), dialled)
        never, dialled = Excused([late, *never.reasons]), 0
    return Preflight(
        people=dialled + never.people,
        dialled=dialled,
        excused=never,
        excluded_phones=excluded_phones(tx, row),
        wrong_numbers=wrong_numbers(tx, row),
        said_eight=said_eight_elsewhere(tx, row),
        begins_at=window_for(tx, row).next_open(max(row.starts_at, now)),
        estimate=told,
        rates=found.rates,
        pace=pace if told else None,
        others=Others(len(found.promised), _in_our_days(found.promised, told)),
        shared=shared(tx, row, is_open() if seen is None else seen, most_shared),
        tariff=tariff,
        cost=cost_of(told, found.rates, tariff) if told and tariff and row.mode != TEXTS else None,
    )


def cost_of(told: Estimate, rates: Rates, tariff: Tariff) -> Decimal:
    """What the calls of an estimate cost."""
    each = {outcome: tariff.cost(rates.seconds.get(outcome, 0.0)) for outcome in told.by_outcome}
    return sum((Decimal(calls) * each[outcome] for outcome, calls in told.by_outcome.items()), Decimal(0))


def _in_our_days(promised: list[Promised], told: Estimate | None) -> float:
    days = told.by_day if told else {}
    return sum(each.by_day.get(day, 0.0) for each in promised for day in days)
