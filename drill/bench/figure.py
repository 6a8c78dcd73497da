"""One figure of the bench: what was measured, beside what, and whether it is what was wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """``least`` or ``most``: of the figure itself."""

    told: str
    least: float | None = None
    most: float | None = None

    def is_reached(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Figure:
    """``value`` is what the goal is of; ``shown`` is how it is told, with what it was made of in ``note``. In Spanish:
    they are read in docs/performance.md."""

    what: str
    beside: str
    value: float
    shown: str
    goal: Goal | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "sí" if self.goal.is_reached(self.value) else "**no**"


def are_reached(figures: Sequence[Figure]) -> bool:
    return all(each.goal is None or each.goal.is_reached(each.value) for each in figures)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of the rounds: what the machine did besides in one round was alike for both."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


def times(value: float) -> str:
    return f"{value:.2f} veces" if value < 10 else f"{value:.0f} veces"
