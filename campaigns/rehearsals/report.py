"""What a rehearsal told, as plain values: kept as JSON, drawn by the console, printed by the CLI."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class RehearsedHour:
    """One hour of the rehearsal's clock in which calls were placed. ``at``: its beginning."""

    at: datetime
    calls: int
    answered: int  #: by a person or a machine


@dataclass(frozen=True)
class Report:
    """Numbers of one rehearsal; every moment is the rehearsal's, unless it says that it is real."""

    people: int  #: who were rehearsed
    people_in_all: int  #: whom the campaign would call
    calls: int
    answered: int
    seconds: int  #: on the line, of all calls together, from the answer on
    began_at: datetime | None  #: the first call
    ended_at: datetime | None  #: the last one's end
    period_ends: str  #: the campaign's last day, ISO
    hours: list[RehearsedHour]
    outcomes: dict[str, int]  #: people, by final outcome
    call_outcomes: dict[str, int]  #: calls, by what came of each
    odds: dict[str, float]  #: what of a hundred calls was to come, by outcome
    odds_from: int  #: calls of this institution's own past that the odds come from; 0: stated ones
    cost: float | None  #: in ``currency``; None: no tariff is known
    currency: str
    calls_per_second: float  #: of the trunk
    max_live_calls: int
    speed: float  #: seconds of the rehearsal for each real one
    extra_seconds: float  #: that a call kept its line beyond its length while lines were full: by the machine
    is_slow: bool  #: the machine added so much that the real campaign may end sooner
    took_seconds: float  #: real ones, with starting and copying
    dialling_seconds: float  #: real ones, of the calls alone

    @property
    def is_sample(self) -> bool:
        return self.people < self.people_in_all

    @property
    def minutes(self) -> int:
        """On the line, rounded up."""
        return -(-self.seconds // 60)

    def as_json(self) -> dict[str, Any]:
        kept = asdict(self)
        for name in ("began_at", "ended_at"):
            kept[name] = kept[name].isoformat() if kept[name] else None
        kept["hours"] = [[each.at.isoformat(), each.calls, each.answered] for each in self.hours]
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Report":
        """The report that ``as_json`` told; what a later version added is left out."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in kept.items() if name in known}
        for name in ("began_at", "ended_at"):
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        values["hours"] = [
            RehearsedHour(datetime.fromisoformat(at), calls, answered) for at, calls, answered in values["hours"]
        ]
        return cls(**values)
