"""What is going on, as the desk's screens tell it: who waits, who works, who talks, and what is on fire.

Only reads. Telephones leave this module masked; ``hidden`` are the ids of the lines that the reader may not know of
(R75, R81).
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from core.privacy import mask_phone
from desk import dispatch, presence
from desk.call_card import Call, call_in, seconds_between
from desk.lines import DeskLine, Queue
from desk.states import Presence, RoomKind, RoomState
from desk.tables import presence_change
from desk.wallboard import Picture, Waiting
from desk.world import Desk


@dataclass(frozen=True)
class Waits:
    """Somebody in a queue; ``position``: 1 is next in it."""

    room_id: int
    phone: str | None
    line: DeskLine
    queue: Queue
    seconds: int
    position: int
    is_crisis: bool
    is_offered: bool
    is_callback: bool


@dataclass(frozen=True)
class QueueNow:
    """A queue and who waits in it, in the order in which they are answered."""

    line: DeskLine
    queue: Queue
    waits: list[Waits]

    @property
    def longest(self) -> int:
        """Seconds of whoever waits longest; 0: nobody waits."""
        return max((each.seconds for each in self.waits), default=0)


@dataclass(frozen=True)
class Operator:
    """Somebody of the desk, as a supervisor sees them; ``seconds`` in this state."""

    account_id: int
    name: str
    email: str
    state: Presence
    reason: str | None
    since: datetime
    seconds: int
    skills: list[str]
    is_supervisor: bool
    room_id: int | None


@dataclass(frozen=True)
class Floor:
    """Everything at once: emergencies and calls for support first, then who waits, then who talks. ``unattended``:
    (line, queue) of who waits, where nobody at work could take them."""

    operators: list[Operator]
    waits: list[Waits]
    calls: list[Call]
    unattended: set[tuple[str, str]]

    @property
    def emergencies(self) -> list[Call]:
        return [call for call in self.calls if call.room.is_emergency]

    @property
    def others(self) -> list[Call]:
        return [call for call in self.calls if not call.room.is_emergency]


def masked_telephone(desk: Desk, row: Row) -> str | None:
    """The telephone that the desk rings for an operator, masked; None: the one in their browser."""
    return mask_phone(desk.vault.open(row.telephone_sealed)) if row.telephone_sealed else None


def queues_of(
    waiting: Waiting, desk: Desk, now: datetime, skills: Collection[str], hidden: Collection[str] = ()
) -> list[QueueNow]:
    """The queues that somebody with these skills serves, those with people in them first."""
    everyone = waits(waiting, desk, now, hidden)
    found = []
    for line in desk.lines.values():
        for queue in line.queues.values() if line.id not in hidden else ():
            if queue.skills <= set(skills):
                here = [each for each in everyone if (each.line.id, each.queue.name) == (line.id, queue.name)]
                found.append(QueueNow(line, queue, here))
    return sorted(found, key=lambda each: not each.waits)


def waits(waiting: Waiting, desk: Desk, now: datetime, hidden: Collection[str] = ()) -> list[Waits]:
    """Everybody who waits, in the order in which they are answered."""
    places: Counter[tuple[str, str]] = Counter()
    found = []
    for seen in waiting.rooms:
        room = seen.room
        line = desk.lines.get(room.line)
        if line is None or line.id in hidden:
            continue
        queue = line.queue(room.queue)
        places[line.id, queue.name] += 1
        found.append(
            Waits(
                room_id=room.id,
                phone=seen.phone,
                line=line,
                queue=queue,
                seconds=seconds_between(room.place_since, now),
                position=places[line.id, queue.name],
                is_crisis=room.is_crisis,
                is_offered=room.state is RoomState.OFFERED,
                is_callback=room.kind is not RoomKind.INBOUND,
            )
        )
    return found


def floor(picture: Picture, desk: Desk, now: datetime, hidden: Collection[str] = ()) -> Floor:
    """What a supervisor sees: who asked for support first, then who talks longest; who waits longest first."""
    calls = sorted(_calls(picture, desk, now, hidden), key=_as_urgent)
    in_turn = waits(picture.waiting, desk, now, hidden)
    longest_first = sorted(in_turn, key=lambda each: (not each.is_crisis, -each.seconds))
    operators = [_operator(row, now) for row in picture.operators.values()]
    return Floor(operators, longest_first, calls, unattended(picture, desk, hidden))


def _as_urgent(call: Call) -> tuple[bool, float, bool, int]:
    room = call.room
    support = room.support_since.timestamp() if room.support_since else 0.0
    return (not support, support, not room.is_crisis, -call.seconds)


def unattended(picture: Picture, desk: Desk, hidden: Collection[str] = ()) -> set[tuple[str, str]]:
    """(line, queue) of those who wait, where nobody at work, busy or free, could be given them."""
    at_work = [row for row in picture.operators.values() if row.state in dispatch.AT_WORK]
    asked = {(each.room.line, each.room.queue) for each in picture.waiting.rooms}
    seen = {(line, queue) for line, queue in asked if line in desk.lines and line not in hidden}
    return {(line, queue) for line, queue in seen if not _is_attended(desk.lines[line], queue, at_work)}


def _is_attended(line: DeskLine, queue: str, at_work: list[Row]) -> bool:
    return any(dispatch.could_serve(row, line.queue(queue)) and dispatch.may_serve(row, line) for row in at_work)


def emergencies(picture: Picture, desk: Desk, now: datetime, hidden: Collection[str] = ()) -> list[Call]:
    """The open ones, those that lost their operator first."""
    found = _calls(picture, desk, now, hidden, only_emergencies=True)
    return sorted(found, key=lambda call: call.operator is not None)


def _calls(
    picture: Picture, desk: Desk, now: datetime, hidden: Collection[str], *, only_emergencies: bool = False
) -> Iterator[Call]:
    """Those that are not simply in a queue; an emergency is shown wherever it stands."""
    for seen in picture.rooms.values():
        is_for_them = seen.room.line in desk.lines and seen.room.line not in hidden
        is_one = seen.room.is_emergency if only_emergencies else not seen.only_waits
        if is_for_them and is_one:
            yield call_in(desk, now, seen)


def _operator(row: Row, now: datetime) -> Operator:
    same = ("account_id", "name", "email", "reason", "since", "skills", "is_supervisor", "room_id")
    facts = {name: getattr(row, name) for name in same}
    return Operator(**facts, state=Presence(row.state), seconds=seconds_between(row.since, now))


def operator_of(tx: Connection, now: datetime, account_id: int) -> Operator | None:
    """Somebody of the desk."""
    row = presence.of(tx, account_id)
    return _operator(row, now) if row else None


def available(tx: Connection, now: datetime, but: int) -> list[Operator]:
    """Who could be consulted at this moment, by name."""
    everyone = (_operator(row, now) for row in presence.everyone(tx))
    return [each for each in everyone if each.state is Presence.DISPONIBLE and each.account_id != but]


def presence_history(tx: Connection, account_id: int, since: datetime, most: int = 200) -> list[Row]:
    """What somebody was doing since a moment, newest first: rows with at, state, reason (R90)."""
    theirs = (presence_change.c.account_id == account_id, presence_change.c.at >= since)
    query = select(presence_change).where(*theirs).order_by(presence_change.c.id.desc()).limit(most)
    return list(tx.execute(query))


def skills_known(desk: Desk) -> list[str]:
    """Every skill that some queue asks for, in order (R83, R91)."""
    return sorted({skill for line in desk.lines.values() for queue in line.queues.values() for skill in queue.skills})


def skill_labels(desk: Desk) -> dict[str, str]:
    """How people read each of them."""
    told = {skill: label for line in desk.lines.values() for skill, label in line.skill_labels.items()}
    return {skill: told.get(skill, skill) for skill in skills_known(desk)}


def target_of(desk: Desk, row: Row | Operator) -> int:
    """Calls a day that the lines of an operator ask of them; 0: none (R14)."""
    serves = (
        line
        for line in desk.lines.values()
        if any(dispatch.could_serve(row, queue) for queue in line.queues.values())  # type: ignore[arg-type]
    )
    return max((line.daily_target for line in serves), default=0)
