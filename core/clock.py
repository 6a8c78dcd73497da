"""Time is a value: everything about citizens asks a clock that was handed to it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What everything about citizens asks for the time. Leases and time-outs ask the real one."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The clock on the wall."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that moves only when told: for tests and dialogues."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        return self._moment

    def advance(self, step: timedelta) -> None:
        self._moment += step

    def jump_to(self, moment: datetime) -> None:
        self._moment = max(self._moment, moment.astimezone(UTC))
