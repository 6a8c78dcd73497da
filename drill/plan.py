"""What goes wrong in each rehearsed call, thrown by dice with a seed: the same seed rehearses the same misfortunes.

Seconds are real ones, at the pace of a rehearsal: people pick up, speak and leave sooner than in life. The line's own
times (how long a telephone rings, when the next service is tried, when a queue overflows) are those of its file.
"""

import random
from dataclasses import dataclass, field
from enum import StrEnum

FAULTS = ("servicios", "llamante", "operadora", "nadie", "web", "avisos")
PICKS_UP = (0.3, 2.0)  # seconds of ringing, of somebody who answers
KEYS_AFTER = (0.2, 1.5)
LOCATES_AFTER = (0.5, 3.0)  # of talking, until the operator opens the bridge
KILLED_AT = (1.0, 15.0)  # seconds of a wave: while callers arrive, wait, are answered, and services are brought in
STAYS = (1.5, 3.0)  # with everybody on the line, until a patrol has found the caller


class Crew(StrEnum):
    """Who is there to answer while a wave lasts."""

    DESK = "operadoras"
    DUTY = "solo guardia"  # nobody at the desk: the first duty telephone is busy, the second answers
    LIST = "nadie"  # nobody answers at all: the list of emergency services itself


@dataclass(frozen=True)
class Answer:
    """What a telephone does when it rings. ``after`` None: it rings on; ``leaves_after``: seconds since it answered."""

    after: float | None
    is_busy: bool = False
    leaves_after: float | None = None

    def __str__(self) -> str:
        if self.is_busy:
            return "ocupado"
        if self.after is None:
            return "no contesta"
        return f"cuelga a los {self.leaves_after:.0f} s" if self.leaves_after is not None else "contesta"


@dataclass(frozen=True)
class CallPlan:
    """One emergency. ``services``: by place in the line's list, what it does the first times that it rings."""

    number: int
    is_silent: bool
    keys_after: float
    locates_after: float
    stays: float
    is_safe_to_call: bool
    drops_after: float | None  #: seconds since the bridge was opened
    operator: Answer
    services: dict[int, tuple[Answer, ...]] = field(default_factory=dict)

    def wrong(self) -> str:
        """What goes wrong, in few words."""
        told = ["calla"] if self.is_silent else []
        if str(self.operator) != "contesta":
            told.append(f"operadora {self.operator}")
        told += [f"servicio {place + 1} {each}" for place, tries in sorted(self.services.items()) for each in tries]
        if self.drops_after is not None:
            told.append("se corta" + (", seguro devolver" if self.is_safe_to_call else ", no devolver"))
        return "; ".join(told)


@dataclass(frozen=True)
class Wave:
    """Calls that are rehearsed together. ``kills``: seconds since its beginning at which the web process is killed."""

    calls: tuple[CallPlan, ...]
    crew: Crew
    kills: tuple[float, ...]


def waves(times: int, at_once: int, services: int, faults: frozenset[str], seed: int) -> list[Wave]:
    """Every call of a drill, so many at a time. ``services``: how many the line's list has for one zone."""
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    found = []
    for first in range(0, times, at_once):
        numbers = range(first, min(times, first + at_once))
        crew = _crew(dice, faults)
        kills = sorted(dice.uniform(*KILLED_AT) for _ in range(dice.choice((1, 2, 3)))) if "web" in faults else []
        calls = tuple(_call(dice, number, services, faults) for number in numbers)
        found.append(Wave(calls, crew, tuple(kills)))
    return found


def _crew(dice: random.Random, faults: frozenset[str]) -> Crew:
    if "nadie" not in faults or dice.random() < 0.7:
        return Crew.DESK
    return dice.choice((Crew.DUTY, Crew.LIST))


def _call(dice: random.Random, number: int, services: int, faults: frozenset[str]) -> CallPlan:
    wrong: dict[int, tuple[Answer, ...]] = {}
    for place in range(services):
        if "servicios" in faults and dice.random() < 0.45:
            wrong[place] = (_service(dice),)
    may_drop = "llamante" in faults
    return CallPlan(
        number=number,
        is_silent=may_drop and dice.random() < 0.05,
        keys_after=dice.uniform(*KEYS_AFTER),
        locates_after=dice.uniform(*LOCATES_AFTER),
        stays=dice.uniform(*STAYS),
        is_safe_to_call=dice.random() < 0.5,
        drops_after=dice.uniform(1, 12) if may_drop and dice.random() < 0.3 else None,
        operator=_operator(dice) if "operadora" in faults else Answer(dice.uniform(*PICKS_UP)),
        services=wrong,
    )


def _service(dice: random.Random) -> Answer:
    return dice.choice(
        (
            Answer(None),
            Answer(None, is_busy=True),
            Answer(dice.uniform(8, 20)),
            Answer(dice.uniform(*PICKS_UP), leaves_after=dice.uniform(1, 6)),
        )
    )


def _operator(dice: random.Random) -> Answer:
    soon = dice.uniform(*PICKS_UP)
    fate = dice.random()
    if fate < 0.15:
        return Answer(None, is_busy=dice.random() < 0.5)
    return Answer(soon, leaves_after=dice.uniform(2, 12)) if fate < 0.4 else Answer(soon)
