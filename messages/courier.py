"""What a courier is: it hands over what a row of the post says, and answers what came of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Row

from core.post import FAILED


@dataclass(frozen=True)
class Taken:
    """``sid``: by which the carrier knows it; ``status`` and ``code``: how it stands there, if it was asked."""

    sid: str | None = None
    status: str = "sent"
    code: int | None = None


@dataclass(frozen=True)
class Never:
    """It will not be taken. ``state``: failed or refused; ``code``: the carrier's."""

    problem: str
    state: str = FAILED
    code: int | None = None


@dataclass(frozen=True)
class Later:
    """It was not taken: safe to try again. ``counts``: as one of the tries that there are."""

    problem: str
    counts: bool = True


@dataclass(frozen=True)
class Doubtful:
    """It may have been taken."""

    problem: str


Answer = Taken | Never | Later | Doubtful


class Courier(Protocol):
    """Of one channel. A problem is a sentence in Spanish, with nothing of a person."""

    def written(self, row: Row) -> Any:
        """What is to be handed over. Whatever it raises, no further try mends."""

    def segments(self, written: Any) -> int | None:
        """How many messages it is paid as."""

    def hand_over(self, written: Any) -> Answer:
        """Never raises for what the other side does."""

    def look_for(self, written: Any, since: datetime) -> Sequence[Taken] | None:
        """What the other side has that may be this, handed over since then; None: it cannot be asked now."""

    def next_try(self, row: Row) -> datetime:
        """When a row that was tried is to be tried again."""

    def is_over(self, tries: int, since: datetime, now: datetime) -> bool:
        """Whether so many tries since that moment are enough."""
