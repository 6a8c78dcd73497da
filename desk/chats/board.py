"""The written conversations of a place: those that somebody has, those that wait for anybody."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row

from core.remembered import Remembered
from desk.call_card import seconds_between
from desk.chats import chats, handling
from desk.chats.chats import Chat, stamp_of, with_people
from desk.chats.states import ChatState
from desk.world import Desk


@dataclass(frozen=True)
class Shown:
    """One of a list. ``seconds``: for which the person waits for an answer; None: they wait for none."""

    chat: Chat
    seconds: int | None
    who: str  #: who has it, by name


@dataclass(frozen=True)
class ChatBoard:
    """``mine``: the reader's; ``waiting``: in queues that they serve; ``late``: those of these whose 24 hours are over;
    ``others``: which colleagues have. ``most``: conversations that one operator has at most."""

    mine: list[Shown]
    waiting: list[Shown]
    late: list[Shown]
    others: list[Shown]
    most: int
    stamp: str

    @property
    def may_take(self) -> bool:
        return len(self.mine) < self.most

    @property
    def oldest(self) -> datetime | None:
        """Since when who waits longest does; None: nobody waits."""
        return min((each.chat.owed_since for each in self.waiting if each.chat.owed_since), default=None)

    @property
    def owed(self) -> int:
        """Of the reader's, those in which the person waits for an answer."""
        return sum(each.seconds is not None for each in self.mine)


class OpenChats:
    """Those that wait for a person or are had by one, read once for everybody who looks from this process.

    ``fresh_for``: seconds for which what was read is handed on."""

    def __init__(self, desk: Desk, fresh_for: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._read: Remembered[list[Chat]] = Remembered(fresh_for, clock, quick_s=0.0)

    def now(self, *, newest: bool = False) -> list[Chat]:
        """``newest``: with everything that was committed before this was asked."""
        return self._read.of("chats", self._look, newest=newest)

    def _look(self) -> list[Chat]:
        with self._desk.db.begin() as tx:
            return with_people(tx, self._desk)


def board_of(
    open_chats: Iterable[Chat],
    operators: Mapping[int, Row],
    now: datetime,
    account_id: int,
    hidden: Collection[str] = (),
    *,
    most: int,
    oversees: bool = False,
) -> ChatBoard:
    """What there is for an operator, of the lines that are not ``hidden``; for whoever ``oversees``, in every queue.

    ``operators``: rows of ``operator``, by account."""
    me = operators.get(account_id)
    found = [each for each in open_chats if each.line.id not in hidden]
    theirs = [each for each in found if oversees or (me is not None and handling.serves(me, each))]
    talking = [each for each in found if each.state is ChatState.TALKING]
    queued = [each for each in theirs if each.state is ChatState.WAITING]
    late = [each for each in queued if each.is_left_unanswered(now)]
    names = {each: row.name for each, row in operators.items()}
    return ChatBoard(
        mine=[_shown(each, now, names) for each in talking if each.account_id == account_id],
        waiting=[_shown(each, now, names) for each in queued if each not in late],
        late=[_shown(each, now, names) for each in late],
        others=[_shown(each, now, names) for each in talking if each.account_id != account_id and each in theirs],
        most=most,
        stamp=stamp_of(found, f"{_doing(me)}:{[each.id for each in late]}"),
    )


def may_see(me: Row | None, account_id: int, found: Chat) -> bool:
    """Whether an operator may read it: it is, or was, theirs, or of a queue that they serve."""
    return found.account_id == account_id or (me is not None and handling.serves(me, found))


def is_anybody_written_to(desk: Desk) -> bool:
    """Whether any line of this place has written conversations."""
    return any(chats.is_written_to(desk, line) for line in desk.lines)


def _shown(each: Chat, now: datetime, names: dict[int, str]) -> Shown:
    seconds = seconds_between(each.owed_since, now) if each.owed_since else None
    return Shown(each, seconds, names.get(each.account_id or 0, ""))


def _doing(me: Row | None) -> str:
    return f"{me.state}:{me.since.timestamp()}:{me.skills}" if me is not None else ""
