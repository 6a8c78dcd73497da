"""What follows a call, in expected values: how much of a crowd is called again, and when.

The moment is asked of the very function that the dialer obeys (campaigns/rules/followup.py), with a past that has what
matters to it: how many calls there were today, and whether the last one was the second busy tone in a row.
"""

from collections.abc import Mapping
from datetime import timedelta
from math import comb
from typing import NamedTuple

from campaigns.forecast.slots import Hours, Slots
from campaigns.outcomes import Outcome
from campaigns.rules.followup import FINAL, Past, Retry, what_follows
from campaigns.rules.hours import Window
from campaigns.rules.policy import Policy

_SPENDS_THE_PHONE = frozenset({Outcome.FAILED, Outcome.WRONG_NUMBER})
_YESTERDAY = timedelta(days=1)


class Stage(NamedTuple):
    """People who are alike for the rules: ``calls`` placed to each, ``phones`` that may still be dialled, whether the
    last one gave a busy tone (``was_busy``), ``today``: calls of the day on which they are due that count, and when
    they may be called (``hours``)."""

    calls: int
    phones: int
    was_busy: bool = False
    today: int = 0
    hours: Hours = Hours()


class Onward(NamedTuple):
    """Where an outcome leads, whenever it befalls: ``share`` of them go on, ``stage`` as it is on the same day."""

    share: float
    stage: Stage
    second_busy: bool


class Next(NamedTuple):
    """``share`` of whom the outcome befell are due again in this slot, at this stage; None: no legal moment is left."""

    share: float
    slot: int | None
    stage: Stage


class Followed:
    """What follows each outcome of each stage in each slot; every question is asked of the rules once."""

    def __init__(
        self,
        windows: Mapping[Hours, Window],
        slots: Slots,
        policy: Policy,
        max_attempts: int,
        shares: Mapping[Outcome, float],
    ) -> None:
        self._windows, self._slots, self._policy, self._max = windows, slots, policy, max_attempts
        #: What may be followed by another call, each with its share of the calls.
        self.again = [(outcome, share) for outcome, share in shares.items() if outcome not in FINAL and share > 0]
        self._shares = dict(self.again)
        self._again_in_all = sum(self._shares.values())
        self._steps: dict[tuple[Stage, Outcome], Onward | None] = {}
        self._due: dict[tuple[Hours, Outcome, bool, int, int], int | None] = {}

    def after(self, stage: Stage, outcome: Outcome, slot: int) -> Next | None:
        """What follows this outcome of a call in this slot. ``stage``: as of its day; None: it is the last."""
        if (stage, outcome) not in self._steps:
            self._steps[stage, outcome] = self._step(stage, outcome)
        step = self._steps[stage, outcome]
        if step is None:
            return None
        key = (stage.hours, outcome, step.second_busy, step.stage.today, slot)
        if key not in self._due:
            self._due[key] = self._ask(*key)
        due = self._due[key]
        if due is None:
            return Next(step.share, None, step.stage)
        is_same_day = self._slots.all[due].day == self._slots.all[slot].day
        return Next(step.share, due, step.stage if is_same_day else step.stage._replace(today=0))

    def _step(self, stage: Stage, outcome: Outcome) -> Onward | None:
        calls, phones = stage.calls + 1, stage.phones - (outcome in _SPENDS_THE_PHONE)
        if calls >= self._max or phones <= 0 or calls >= self._policy.delays.calls_a_phone * stage.phones:
            return None
        share = 1 - self._had_enough(outcome, stage.calls)
        if share <= 0:
            return None
        second_busy = outcome is Outcome.BUSY and stage.was_busy
        # After the second busy tone in a row the next telephone is dialled, which has not been busy yet.
        was_busy = outcome is Outcome.BUSY and (not second_busy or phones == 1)
        today = stage.today + (outcome is not Outcome.FAILED)
        return Onward(share, Stage(calls, phones, was_busy, today, stage.hours), second_busy)

    def _had_enough(self, outcome: Outcome, before: int) -> float:
        """How many of them have had this outcome as often as it is tried: ``before`` calls that led to another."""
        delays = self._policy.delays
        most = delays.security_failures if outcome is Outcome.FAILED_SECURITY else delays.after(outcome).most
        if most <= 1:
            return 1.0
        q = self._shares[outcome] / self._again_in_all
        return sum(comb(before, n) * q**n * (1 - q) ** (before - n) for n in range(most - 1, before + 1))

    def _ask(self, hours: Hours, outcome: Outcome, second_busy: bool, today: int, slot: int) -> int | None:
        at, window = self._slots.all[slot].at(0.5), self._windows[hours]
        before = max(today - (outcome is not Outcome.FAILED), 0)
        other = Outcome.NO_ANSWER if outcome is not Outcome.NO_ANSWER else Outcome.HUNG_UP
        past = [Past(0, other, at)] * before
        if second_busy:
            past = [*past[:-1], Past(0, Outcome.BUSY, at if before else at - _YESTERDAY)]
        past.append(Past(0, outcome, at))
        following = what_follows(
            past, phones=3, spent=0, max_attempts=99, window=window, delays=self._policy.delays
        ).next
        if not isinstance(following, Retry) or window.is_closed(window.local(following.due_at).date()):
            return None
        due = following.due_at
        if outcome is Outcome.FAILED and before:  # the person's telephone rang before: the next call keeps its distance
            rested = window.next_open(at + self._policy.limits.between_calls)
            if rested is None:
                return None
            due = max(due, rested)
        return self._slots.index(due)
