"""A call as whoever attends it sees it: who is on the line, what was learnt, since when.

Only reads. Telephones and documents leave this module masked, but for ``contact_of``.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from core.privacy import mask_document
from desk import waiting, wallboard
from desk.lines import DeskLine, Queue
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState
from desk.tables import leg as leg_table
from desk.tables import room as room_table
from desk.wallboard import SeenRoom
from desk.world import Desk

STILL_SHOWN = timedelta(seconds=20)  # a telephone that did not answer, so that its operator reads why


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
    words: tuple[str, ...] = field(default=(), repr=False)  #: what a promised call is for, as it was written


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
    def asked_queue(self) -> Queue:
        """What they ask for, and so its script, whichever queue they are attended in."""
        return self.line.queue(self.room.asked_queue or self.room.queue)

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


def call_of(tx: Connection, desk: Desk, now: datetime, room_id: int, *, all_legs: bool = False) -> Call | None:
    """A conversation, over or not. ``all_legs``: with every telephone that ever was in it, as an emergency shows."""
    found = wallboard.read(tx, desk, [room_id]).get(room_id)
    if found is None or found.room.line not in desk.lines:
        return None
    return call_in(desk, now, found, waiting.carried(tx, desk, room_id), all_legs=all_legs)


def call_in(desk: Desk, now: datetime, seen: SeenRoom, known: dict | None = None, *, all_legs: bool = False) -> Call:
    """The call of a room that was read; ``known``: what the IVR learnt, where it is to be shown."""
    room = seen.room
    line, known = desk.lines[room.line], known or {}
    document = known.get("document")
    return Call(
        room=room,
        line=line,
        queue=line.queue(room.queue),
        phone=seen.phone,
        learnt=_learnt(known),
        people=[_person(leg, now) for leg in room.legs if all_legs or _is_shown(leg, now)],
        seconds=seconds_between(room.answered_at or room.place_since, room.ended_at or now),
        phone_print=seen.phone_print,
        document_print=desk.vault.fingerprint("document", document) if document else None,
    )


def _learnt(known: dict) -> Learnt:
    document = known.get("document")
    return Learnt(
        document=mask_document(document) if document else None,
        is_verified=bool(known.get("is_verified")),
        path=tuple(str(step) for step in known.get("path") or ()),
        wants=known.get("wants"),
        words=tuple(str(each) for each in known.get("words") or ()),
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
        seconds=seconds_between(since, now),
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


def seconds_between(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))
