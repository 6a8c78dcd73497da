"""Small campaigns dialled call by call, with dice: what an estimate is held against.

One person after the other, by the very rules of the dialer (what_follows, held_by); only the outcomes are drawn.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush

from campaigns.forecast.estimate import Pace, Plan
from campaigns.forecast.rates import Rates
from campaigns.forecast.slots import Hours
from campaigns.outcomes import Outcome
from campaigns.rules.calendar import of_person
from campaigns.rules.followup import Past, Retry, what_follows
from campaigns.rules.limits import Call, held_by


@dataclass(frozen=True)
class Dialled:
    """What came of it."""

    calls: int
    last: datetime
    by_day: Mapping[date, int]
    unreached: int


def dial(
    phones: Mapping[int, int],
    plan: Plan,
    pace: Pace,
    rates: Rates,
    dice: random.Random,
    kinds: Sequence[Hours] = (Hours(),),
) -> Dialled:
    """``phones``: how many people have so many telephones; ``kinds``: whose hours they keep, as many of each. As the
    dialer: at its pace, whoever is due longest first."""
    windows = [of_person(plan.window, *hours) for hours in kinds]
    number = 0
    due: list[tuple[datetime, int, int]] = []  # moment, person, phone
    has: list[int] = []
    for each, count in phones.items():
        has += [each] * count
    dice.shuffle(has)
    due = [(plan.starts_at, person, 0) for person in range(len(has))]
    heapify(due)
    past: dict[int, list[Past]] = {}
    spent = dict.fromkeys(range(len(has)), 0)
    live: list[datetime] = []  # when each call that is going on ends
    now, last = plan.starts_at, plan.starts_at
    by_day: dict[date, int] = {}
    outcomes, weights = list(rates.shares), list(rates.shares.values())
    while due:
        moment, person, phone = heappop(due)
        window = windows[person % len(windows)]
        opens = window.next_open(max(moment, now))
        if opens is None:
            continue
        if opens > max(moment, now):
            heappush(due, (opens, person, phone))
            if due[0][0] >= opens:
                now = max(now, opens)
            continue
        at = max(moment, now)
        known = [Call(call.at, call.outcome) for call in past.get(person, [])]
        if known and (held := held_by(known, plan.policy.limits, window, at)):
            heappush(due, (held.until, person, phone))
            continue
        while live and (live[0] <= at or len(live) >= pace.max_live_calls):
            at = max(at, heappop(live))
        outcome = dice.choices(outcomes, weights)[0]
        heappush(live, at + timedelta(seconds=_rings(pace, outcome) + rates.seconds.get(outcome, 0.0)))
        now, last = at + timedelta(seconds=1 / pace.calls_per_second), at
        number += 1
        day = plan.window.local(at).date()
        by_day[day] = by_day.get(day, 0) + 1
        calls = past.setdefault(person, [])
        calls.append(Past(phone, outcome, at))
        following = what_follows(
            calls,
            phones=has[person],
            spent=spent[person],
            max_attempts=plan.max_attempts,
            window=window,
            delays=plan.policy.delays,
            security_failures=sum(call.outcome is Outcome.FAILED_SECURITY for call in calls),
        )
        spent[person] = following.spent
        if isinstance(following.next, Retry):
            heappush(due, (following.next.due_at, person, following.next.phone))
    return Dialled(number, last, by_day, len(has) - len(past))


def _rings(pace: Pace, outcome: Outcome) -> float:
    if outcome is Outcome.NO_ANSWER:
        return pace.ring_seconds
    return 3.0 if outcome in (Outcome.BUSY, Outcome.FAILED) else 12.0
