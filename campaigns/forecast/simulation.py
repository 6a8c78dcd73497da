"""The course of a campaign, slot by slot of its legal hours, in expected values: who is called when, and who is left.

As many are called in each slot as there is room for, those due longest first, as the dialer does; each outcome sends
its share of them to the slot in which the rules would call them again. Whoever may not be called in a slot that is open
to others (another zone, hours they prefer) is put off to their own next one, as the dialer does too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import heappop, heappush

from campaigns.forecast.followed import Followed, Stage
from campaigns.forecast.slots import Hours, Slot, Slots
from campaigns.outcomes import Outcome
from campaigns.rules.hours import Window
from campaigns.rules.policy import Policy

_NOBODY = 1e-3  # people: a crowd of fewer is left out; of many people, this many of each
_NOBODY_OF = 2e-7
_LAST_CALL = 0.5  # expected calls: where fewer are left, the last one is behind us as likely as not

Crowd = Mapping[Stage, float]  #: how many people there are at each stage


@dataclass(frozen=True)
class Course:
    """Calls of each day, when the last one is placed, who is ``left`` when the period ends, and how many would be
    called again if it were longer (``too_late``)."""

    by_day: Mapping[date, float]
    last_call: datetime | None
    left: Crowd
    too_late: float


def in_all(people: Crowd, calls: int | None = None) -> float:
    """How many people a crowd is; ``calls``: those to whom so many were placed."""
    return sum(count for stage, count in people.items() if calls is None or stage.calls == calls)


class Simulation:
    """One run over the slots. ``due``: who waits from each moment on; ``room``: calls a second that are ours, each
    day."""

    def __init__(
        self,
        due: Sequence[tuple[datetime, Crowd]],
        windows: Mapping[Hours, Window],
        slots: Slots,
        policy: Policy,
        max_attempts: int,
        shares: Mapping[Outcome, float],
        room: Mapping[date, float],
    ) -> None:
        self._slots, self._room = slots, room
        self._nobody = max(_NOBODY, _NOBODY_OF * sum(in_all(crowd) for _, crowd in due))
        self._followed = Followed(windows, slots, policy, max_attempts, shares)
        self._waiting: dict[int, dict[Stage, float]] = {}
        self._due: list[int] = []  # a heap of the slots somebody waits for
        self._stranded: dict[Stage, float] = {}  # who was due, and has no legal moment left
        self._too_late = 0.0  # who would be called again, if the period were longer
        self._placed: list[tuple[int, float, float]] = []  #: slot, calls, how much of the slot they took
        for moment, crowd in due:
            for stage, people in crowd.items():
                opens = windows[stage.hours].next_open(moment)
                self._wait(slots.index(opens) if opens else None, stage, float(people))

    def run(self) -> Course:
        slot = 0
        while self._due and slot < len(self._slots.all):
            slot = max(slot, self._due[0])
            self._fill(slot)
            slot += 1
        rest: dict[Stage, float] = {}
        for crowd in (*self._waiting.values(), self._stranded):
            for stage, people in crowd.items():
                rest[stage] = rest.get(stage, 0.0) + people
        by_day: dict[date, float] = {}
        for slot, calls, _ in self._placed:
            day = self._slots.all[slot].day
            by_day[day] = by_day.get(day, 0.0) + calls
        return Course(by_day, self._last_call(), rest, self._too_late)

    def _fill(self, slot: int) -> None:
        """Calls whoever is due by now, as many as there is room for, those due longest first."""
        here = self._slots.all[slot]
        room = whole = self._room[here.day] * here.seconds
        while self._due and self._due[0] <= slot and room > 0:
            due = self._due[0]
            crowd = self._who_may(slot, due)
            if not crowd:
                continue
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

    def _who_may(self, slot: int, due: int) -> Crowd:
        """Those due at ``due`` who may be called in this slot; the others now wait for one of their own."""
        crowd = self._waiting[due]
        others = [stage for stage in crowd if not self._slots.is_open(slot, stage.hours)]
        for stage in others:
            opens, people = self._slots.next_open(slot, stage.hours), crowd.pop(stage)
            is_later_day = opens is not None and self._slots.all[opens].day != self._slots.all[due].day
            self._wait(opens, stage._replace(today=0) if is_later_day else stage, people)
        if not crowd:
            heappop(self._due)
            del self._waiting[due]
        return crowd

    def _await(self, slot: int | None, stage: Stage, people: float) -> None:
        """Of whom was called: who is called again."""
        if slot is None:
            self._too_late += people
        elif people >= self._nobody:
            self._wait(slot, stage, people)

    def _wait(self, slot: int | None, stage: Stage, people: float) -> None:
        if people <= 0:
            return
        if slot is None:
            self._stranded[stage] = self._stranded.get(stage, 0.0) + people
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
