"""How many calls a campaign takes, and until when: a pure function over expected values, whatever the size.

People are not followed one by one but in crowds that are alike for the rules. Slot by slot of the legal hours, as many
are called as the pace, the cap and the other campaigns leave, those due longest first, as the dialer does; each outcome
sends its share of them to the slot in which the rules would call them again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappop, heappush

from campaigns.forecast.followed import Followed, Stage
from campaigns.forecast.rates import Rates
from campaigns.forecast.slots import Slot, Slots
from campaigns.outcomes import Outcome
from campaigns.rules.hours import Window
from campaigns.rules.policy import Policy

_NOBODY = 1e-3  # people: a crowd of fewer is left out; of many people, this many of each
_NOBODY_OF = 2e-7
_LAST_CALL = 0.5  # expected calls: where fewer are left, the last one is behind us as likely as not
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


Crowd = Mapping[Stage, float]  #: how many people there are at each stage


def estimate(people: Crowd, plan: Plan, pace: Pace, rates: Rates, promised: Sequence[Promised] = ()) -> Estimate:
    """What it takes to call these people by this plan, beside what is promised already."""
    slots = Slots.of(plan.window, plan.starts_at)
    if not slots.all:
        return Estimate(0, None, {}, {}, unreached=_in(people, 0), unfinished=_in(people))
    return _Simulation(people, plan, slots, rates, _open_to_us(plan, slots, pace, rates, promised)).run()


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


def _in(people: Crowd, calls: int | None = None) -> float:
    return sum(count for stage, count in people.items() if calls is None or stage.calls == calls)


class _Simulation:
    """One run over the slots."""

    def __init__(self, people: Crowd, plan: Plan, slots: Slots, rates: Rates, room: Mapping[date, float]) -> None:
        self._slots, self._room = slots, room
        self._rates, self._nobody = rates, max(_NOBODY, _NOBODY_OF * _in(people))
        self._followed = Followed(plan.window, slots, plan.policy, plan.max_attempts, rates.shares)
        self._waiting: dict[int, dict[Stage, float]] = {0: {stage: float(n) for stage, n in people.items() if n > 0}}
        self._due = [0] if self._waiting[0] else []  # a heap of the slots somebody waits for
        self._too_late = 0.0  # who would be called again, if the period were longer
        self._placed: list[tuple[int, float, float]] = []  #: slot, calls, how much of the slot they took

    def run(self) -> Estimate:
        slot = 0
        while self._due and slot < len(self._slots.all):
            slot = max(slot, self._due[0])
            self._fill(slot)
            slot += 1
        rest: dict[Stage, float] = {}
        for crowd in self._waiting.values():
            for stage, people in crowd.items():
                rest[stage] = rest.get(stage, 0.0) + people
        by_day: dict[date, float] = {}
        for slot, calls, _ in self._placed:
            day = self._slots.all[slot].day
            by_day[day] = by_day.get(day, 0.0) + calls
        calls = sum(by_day.values())
        by_outcome = {outcome: calls * share for outcome, share in self._rates.shares.items()}
        return Estimate(calls, self._last_call(), by_day, by_outcome, _in(rest, 0), _in(rest) + self._too_late)

    def _fill(self, slot: int) -> None:
        """Calls whoever is due by now, as many as there is room for, those due longest first."""
        here = self._slots.all[slot]
        room = whole = self._room[here.day] * here.seconds
        while self._due and self._due[0] <= slot and room > 0:
            due = self._due[0]
            crowd = self._waiting[due]
            count = sum(crowd.values())
            share = min(room / count, 1.0)
            if share == 1.0:
                heappop(self._due)
                del self._waiting[due]
            else:
                self._waiting[due] = {stage: people * (1 - share) for stage, people in crowd.items()}
            room = room - count if share == 1.0 else 0.0
            self._call(slot, here, due, crowd, share)
        if whole > room:
            self._placed.append((slot, whole - room, 1 - room / whole))

    def _call(self, slot: int, here: Slot, due: int, crowd: Crowd, share: float) -> None:
        is_later_day = self._slots.all[due].day != here.day
        for stage, people in crowd.items():
            now = stage._replace(today=0) if is_later_day else stage
            for outcome, chance in self._followed.again:
                following = self._followed.after(now, outcome, slot)
                if following is not None:
                    self._await(following.slot, following.stage, people * share * chance * following.share)

    def _await(self, slot: int | None, stage: Stage, people: float) -> None:
        if slot is None:
            self._too_late += people
            return
        if people < self._nobody:
            return
        if slot not in self._waiting:
            self._waiting[slot] = {}
            heappush(self._due, slot)
        crowd = self._waiting[slot]
        crowd[stage] = crowd.get(stage, 0.0) + people

    def _last_call(self) -> datetime | None:
        left = 0.0
        for slot, calls, taken in reversed(self._placed):
            left += calls
            if left >= _LAST_CALL:
                return self._slots.all[slot].at(min(taken, 1.0))
        return None
