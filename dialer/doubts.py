"""Calls of which nobody knows whether they were made, and when the carrier is asked about each again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PATIENCE = 20  # a doubt waits for its next question a twentieth of the time that it has lasted,
AT_MOST = timedelta(minutes=5)  # and no longer than this: its list may be of two days, and is read to its end


@dataclass(frozen=True)
class Doubt:
    """An attempt that was asked for, and no answer came."""

    id: int  #: of the attempt
    age: timedelta  #: since the carrier was asked, by the clock of the database
    started_at: datetime  #: the citizen's time
    since: datetime  #: where the carrier's list has to begin
    caller_id: str
    to: str = field(repr=False)
    body: str = field(default="", repr=False)  #: of a text


class Turns:
    """When each doubt was last asked about: the longer it lasts, the seldomer it is. Of this process alone: another
    that takes over begins by asking about all of them."""

    def __init__(self) -> None:
        self._asked: dict[int, datetime] = {}

    def take(self, doubts: Sequence[Doubt], now: datetime) -> list[Doubt]:
        """Of these of one number of ours, in their order, those that are asked about now; they have had their turn.

        They are those that have waited long enough; whoever shares a telephone with one of them, since which call is
        whose is said of all or of none; and those of whom the same list tells, so that they need none of their own.
        """
        due = [each for each in doubts if self._is_due(each, now)]
        if not due:
            return []
        since, telephones = min(each.since for each in due), {each.to for each in due}
        turn = [each for each in doubts if each.since >= since or each.to in telephones]
        self._asked |= dict.fromkeys((each.id for each in turn), now)
        return turn

    def forget_all_but(self, ids: Collection[int]) -> None:
        """The others are settled."""
        self._asked = {each: at for each, at in self._asked.items() if each in ids}

    def _is_due(self, doubt: Doubt, now: datetime) -> bool:
        last = self._asked.get(doubt.id)
        return last is None or now - last >= min(doubt.age / PATIENCE, AT_MOST)
