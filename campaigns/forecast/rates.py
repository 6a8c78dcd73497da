"""What comes of a hundred calls: this institution's own past, or stated defaults; and how long each lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from campaigns.outcomes import Outcome
from campaigns.sample import Sample
from campaigns.states import TEXTS, AttemptState, Channel
from campaigns.tables import attempt, campaign
from core.trunks import OPERATED

ENOUGH = 500  # calls: with fewer, the past is an anecdote
LOOKED_BACK = timedelta(days=365)
CAMPAIGNS_LOOKED_AT = 30  # the newest ones
SPOKEN_A_SECOND = 15  # characters (architecture: what the local carrier counts too)
KEY_S = 4.0  # between the end of a sentence and the key
UNTIL_VERDICT_S = 8.0  # on a machine: AMD's verdict comes while our greeting is heard
AFTER_BEEP_S = 4.0
HANGS_UP_AFTER_S = 8.0

#: Of a hundred calls. Nobody's statistics: what we assume until there are ENOUGH calls of the institution's own.
DEFAULTS: Mapping[Outcome, float] = {
    Outcome.NO_ANSWER: 0.38,
    Outcome.BUSY: 0.07,
    Outcome.FAILED: 0.05,
    Outcome.MACHINE: 0.15,
    Outcome.HUNG_UP: 0.08,
    Outcome.NOT_HERE: 0.04,
    Outcome.WRONG_NUMBER: 0.02,
    Outcome.FAILED_SECURITY: 0.02,
    Outcome.MESSAGE_PARTIAL: 0.03,
    Outcome.MESSAGE_COMPLETE: 0.15,
    Outcome.NO_MORE_CALLS: 0.01,
}

#: As people read them beside the figures.
GROUPS: Mapping[str, tuple[Outcome, ...]] = {
    "contesta una persona": (
        *(Outcome.HUNG_UP, Outcome.NOT_HERE, Outcome.WRONG_NUMBER, Outcome.FAILED_SECURITY),
        *(Outcome.MESSAGE_PARTIAL, Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED, Outcome.NO_MORE_CALLS),
        *(Outcome.REFUSES, Outcome.CALL_LATER, Outcome.DECEASED, Outcome.MINOR),
    ),
    "no contesta": (Outcome.NO_ANSWER,),
    "buzón": (Outcome.MACHINE, Outcome.MACHINE_WITH_MESSAGE),
    "ocupado": (Outcome.BUSY,),
    "fallida": (Outcome.FAILED,),
}


@dataclass(frozen=True)
class Rates:
    """``shares``: of each outcome in a call, 1 in all; ``seconds``: how long a call of it is billed, 0 where nobody
    answered; ``calls``: how many calls the shares come from, 0 for the defaults."""

    shares: Mapping[Outcome, float]
    seconds: Mapping[Outcome, float]
    calls: int = 0

    @property
    def groups(self) -> list[tuple[str, float]]:
        """What comes of a call, as people say it, the commonest first."""
        told = [(name, sum(self.shares.get(each, 0.0) for each in which)) for name, which in GROUPS.items()]
        return sorted((each for each in told if each[1]), key=lambda each: -each[1])


def rates_of(tx: Connection, now: datetime, country: str, seconds: Mapping[Outcome, float]) -> Rates:
    """Of the institution's last automatic campaigns in this country, where they make ENOUGH calls; else DEFAULTS."""
    newest = (
        select(campaign.c.id)
        .where(
            campaign.c.country == country,
            campaign.c.trunk != OPERATED,
            campaign.c.mode != TEXTS,
            campaign.c.starts_at > now - LOOKED_BACK,
        )
        .where(select(attempt.c.id).where(attempt.c.campaign_id == campaign.c.id, _IS_A_CALL).exists())
        .order_by(campaign.c.id.desc())
        .limit(CAMPAIGNS_LOOKED_AT)
    )
    query = (
        select(attempt.c.outcome, func.count().label("calls"))
        .where(attempt.c.campaign_id.in_(newest), attempt.c.started_at > now - LOOKED_BACK, _IS_A_CALL)
        .group_by(attempt.c.outcome)
    )
    found = {Outcome(outcome): calls for outcome, calls in tx.execute(query)}
    calls = sum(found.values())
    if calls < ENOUGH:
        return Rates(DEFAULTS, seconds)
    return Rates({outcome: count / calls for outcome, count in found.items()}, seconds, calls)


_IS_A_CALL = (
    (attempt.c.state == AttemptState.ENDED)
    & attempt.c.remote_sid.is_not(None)
    & attempt.c.outcome.is_not(None)
    & (attempt.c.outcome != Outcome.TECHNICAL)
    & (attempt.c.channel.is_distinct_from(Channel.TEXT))
)


def seconds_of(samples: Sequence[Sample]) -> dict[Outcome, float]:
    """How long each call lasts, from what its own people would hear; the same for all where there is no sample."""
    told = [_seconds(sample) for sample in samples] or [_seconds(Sample(0, [], ""))]
    return {outcome: sum(each[outcome] for each in told) / len(told) for outcome in told[0]}


def _seconds(sample: Sample) -> dict[Outcome, float]:
    spoken = {said.key: 0.0 for said in sample.said}
    for said in sample.said:
        spoken[said.key] += len(said.text) / SPOKEN_A_SECOND + (KEY_S if said.after else 0)
    intro = spoken.get("campaign.greeting", 0) + spoken.get("campaign.who", 0)
    closing, message = spoken.get("campaign.closing", 0), spoken.get("campaign.message", 0)
    asked = sum(seconds for key, seconds in spoken.items() if key.startswith("campaign.question."))
    whole = sum(spoken.values())
    left = UNTIL_VERDICT_S + AFTER_BEEP_S + len(sample.voicemail) / SPOKEN_A_SECOND
    soon = intro + KEY_S + closing
    return {
        **dict.fromkeys((Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED), 0.0),
        Outcome.MACHINE: left if sample.voicemail else UNTIL_VERDICT_S,
        Outcome.MACHINE_WITH_MESSAGE: left,
        Outcome.HUNG_UP: HANGS_UP_AFTER_S,
        Outcome.NOT_HERE: soon,
        Outcome.WRONG_NUMBER: soon,
        Outcome.FAILED_SECURITY: soon + 2 * asked,
        Outcome.MESSAGE_PARTIAL: max(whole - closing - message / 2, HANGS_UP_AFTER_S),
        **dict.fromkeys((Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED, Outcome.NO_MORE_CALLS), whole),
        **dict.fromkeys((Outcome.REFUSES, Outcome.CALL_LATER, Outcome.DECEASED, Outcome.MINOR), soon),
    }
