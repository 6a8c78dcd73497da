"""How many calls a campaign takes, and until when: a pure function over expected values, whatever the size.

People are not followed one by one but in crowds that are alike for the rules (followed.py); what becomes of them is run
through slot by slot (simulation.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from campaigns.forecast.rates import Rates
from campaigns.forecast.simulation import Crowd, Simulation, in_all
from campaigns.forecast.slots import Hours, Slots
from campaigns.outcomes import Outcome
from campaigns.rules.calendar import of_person
from campaigns.rules.hours import Window
from campaigns.rules.policy import Policy

#: Seconds that a telephone rings before somebody, or a machine, answers; a busy tone and a failure come at once.
ANSWERS_AFTER_S = 12.0
AT_ONCE_S = 3.0


@dataclass(frozen=True)
class Pace:
    """What a trunk bears: ``calls_per_second``, ``max_live_calls`` at once, each ringing ``ring_seconds`` at most."""

    calls_per_second: float
    max_live_calls: int
    ring_seconds: int = 30

    def calls_a_second(self, rates: Rates) -> float:
        """As many as the pace allows, and as may be live at once."""
        live = sum(
            share * (self._rings(outcome) + rates.seconds.get(outcome, 0)) for outcome, share in rates.shares.items()
        )
        return min(self.calls_per_second, self.max_live_calls / live) if live else self.calls_per_second

    def _rings(self, outcome: Outcome) -> float:
        if outcome is Outcome.NO_ANSWER:
            return self.ring_seconds
        return AT_ONCE_S if outcome in (Outcome.BUSY, Outcome.FAILED) else ANSWERS_AFTER_S


@dataclass(frozen=True)
class Plan:
    """What was asked for: who is called is in the crowd."""

    window: Window
    starts_at: datetime
    max_attempts: int
    policy: Policy = field(default_factory=Policy)
    share: int = 1  #: of the trunk, beside its equals


@dataclass(frozen=True)
class Promised:
    """What another campaign will ask of the trunk, day by day. ``share``: of its equals; None: it goes first."""

    by_day: Mapping[date, float]
    share: int | None = None


@dataclass(frozen=True)
class Estimate:
    """Expected values. ``ends_at``: the last call, None where there is none; ``unreached``: people whom no call will
    have been placed to when the period ends; ``unfinished``: people who would be called again, and are not."""

    calls: float
    ends_at: datetime | None
    by_day: Mapping[date, float]
    by_outcome: Mapping[Outcome, float]
    unreached: float = 0.0
    unfinished: float = 0.0

    def minutes(self, rates: Rates) -> float:
        """Of conversation."""
        return sum(calls * rates.seconds.get(outcome, 0.0) for outcome, calls in self.by_outcome.items()) / 60


def estimate(
    people: Crowd,
    plan: Plan,
    pace: Pace,
    rates: Rates,
    promised: Sequence[Promised] = (),
    later: Mapping[datetime, Crowd] | None = None,
) -> Estimate:
    """What it takes to call these people by this plan, beside what is promised already. ``later``: those who are not
    due at once, by the moment at which they are."""
    due = [(plan.starts_at, people), *(later or {}).items()]
    kinds = {stage.hours for _, crowd in due for stage in crowd} or {Hours()}
    windows = {hours: of_person(plan.window, *hours) for hours in kinds}
    slots = Slots.of(windows, plan.starts_at, plan.window)
    if not slots.all:
        never = sum(in_all(crowd, 0) for _, crowd in due)
        return Estimate(0, None, {}, {}, unreached=never, unfinished=sum(in_all(crowd) for _, crowd in due))
    room = _open_to_us(plan, slots, pace, rates, promised)
    done = Simulation(due, windows, slots, plan.policy, plan.max_attempts, rates.shares, room).run()
    calls = sum(done.by_day.values())
    return Estimate(
        calls=calls,
        ends_at=done.last_call,
        by_day=done.by_day,
        by_outcome={outcome: calls * share for outcome, share in rates.shares.items()},
        unreached=in_all(done.left, 0),
        unfinished=in_all(done.left) + done.too_late,
    )


def _open_to_us(
    plan: Plan, slots: Slots, pace: Pace, rates: Rates, promised: Sequence[Promised]
) -> Mapping[date, float]:
    """Calls a second left to us, each day: what goes first is placed, and equals take turns by their shares."""
    most = pace.calls_a_second(rates)
    left = {}
    for day, seconds in slots.seconds_by_day().items():
        room = most * seconds
        rest = max(room - sum(each.by_day.get(day, 0.0) for each in promised if each.share is None), 0.0)
        equals = [each for each in promised if each.share is not None and each.by_day.get(day, 0.0) > 0]
        shares = sum(each.share or 0 for each in equals)
        asked = sum(each.by_day[day] for each in equals)
        ours = max(rest - asked, rest * plan.share / (plan.share + shares))
        left[day] = ours / seconds
    return left
