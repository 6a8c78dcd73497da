"""Misbehaviour on request: what a network does to an application on a bad day, with a seed to repeat it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields


class FaultyFaults(ValueError):
    """The misbehaviour asked for does not exist or is not a probability."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Each a probability from 0 to 1, but for the seconds and the seed."""

    late: float = 0.0  #: a status callback comes late
    late_s: float = 1.0  #: by up to so many real seconds
    lost: float = 0.0  #: a status callback never comes
    doubled: float = 0.0  #: a status callback comes twice
    reordered: float = 0.0  #: a status callback is overtaken by the next one
    request_late: float = 0.0  #: the request for a document comes late
    request_lost: float = 0.0  #: the request for a document never comes: its fallback is asked
    request_doubled: float = 0.0  #: the request for a document comes twice, with one idempotency token
    rest_429: float = 0.0  #: REST answers 429, nothing was done
    rest_500: float = 0.0  #: REST answers 500, nothing was done
    rest_500_done: float = 0.0  #: REST answers 500, and yet it was done
    rest_dropped: float = 0.0  #: it was done, and the connection breaks before the answer
    seed: int = 1

    @classmethod
    def read(cls, given: Mapping[str, object]) -> "Faults":
        """From JSON; what is not named is off. Raises FaultyFaults."""
        values: dict[str, float] = {}
        for name, value in given.items():
            if name not in {field.name for field in fields(cls)}:
                raise FaultyFaults(f"There is no misbehaviour called {name}.")
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise FaultyFaults(f"{name} must be a number.")
            if value > 1 and name not in ("late_s", "seed"):
                raise FaultyFaults(f"{name} is a probability: from 0 to 1.")
            values[name] = value
        return cls(**values)  # type: ignore[arg-type]

    def as_json(self) -> dict[str, float]:
        return asdict(self)


class Misfortune:
    """Throws the dice for one set of faults."""

    def __init__(self, faults: Faults, on_strike: Callable[[str], None] = lambda name: None) -> None:
        """``on_strike`` hears of each that happens, by name: whoever counts them."""
        self.faults = faults
        self._on_strike = on_strike
        self._dice = random.Random(faults.seed)  # noqa: S311  repeatable, not secret

    def strikes(self, name: str) -> bool:
        """Whether this fault happens now."""
        probability: float = getattr(self.faults, name)
        strikes = probability > 0 and self._dice.random() < probability
        if strikes:
            self._on_strike(name)
        return strikes

    def delay(self) -> float:
        """Real seconds."""
        return self._dice.uniform(0, self.faults.late_s)
