"""What goes wrong, and when: drawn from a seed, so that the same seed plans the same run."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle, islice

from drill.chaos.people import PLACES, Person, Place, person


class Victim(StrEnum):
    """What is killed with -9, each with all that it started. ``RESTART``: PostgreSQL ended in order, and started."""

    WEB = "web"
    DIALER = "dialer"
    CARRIER = "carrier"
    POSTGRES = "postgres"
    WORKER = "worker"
    RESTART = "restart"


class Course(StrEnum):
    """What becomes of a campaign: it runs to its end, or in the middle of it is paused and resumed, or cancelled."""

    WHOLE = "whole"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Kill:
    """``after``: real seconds since the house stood whole again; ``which`` of the processes of a role, round and round.

    ``is_hurried``: it does not wait for what was killed before to be there again.
    """

    after: float
    victim: Victim
    which: int = 0
    is_hurried: bool = False


@dataclass(frozen=True)
class Weather:
    """How the carrier misbehaves for so many real seconds (carrier/local/faults.py)."""

    lasts: float
    faults: Mapping[str, float]


@dataclass(frozen=True)
class CampaignPlan:
    """``turns_at``: the share of its people's telephones that rang when it is paused or cancelled; ``rests``: real
    seconds of its pause."""

    name: str
    people: tuple[Person, ...]
    course: Course = Course.WHOLE
    turns_at: float = 1.0
    rests: float = 0.0


@dataclass(frozen=True)
class Plan:
    """A whole run. A batch of campaigns is handed in at once; the next one when its share of the deaths has come about
    and the lines fall silent."""

    seed: int
    kills: tuple[Kill, ...]
    weather: tuple[Weather, ...]  #: round and round, while there is somebody left to kill
    batches: tuple[tuple[CampaignPlan, ...], ...] = field(repr=False)

    @property
    def people(self) -> list[Person]:
        return [each for batch in self.batches for campaign in batch for each in campaign.people]


#: Kinds of misfortune, each by itself and then together. What is lost costs the product a minute and a half until it
#: asks the carrier: so a little of it goes a long way.
_REST = {"rest_429": 0.15, "rest_500_done": 0.08, "rest_dropped": 0.1, "rest_500": 0.04}
_CALLBACKS = {"late": 0.4, "late_s": 1.5, "doubled": 0.25, "reordered": 0.2, "lost": 0.03}
_DOCUMENTS = {"request_late": 0.1, "request_doubled": 0.15, "request_lost": 0.02, "late_s": 0.5}
SKIES: tuple[Mapping[str, float], ...] = ({}, _REST, _CALLBACKS, _DOCUMENTS, {**_DOCUMENTS, **_REST, **_CALLBACKS})
#: For a run that has no two minutes to spare: nothing is lost, and nothing is left in doubt for long.
MILD: tuple[Mapping[str, float], ...] = (
    {"rest_429": 0.15, "rest_500_done": 0.08, "rest_dropped": 0.1},
    {"late": 0.3, "late_s": 0.5, "doubled": 0.25, "reordered": 0.1, "request_doubled": 0.15},
)
#: How often each is chosen, once everybody had a turn.
_WEIGHTS = {
    Victim.WEB: 6,
    Victim.DIALER: 6,
    Victim.CARRIER: 5,
    Victim.POSTGRES: 4,
    Victim.WORKER: 3,
    Victim.RESTART: 1,
}
HURRIED = 0.3  # of all kills
KILLS_A_BATCH = 10  # about: a batch is for whoever is called while so many are killed
#: (where, its share of a batch's people, what becomes of it)
_SHAPE: tuple[tuple[tuple[Place, ...], int, Course], ...] = (
    ((PLACES[0],), 8, Course.WHOLE),
    ((PLACES[1],), 5, Course.WHOLE),
    (PLACES[2:], 6, Course.WHOLE),
    ((PLACES[0],), 5, Course.PAUSED),
    ((PLACES[1],), 6, Course.CANCELLED),
)


def plan(
    kills: int,
    seed: int,
    *,
    victims: Sequence[Victim] = tuple(Victim),
    skies: Sequence[Mapping[str, float]] = SKIES,
    gap: tuple[float, float] = (0.3, 3.0),
    batches: int | None = None,
) -> Plan:
    """``gap``: real seconds between two kills, at least and at most."""
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    count = batches if batches is not None else 1 + kills // KILLS_A_BATCH
    return Plan(seed, _kills(dice, kills, victims, gap), _weather(dice, skies), _batches(dice, count))


def _kills(dice: random.Random, count: int, victims: Sequence[Victim], gap: tuple[float, float]) -> tuple[Kill, ...]:
    """Everybody has a turn before chance has its way."""
    first = list(victims)
    dice.shuffle(first)
    drawn = dice.choices(victims, [_WEIGHTS[each] for each in victims], k=count)
    chosen = (first + drawn)[:count]
    return tuple(Kill(dice.uniform(*gap), each, dice.randrange(8), dice.random() < HURRIED) for each in chosen)


def _weather(dice: random.Random, skies: Sequence[Mapping[str, float]]) -> tuple[Weather, ...]:
    turns = islice(cycle(skies), 4 * len(skies))
    drawn = [
        Weather(dice.uniform(4, 10), {**sky, "seed": dice.randrange(1, 1_000_000)} if sky else {}) for sky in turns
    ]
    dice.shuffle(drawn)
    return tuple(drawn)


def _batches(dice: random.Random, count: int) -> tuple[tuple[CampaignPlan, ...], ...]:
    a_batch = sum(share for _, share, _ in _SHAPE)
    numbers = list(range(count * a_batch))
    dice.shuffle(numbers)
    batches = []
    for batch in range(count):
        campaigns = []
        for nth, (places, share, course) in enumerate(_SHAPE):
            mine = tuple(person(numbers.pop(), places[each % len(places)]) for each in range(share))
            name = f"Simulacro {batch + 1}.{nth + 1}"
            campaigns.append(CampaignPlan(name, mine, course, dice.uniform(0.2, 0.8), dice.uniform(4, 8)))
        batches.append(tuple(campaigns))
    return tuple(batches)
