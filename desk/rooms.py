"""A conversation and the telephones in it, as the rules see them: read, locked, changed."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, case, insert, or_, select, update

from desk import events
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import room as room_table

DESK = "desk"  #: the actor of what the rules decide


@dataclass(frozen=True)
class Leg:
    """One telephone of a room. ``wants_…`` is what was decided, ``is_…`` what the carrier has been told."""

    id: int
    room_id: int
    role: LegRole
    state: LegState
    result: str | None
    sid: str | None
    account_id: int | None
    name: str | None
    kind: str | None
    rank: int | None
    is_quiet: bool
    wants_hold: bool
    is_held: bool
    wants_mute: bool
    is_muted: bool
    coaches: str | None
    is_coaching: bool
    wants_out: bool
    wants_look: bool
    ring_seconds: int
    wanted_at: datetime
    asked_at: datetime | None
    answered_at: datetime | None
    joined_at: datetime | None
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Not over, and nobody decided that it should be."""
        return self.state is not LegState.ENDED and not self.wants_out

    @property
    def is_in(self) -> bool:
        """In the conference, to stay."""
        return self.state is LegState.JOINED and not self.wants_out

    @property
    def is_heard(self) -> bool:
        """By everybody in the conference."""
        return not self.wants_mute and self.coaches is None


@dataclass(frozen=True)
class Room:
    """A conversation as the rules see it."""

    id: int
    line: str
    queue: str
    kind: RoomKind
    state: RoomState
    call_sid: str | None
    is_crisis: bool
    is_helpline: bool
    priority: int
    place_since: datetime
    entered_at: datetime
    queued_at: datetime
    asked_queue: str | None
    queues_passed: int
    ways_tried: int
    is_exhausted: bool
    answered_at: datetime | None
    ended_at: datetime | None
    account_id: int | None
    wanted_account: int | None
    is_finished: bool
    attempt_id: int | None
    promise_id: int | None
    conference_sid: str | None
    is_emergency: bool
    zone: str | None
    is_safe_to_call: bool
    confirmed: str | None
    support_since: datetime | None
    legs: tuple[Leg, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state is not RoomState.ENDED

    @property
    def caller(self) -> Leg | None:
        """The citizen's telephone, while it is on the line."""
        return next((leg for leg in reversed(self.legs) if leg.role is LegRole.CALLER and leg.is_open), None)

    @property
    def company(self) -> list[Leg]:
        """Who is in the conference and can be heard by the citizen: neither who only listens nor who only whispers."""
        return [leg for leg in self.legs if leg.role is not LegRole.CALLER and leg.is_in and leg.is_heard]

    def of(self, role: LegRole) -> list[Leg]:
        """The open legs of a role."""
        return [leg for leg in self.legs if leg.role is role and leg.is_open]

    def leg_of(self, account_id: int) -> Leg | None:
        """The open leg of an account."""
        return next((leg for leg in self.legs if leg.account_id == account_id and leg.is_open), None)


def load(tx: Connection, room_id: int, *, lock: bool = True) -> Room | None:
    """The room with its legs, locked for this transaction unless told otherwise."""
    query = select(room_table).where(room_table.c.id == room_id)
    row = tx.execute(query.with_for_update() if lock else query).first()
    return of_rows(tx, [row])[0] if row else None


def of_call(tx: Connection, sid: str, *, lock: bool = True) -> Room | None:
    """The open room of a citizen's call."""
    query = select(room_table).where(room_table.c.call_sid == sid, room_table.c.state != RoomState.ENDED)
    row = tx.execute(query.with_for_update() if lock else query).first()
    return of_rows(tx, [row])[0] if row else None


def open_rooms(tx: Connection) -> list[Room]:
    """Every conversation that is not over, as it is, none locked."""
    query = select(room_table).where(room_table.c.state != RoomState.ENDED).order_by(room_table.c.id)
    return of_rows(tx, tx.execute(query).all())


def in_motion(tx: Connection) -> list[Room]:
    """The open ones that time alone may change: who waits, emergencies, and whatever has a telephone being rung."""
    being_rung = select(leg_table.c.room_id).where(leg_table.c.state.in_([LegState.ASKING, LegState.RINGING]))
    moves = or_(room_table.c.state == RoomState.WAITING, room_table.c.is_emergency, room_table.c.id.in_(being_rung))
    query = select(room_table).where(room_table.c.state != RoomState.ENDED, moves).order_by(room_table.c.id)
    return of_rows(tx, tx.execute(query).all())


def of_rows(tx: Connection, rows: Iterable[Row]) -> list[Room]:
    """The rooms of rows of the table, in their order, each with its legs."""
    found = list(rows)
    legs: dict[int, list[Leg]] = {row.id: [] for row in found}
    query = select(leg_table).where(leg_table.c.room_id.in_(legs)).order_by(leg_table.c.id)
    for row in tx.execute(query) if legs else ():
        known = _facts(_LEG, row)
        known |= {"role": LegRole(known["role"]), "state": LegState(known["state"])}
        legs[known["room_id"]].append(Leg(**known))
    return [_room(_facts(_ROOM, row), legs[row.id]) for row in found]


def _room(known: dict[str, Any], legs: list[Leg]) -> Room:
    known |= {"kind": RoomKind(known["kind"]), "state": RoomState(known["state"])}
    return Room(**known, legs=tuple(legs))


def _places(kind: type, table: Table) -> tuple[tuple[str, int], ...]:
    """Where in a row of the table each value is: looked up once, as hundreds of rows are read twice a second."""
    columns = table.c.keys()
    return tuple((field.name, columns.index(field.name)) for field in fields(kind) if field.name in columns)


_LEG, _ROOM = _places(Leg, leg_table), _places(Room, room_table)


def _facts(places: tuple[tuple[str, int], ...], row: Row) -> dict[str, Any]:
    return {name: row[place] for name, place in places}


def change(tx: Connection, room_id: int, **values: Any) -> None:
    tx.execute(update(room_table).where(room_table.c.id == room_id).values(**values))


def change_leg(tx: Connection, leg_id: int, **values: Any) -> None:
    tx.execute(update(leg_table).where(leg_table.c.id == leg_id).values(**values))


def add(tx: Connection, table: Table, **values: Any) -> int:
    """A new room or leg; its id."""
    return tx.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()


def add_leg(tx: Connection, now: datetime, room_id: int, role: LegRole, actor: str, **values: Any) -> int:
    """A telephone to be brought into the room: the desk's process dials it."""
    leg_id = add(tx, leg_table, room_id=room_id, role=role, state=LegState.WANTED, wanted_at=now, **values)
    told = {"service": values.get("kind"), "rank": values.get("rank"), "account": values.get("account_id")}
    known = {name: value for name, value in told.items() if value is not None}
    events.note(tx, now, room_id, "leg.wanted", actor, leg_id, role=role, **known)
    return leg_id


def let_go(tx: Connection, leg_id: int) -> None:
    """Nobody wants this telephone any more: one that was not asked for yet never is, any other is hung up.

    One statement, whatever was read before: the desk's process may be about to dial it.
    """
    is_unasked = leg_table.c.state == LegState.WANTED
    values = {
        "state": case((is_unasked, LegState.ENDED), else_=leg_table.c.state),
        "result": case((is_unasked, "canceled"), else_=leg_table.c.result),
        "wants_out": case((is_unasked, leg_table.c.wants_out), else_=True),
    }
    tx.execute(update(leg_table).where(leg_table.c.id == leg_id, leg_table.c.state != LegState.ENDED).values(**values))
    events.wake(tx)


def room_of_leg(tx: Connection, leg_id: int) -> int | None:
    return tx.execute(select(leg_table.c.room_id).where(leg_table.c.id == leg_id)).scalar()


def joined(tx: Connection, now: datetime, room_id: int, leg: Leg) -> None:
    """A telephone is put into the conference."""
    if leg.state is LegState.JOINED:
        return
    there = {"state": LegState.JOINED, "joined_at": now, "answered_at": leg.answered_at or now}
    change_leg(tx, leg.id, **there, wants_look=False, claimed_until=None)
    events.note(tx, now, room_id, "leg.joined", DESK, leg.id, role=leg.role)
