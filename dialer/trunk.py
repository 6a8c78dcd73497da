"""A trunk: a carrier account with its pace and its cap."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trunk:
    name: str
    calls_per_second: float
    max_live_calls: int
    ring_seconds: int
