"""What the screens of the desk show: a call as its operator sees it, who waits, who works, and what is on fire.

Only reads. Telephones and documents leave this module masked; ``hidden`` are the ids of the lines that the reader may
not know of (R75, R81).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select

from core.privacy import mask_document, mask_phone
from desk import dispatch, presence, rooms, waiting
from desk.lines import DeskLine, Queue
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, Presence, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import presence_change
from desk.tables import room as room_table
from desk.world import Desk

STILL_SHOWN = timedelta(seconds=20)  # a telephone that did not answer, so that its operator reads why
IN_A_QUEUE = (RoomState.WAITING, RoomState.OFFERED)


@dataclass(frozen=True)
class Person:
    """One telephone of a conversation; ``seconds`` on the line, ringing, or since it ended."""

    leg_id: int
    role: LegRole
    name: str | None
    account_id: int | None
    kind: str | None
    state: LegState
    result: str | None
    is_held: bool
    is_muted: bool
    is_coaching: bool
    seconds: int

    @property
    def is_over(self) -> bool:
        return self.state is LegState.ENDED

    @property
    def is_in(self) -> bool:
        return self.state is LegState.JOINED


@dataclass(frozen=True)
class Learnt:
    """What the IVR found out before a person answered."""

    document: str | None = None  #: masked
    is_verified: bool = False
    path: tuple[str, ...] = ()
    wants: str | None = None


@dataclass(frozen=True)
class Call:
    """A conversation as its operator sees it. ``seconds``: talked, or waited while nobody has it."""

    room: Room
    line: DeskLine
    queue: Queue
    phone: str | None
    learnt: Learnt
    people: list[Person]
    seconds: int
    phone_print: bytes | None = field(default=None, repr=False)
    document_print: bytes | None = field(default=None, repr=False)

    @property
    def caller(self) -> Person | None:
        """The citizen's telephone, while it is on the line."""
        return next((each for each in self.people if each.role is LegRole.CALLER and not each.is_over), None)

    @property
    def consulted(self) -> Person | None:
        """Who is being consulted."""
        return next((each for each in self.people if each.role is LegRole.CONSULTED and not each.is_over), None)

    @property
    def operator(self) -> Person | None:
        """The operator who is in it."""
        return next((each for each in self.people if each.role is LegRole.OPERATOR and each.is_in), None)

    def mine(self, account_id: int) -> Person | None:
        """The reader's own telephone in it."""
        return next((each for each in self.people if each.account_id == account_id and not each.is_over), None)


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
    """Everything at once: emergencies and calls for support first, then who waits, then who talks."""

    operators: list[Operator]
    waits: list[Waits]
    calls: list[Call]

    @property
    def emergencies(self) -> list[Call]:
        return [call for call in self.calls if call.room.is_emergency]

    @property
    def others(self) -> list[Call]:
        return [call for call in self.calls if not call.room.is_emergency]


def call_of(tx: Connection, desk: Desk, now: datetime, room_id: int, *, all_legs: bool = False) -> Call | None:
    """A conversation, over or not. ``all_legs``: with every telephone that ever was in it, as an emergency shows."""
    room = rooms.load(tx, room_id, lock=False)
    if room is None or room.line not in desk.lines:
        return None
    row = tx.execute(select(room_table).where(room_table.c.id == room_id)).one()
    return _call(desk, now, room, row, waiting.carried(tx, desk, room_id), all_legs)


def _call(desk: Desk, now: datetime, room: Room, row: Row, known: dict, all_legs: bool) -> Call:
    line = desk.lines[room.line]
    document = known.get("document")
    return Call(
        room=room,
        line=line,
        queue=line.queue(room.queue),
        phone=_masked(desk, row.citizen_sealed),
        learnt=_learnt(known),
        people=[_person(leg, now) for leg in room.legs if all_legs or _is_shown(leg, now)],
        seconds=_seconds(room.answered_at or room.place_since, room.ended_at or now),
        phone_print=row.citizen_print,
        document_print=desk.vault.fingerprint("document", document) if document else None,
    )


def _learnt(known: dict) -> Learnt:
    document = known.get("document")
    return Learnt(
        document=mask_document(document) if document else None,
        is_verified=bool(known.get("is_verified")),
        path=tuple(str(step) for step in known.get("path") or ()),
        wants=known.get("wants"),
    )


def _is_shown(leg: Leg, now: datetime) -> bool:
    if leg.state is not LegState.ENDED:
        return not leg.wants_out
    was_let_go = leg.wants_out or leg.result == "completed"
    return leg.ended_at is not None and now - leg.ended_at < STILL_SHOWN and not was_let_go


def _person(leg: Leg, now: datetime) -> Person:
    began = {LegState.JOINED: leg.joined_at, LegState.ENDED: leg.ended_at, LegState.ANSWERED: leg.answered_at}
    since = began.get(leg.state) or leg.asked_at or leg.wanted_at
    return Person(
        leg_id=leg.id,
        role=leg.role,
        name=leg.name,
        account_id=leg.account_id,
        kind=leg.kind,
        state=leg.state,
        result=leg.result,
        is_held=leg.wants_hold,
        is_muted=leg.wants_mute,
        is_coaching=leg.coaches is not None,
        seconds=_seconds(since, now),
    )


def contact_of(tx: Connection, desk: Desk, room_id: int) -> tuple[str | None, str | None]:
    """(telephone, document) whole, for the case of the call alone: they are sealed again at once, and never shown."""
    sealed = tx.execute(select(room_table.c.citizen_sealed).where(room_table.c.id == room_id)).scalar()
    document = waiting.carried(tx, desk, room_id).get("document")
    return (desk.vault.open(sealed) if sealed else None), document


def last_room_of(tx: Connection, account_id: int) -> int | None:
    """The conversation that an operator had last."""
    theirs = (
        leg_table.c.account_id == account_id,
        leg_table.c.role == LegRole.OPERATOR,
        leg_table.c.joined_at.is_not(None),
    )
    newest = select(leg_table.c.room_id).where(*theirs).order_by(leg_table.c.joined_at.desc(), leg_table.c.id.desc())
    return tx.execute(newest.limit(1)).scalar()


def masked_telephone(desk: Desk, row: Row) -> str | None:
    """The telephone that the desk rings for an operator, masked; None: the one in their browser."""
    return _masked(desk, row.telephone_sealed)


def browser_telephone(account_id: int) -> str:
    """The name by which the carrier knows the telephone in an operator's browser (desk/dispatch.py rings it)."""
    return f"puesto_{account_id}"


def queues_of(
    tx: Connection, desk: Desk, now: datetime, skills: Collection[str], hidden: Collection[str] = ()
) -> list[QueueNow]:
    """The queues that somebody with these skills serves, those with people in them first."""
    everyone = waits(tx, desk, now, hidden)
    found = []
    for line in desk.lines.values():
        for queue in line.queues.values() if line.id not in hidden else ():
            if queue.skills <= set(skills):
                here = [each for each in everyone if (each.line.id, each.queue.name) == (line.id, queue.name)]
                found.append(QueueNow(line, queue, here))
    return sorted(found, key=lambda each: not each.waits)


def waits(tx: Connection, desk: Desk, now: datetime, hidden: Collection[str] = ()) -> list[Waits]:
    """Everybody who waits, in the order in which they are answered."""
    order = (room_table.c.is_crisis.desc(), room_table.c.priority.desc(), room_table.c.place_since, room_table.c.id)
    rows = tx.execute(select(room_table).where(room_table.c.state.in_(IN_A_QUEUE)).order_by(*order)).all()
    places: dict[tuple[str, str], int] = {}
    found = []
    for row in rows:
        line = desk.lines.get(row.line)
        if line is None or line.id in hidden:
            continue
        queue = line.queue(row.queue)
        key = (line.id, queue.name)
        places[key] = places.get(key, 0) + 1
        found.append(
            Waits(
                room_id=row.id,
                phone=_masked(desk, row.citizen_sealed),
                line=line,
                queue=queue,
                seconds=_seconds(row.place_since, now),
                position=places[key],
                is_crisis=row.is_crisis,
                is_offered=row.state == RoomState.OFFERED,
                is_callback=row.kind != RoomKind.INBOUND,
            )
        )
    return found


def floor(tx: Connection, desk: Desk, now: datetime, hidden: Collection[str] = ()) -> Floor:
    """What a supervisor sees: who asked for support first, then who talks longest; who waits longest first."""
    calls = sorted(_open_calls(tx, desk, now, hidden), key=_as_urgent)
    longest_first = sorted(waits(tx, desk, now, hidden), key=lambda each: (not each.is_crisis, -each.seconds))
    return Floor([_operator(row, now) for row in presence.everyone(tx)], longest_first, calls)


def _as_urgent(call: Call) -> tuple[bool, float, bool, int]:
    room = call.room
    support = room.support_since.timestamp() if room.support_since else 0.0
    return (not support, support, not room.is_crisis, -call.seconds)


def emergencies(tx: Connection, desk: Desk, now: datetime, hidden: Collection[str] = ()) -> list[Call]:
    """The open ones, those that lost their operator first."""
    found = [call for call in _open_calls(tx, desk, now, hidden, only_emergencies=True) if call.room.is_emergency]
    return sorted(found, key=lambda call: call.operator is not None)


def _open_calls(
    tx: Connection, desk: Desk, now: datetime, hidden: Collection[str], *, only_emergencies: bool = False
) -> Iterable[Call]:
    """Those that are not simply in a queue; an emergency is shown wherever it stands."""
    open_ones = [room_table.c.state != RoomState.ENDED]
    if only_emergencies:
        open_ones.append(room_table.c.is_emergency)
    rows = {row.id: row for row in tx.execute(select(room_table).where(*open_ones))}
    for room in rooms.open_rooms(tx) if rows else ():
        row = rows.get(room.id)
        is_here = row is not None and room.line in desk.lines and room.line not in hidden
        if is_here and row is not None and (room.is_emergency or room.state not in IN_A_QUEUE):
            yield _call(desk, now, room, row, {}, False)


def _operator(row: Row, now: datetime) -> Operator:
    same = ("account_id", "name", "email", "reason", "since", "skills", "is_supervisor", "room_id")
    facts = {name: getattr(row, name) for name in same}
    return Operator(**facts, state=Presence(row.state), seconds=_seconds(row.since, now))


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


def target_of(desk: Desk, row: Row | Operator) -> int:
    """Calls a day that the lines of an operator ask of them; 0: none (R14)."""
    serves = (
        line
        for line in desk.lines.values()
        if any(dispatch.could_serve(row, queue) for queue in line.queues.values())  # type: ignore[arg-type]
    )
    return max((line.daily_target for line in serves), default=0)


def _masked(desk: Desk, sealed: bytes | None) -> str | None:
    return mask_phone(desk.vault.open(sealed)) if sealed else None


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))
