"""What is played: when it begins, at what pace, by whom, and how its end is told."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from assembly import Parts
from campaigns.forecast.rates import Rates, rates_of, seconds_of
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.outcomes import Outcome
from campaigns.rehearsals import book
from campaigns.rehearsals.report import Report
from campaigns.rules.calendar import window_for
from campaigns.sample import sample_calls
from campaigns.tables import campaign, recipient
from campaigns.upload.request import Request
from core.tariffs import Tariff
from rehearsal import measuring, people
from rehearsal.place import Tempo

CALLS_A_SECOND = 75.0  # real ones, that the service is driven at, at most: what two cores carry (docs/performance.md)
_GENTLY = 4.0  # at least: a small campaign is soon over, and the slower it goes the truer its curve
_WANTED_S = 120.0  # real seconds that the calls of a campaign of a moderate size may take
_CALLS_A_PERSON = 3  # or nearly: to everybody, and what follows hours and days later
_SLOWEST, _FASTEST = 1.0, 1000.0  # CLOCK_SPEED
_MUCH_LONGER = 0.15  # of a call's length
_ON_ITS_WAY_S = 0.1  # real seconds, at least, that a call is on its way through this machine and on no telephone


@dataclass(frozen=True)
class Course:
    """How it went: real seconds that it ``took_s`` in all, and ``dialled_s``; and when the lines were ``full``."""

    took_s: float
    dialled_s: float
    full: Sequence[measuring.Span]


@dataclass(frozen=True)
class Play:
    """Everything about one rehearsal that is known before it begins. ``right``: the answers of its copy."""

    start: datetime
    tempo: Tempo
    right: list[str]
    shares: Mapping[Outcome, float]
    rates: Rates
    told: people.Heard
    tariff: Tariff | None
    people_in_all: int
    period_ends: str
    can_keep_up: bool

    def personas(self, seed: int) -> str:
        """The carrier's file of people."""
        return people.personas(self.shares, self.told, 1 / self.tempo.speed, seed)

    def report(self, tx: Connection, campaign_id: int, rehearsed: int, course: Course) -> Report:
        """Of the copy whose campaign is over."""
        calls = measuring.calls_of(tx, campaign_id, people.RING_S, course.full)
        extra_s = max(calls.extra_s - _ON_ITS_WAY_S * self.tempo.speed, 0.0)  # than what the lent lines make up for
        return Report(
            people=rehearsed,
            people_in_all=self.people_in_all,
            calls=calls.placed,
            answered=calls.answered,
            seconds=calls.seconds,
            began_at=calls.began_at,
            ended_at=calls.ended_at,
            period_ends=self.period_ends,
            hours=measuring.hours_of(tx, campaign_id),
            outcomes=measuring.people_by_outcome(tx, campaign_id),
            call_outcomes=measuring.calls_by_outcome(tx, campaign_id),
            odds={each.value: round(share, 4) for each, share in self.shares.items()},
            odds_from=self.rates.calls,
            cost=measuring.cost_of(tx, campaign_id, self.tariff) if self.tariff else None,
            currency=self.tariff.currency if self.tariff else "",
            calls_per_second=self.tempo.calls_per_second,
            max_live_calls=self.tempo.max_live_calls,
            speed=self.tempo.speed,
            extra_seconds=round(extra_s, 1),
            is_slow=not self.can_keep_up or _was_held_up(calls, extra_s),
            took_seconds=round(course.took_s, 1),
            dialling_seconds=round(course.dialled_s, 1),
        )


def _was_held_up(calls: measuring.Calls, extra_s: float) -> bool:
    """Whether this machine, while lines were scarce, kept them much longer than the calls lasted."""
    return calls.answered > 0 and extra_s > _MUCH_LONGER * calls.seconds / calls.answered


def lent_lines(driven: float) -> int:
    """How many calls are on their way through this machine, of so many ``driven`` in each real second: between the end
    of one and the next on its line. In reality that takes next to nothing; here it would be seconds of the fast clock,
    and the trunk would have fewer lines than it has."""
    return math.floor(driven * _ON_ITS_WAY_S)


def speed_for(count: int, calls_per_second: float) -> float:
    """How fast the clock runs for so many people whom the trunk would call at that rate: for many, as fast as this
    machine carries; for few, slower, since whatever the machine takes to answer counts as much longer."""
    driven = min(CALLS_A_SECOND, max(_GENTLY, count * _CALLS_A_PERSON / _WANTED_S))
    return round(min(max(driven / calls_per_second, _SLOWEST), _FASTEST), 3)


def play_of(real: Parts, asked: Row) -> Play:
    """What the real database says of the campaign of a rehearsal (its row). Raises NoSuchCampaign, NotAllowed."""
    with real.db.begin() as tx:
        row = tx.execute(select(campaign).where(campaign.c.id == asked.campaign_id)).first()
        if row is None:
            raise NoSuchCampaign
        if why := book.why_not(tx, asked.asked_at, row):
            raise NotAllowed(why)
        start = window_for(tx, row).next_open(max(row.starts_at, asked.asked_at))
        catalog, line = real.world.catalogs.get(row.line), real.lines.get(row.line)
        if catalog is None or line is None:
            raise NotAllowed("Esta instalación no tiene la línea de esa campaña.")
        values = {"entidad": line.entidad, "numero": line.numbers[0], "operador": line.operador}
        samples = sample_calls(tx, real.vault, asked.asked_at, row.id, catalog, values)
        rates = rates_of(tx, asked.asked_at, row.country, seconds_of(samples))
        people_in_all = tx.execute(
            select(func.count()).where(recipient.c.campaign_id == row.id, ~recipient.c.is_final)
        ).scalar_one()
    request = Request.from_json(json.loads(real.vault.open(row.request_sealed))["request"])
    told = people.heard(samples[0], request, catalog, row.country)
    shares = people.shares_for(rates.shares, told)
    settings = real.settings
    each_line_s = people.line_seconds(shares, rates.seconds, settings.ring_seconds)
    in_reality = min(settings.trunks.first.calls_per_second, settings.trunks.first.max_live_calls / each_line_s)
    speed = speed_for(min(people_in_all, asked.people or people_in_all), in_reality)
    assert start is not None  # why_not looked
    return Play(
        start=start,
        tempo=Tempo(
            speed,
            settings.trunks.first.calls_per_second,
            settings.trunks.first.max_live_calls,
            lent_lines(speed * in_reality),
            settings.trunks.first.texts_per_second,
        ),
        right=people.right_answers(request),
        shares=shares,
        rates=rates,
        told=told,
        tariff=settings.trunks.tariff_of(row.trunk),
        people_in_all=people_in_all,
        period_ends=row.ends_on.isoformat(),
        can_keep_up=in_reality <= CALLS_A_SECOND,
    )
