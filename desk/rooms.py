"""A conversation and the telephones in it: read, changed, and put right after every change."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from desk import events, presence, promises
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import room as room_table

DESK = "desk"  #: the actor of what the rules decide
MOST_RETURNED_CALLS = 3  # of one dropped emergency


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
    priority: int
    place_since: datetime
    entered_at: datetime
    queued_at: datetime
    overflows: int
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
        """Who is in the conference besides the citizen. Somebody who only listens is no company."""
        return [leg for leg in self.legs if leg.role is not LegRole.CALLER and leg.is_in and not leg.wants_mute]

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
    return _with_legs(tx, [row])[0] if row else None


def of_call(tx: Connection, sid: str, *, lock: bool = True) -> Room | None:
    """The open room of a citizen's call."""
    query = select(room_table).where(room_table.c.call_sid == sid, room_table.c.state != RoomState.ENDED)
    row = tx.execute(query.with_for_update() if lock else query).first()
    return _with_legs(tx, [row])[0] if row else None


def open_rooms(tx: Connection) -> list[Room]:
    """Every conversation that is not over, as it is, none locked."""
    return _with_legs(tx, tx.execute(select(room_table).where(room_table.c.state != RoomState.ENDED)).all())


def any_open(tx: Connection) -> bool:
    """Whether somebody is talking or waiting: a rehearsal's clock stands still meanwhile."""
    return tx.execute(select(room_table.c.id).where(room_table.c.state != RoomState.ENDED).limit(1)).first() is not None


def _with_legs(tx: Connection, rows: Iterable[Row]) -> list[Room]:
    found = list(rows)
    legs: dict[int, list[Leg]] = {row.id: [] for row in found}
    query = select(leg_table).where(leg_table.c.room_id.in_(legs)).order_by(leg_table.c.id)
    for row in tx.execute(query) if legs else ():
        known = _facts(Leg, row)
        legs[row.room_id].append(Leg(**{**known, "role": LegRole(row.role), "state": LegState(row.state)}))
    return [
        Room(
            **{
                **_facts(Room, row),
                "kind": RoomKind(row.kind),
                "state": RoomState(row.state),
                "legs": tuple(legs[row.id]),
            }
        )
        for row in found
    ]


def _facts(kind: type, row: Row) -> dict[str, Any]:
    return {field.name: row._mapping[field.name] for field in fields(kind) if field.name in row._mapping}


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


def room_of_leg(tx: Connection, leg_id: int) -> int | None:
    return tx.execute(select(leg_table.c.room_id).where(leg_table.c.id == leg_id)).scalar()


def joined(tx: Connection, now: datetime, room_id: int, leg: Leg) -> None:
    """A telephone is put into the conference."""
    if leg.state is LegState.JOINED:
        return
    change_leg(tx, leg.id, state=LegState.JOINED, joined_at=now, answered_at=leg.answered_at or now, wants_look=False)
    events.note(tx, now, room_id, "leg.joined", DESK, leg.id, role=leg.role)


def settle(tx: Connection, now: datetime, room_id: int) -> None:
    """Puts the room right after any change: nobody is left alone, nobody is kept who has nobody to talk to.

    It looks at how things stand and not at what happened, so it may be called twice, late, or in any order.
    """
    room = load(tx, room_id)
    if room is None:
        return
    if not room.is_open:
        _dismiss(tx, room, room.legs)
        return
    caller = room.caller
    if caller is None:
        _without_the_citizen(tx, now, room)
    elif caller.state is LegState.JOINED and not room.company:
        if room.state is RoomState.TALKING:
            _citizen_is_alone(tx, now, room, caller)
        elif not caller.wants_look:  # on their way out: to the queue, to the PIN line
            change_leg(tx, caller.id, wants_look=True)
            events.wake(tx)
    elif caller.state is LegState.JOINED and caller.wants_hold and not room.of(LegRole.OPERATOR):
        change_leg(tx, caller.id, wants_hold=False)  # nobody else will take them off hold
        events.wake(tx)
    elif caller.state is LegState.ANSWERED and room.company and room.state is not RoomState.AWAY:
        _bring_in(tx, now, room, caller)


def _bring_in(tx: Connection, now: datetime, room: Room, caller: Leg) -> None:
    """Somebody is in the room and the citizen is not: in they go."""
    if room.state is not RoomState.TALKING:
        change(tx, room.id, state=RoomState.TALKING, answered_at=room.answered_at or now)
    if not caller.wants_look:
        change_leg(tx, caller.id, wants_look=True)
        events.wake(tx)


def _citizen_is_alone(tx: Connection, now: datetime, room: Room, caller: Leg) -> None:
    """Everybody else has left the conference."""
    is_held_for_somebody = caller.wants_hold and any(room.of(LegRole.CONSULTED))
    if is_held_for_somebody:
        return  # hears that somebody is being called, which is an announced wait
    was_left_on_hold = caller.wants_hold and not room.is_finished
    if room.is_finished or not (room.is_crisis or room.is_emergency or was_left_on_hold):
        end(tx, now, room, "finished" if room.is_finished else "left by the operator")
        return
    back_to_the_front(tx, now, room, DESK)


def back_to_the_front(tx: Connection, now: datetime, room: Room, actor: str, **values: Any) -> None:
    """The citizen waits again, where they were in the queue, and is told so."""
    presence.release(tx, now, room.id)
    waiting = {"state": RoomState.WAITING, "queued_at": now, "overflows": 0, "account_id": None, **values}
    change(tx, room.id, **waiting)
    if room.caller is not None:
        change_leg(tx, room.caller.id, wants_look=True, wants_hold=False)
    for leg in room.of(LegRole.SUPERVISOR):
        if leg.wants_mute:
            change_leg(tx, leg.id, wants_out=True)  # who listened has nobody to listen to
    events.note(tx, now, room.id, "room.waits_again", actor)


def _without_the_citizen(tx: Connection, now: datetime, room: Room) -> None:
    """They hung up, or were not reached yet."""
    was_there = any(leg.role is LegRole.CALLER for leg in room.legs)
    if not was_there and room.kind is not RoomKind.INBOUND:
        if not room.of(LegRole.OPERATOR) and room.state is RoomState.TALKING:
            end(tx, now, room, "left by the operator")
        return
    if room.is_emergency and room.confirmed is None:
        _return_the_call(tx, now, room)
        return
    end(tx, now, room, "abandoned" if room.answered_at is None else "hung up by the citizen")


def _return_the_call(tx: Connection, now: datetime, room: Room) -> None:
    """An emergency goes on without its caller; who is rung back only where somebody said that it is safe (R77)."""
    lost = [leg for leg in room.legs if leg.role is LegRole.CALLER]
    has_a_person = any(leg.role in (LegRole.OPERATOR, LegRole.SUPERVISOR) for leg in room.company)
    if not (room.is_safe_to_call and has_a_person and len(lost) <= MOST_RETURNED_CALLS):
        return
    row = tx.execute(select(room_table.c.citizen_sealed).where(room_table.c.id == room.id)).one()
    if row.citizen_sealed is None:
        return
    add_leg(tx, now, room.id, LegRole.CALLER, DESK, address_sealed=row.citizen_sealed, is_quiet=True, ring_seconds=30)


def end(tx: Connection, now: datetime, room: Room, ended_as: str, actor: str = DESK) -> None:
    """The conversation is over: whoever is in it is let go; the citizen is told goodbye, not cut off."""
    change(tx, room.id, state=RoomState.ENDED, ended_at=now, ended_as=ended_as)
    events.note(tx, now, room.id, "room.ended", actor, ended_as=ended_as)
    presence.release(tx, now, room.id)
    if room.promise_id is not None:
        was_reached = any(leg.role is LegRole.CALLER and leg.joined_at for leg in room.legs)
        promises.room_ended(tx, now, room.promise_id, was_reached)
    _dismiss(tx, room, room.legs)


def _dismiss(tx: Connection, room: Room, legs: Iterable[Leg]) -> None:
    for leg in legs:
        if not leg.is_open:
            continue
        if leg.role is LegRole.CALLER:
            if leg.state is LegState.JOINED and not leg.wants_look:
                change_leg(tx, leg.id, wants_look=True)
        elif leg.state is LegState.WANTED:
            change_leg(tx, leg.id, state=LegState.ENDED, result="canceled")
        else:
            change_leg(tx, leg.id, wants_out=True)
    events.wake(tx)


def leg_ended(tx: Connection, now: datetime, leg_id: int, result: str) -> None:
    """A telephone is off the line, or never came on it: once, whoever tells it first."""
    room_id = room_of_leg(tx, leg_id)
    room = load(tx, room_id) if room_id is not None else None
    leg = next((leg for leg in room.legs if leg.id == leg_id), None) if room else None
    if room is None or leg is None or leg.state is LegState.ENDED:
        return
    values = {"state": LegState.ENDED, "result": result, "ended_at": now, "claimed_until": None}
    change_leg(tx, leg.id, **values, wants_look=False)
    events.note(tx, now, room.id, "leg.ended", DESK, leg.id, role=leg.role, result=result, was=leg.state)
    if leg.role is LegRole.OPERATOR:
        _operator_gone(tx, now, room, leg, result)
    elif leg.role is LegRole.CONSULTED:
        _consulted_gone(tx, now, room, leg)
    elif leg.role is LegRole.SUPERVISOR and leg.account_id is not None:
        _supervisor_gone(tx, now, room, leg.account_id, was_in=leg.state is LegState.JOINED or leg.wants_out)
    settle(tx, now, room.id)


def _operator_gone(tx: Connection, now: datetime, room: Room, leg: Leg, result: str) -> None:
    """Before accepting: the call goes back to its place, and who did not answer is paused (issue 3, queues)."""
    if leg.state is LegState.JOINED:
        presence.release(tx, now, room.id, leg.account_id)
        return
    if leg.account_id is not None:
        if leg.wants_out:
            presence.make_available(tx, now, leg.account_id, room.id)
        else:
            presence.pause(tx, now, leg.account_id, room.id, "No contestó" if result != "busy" else "Teléfono ocupado")
    if room.state is RoomState.OFFERED:
        change(tx, room.id, state=RoomState.WAITING, wanted_account=None)
        events.note(tx, now, room.id, "room.waits_again", DESK)


def _supervisor_gone(tx: Connection, now: datetime, room: Room, account_id: int, *, was_in: bool) -> None:
    """The call goes on without them; who asked to listen and did not answer is given no calls either."""
    if was_in:
        presence.release(tx, now, room.id, account_id)
    else:
        presence.pause(tx, now, account_id, room.id, "No contestó")


def _consulted_gone(tx: Connection, now: datetime, room: Room, leg: Leg) -> None:
    """Busy, no answer, or done: the citizen is taken off hold; a transfer that failed comes back to its operator."""
    presence.release(tx, now, room.id, leg.account_id)
    caller = room.caller
    if caller is None or [other for other in room.of(LegRole.CONSULTED) if other.id != leg.id]:
        return
    is_kept_waiting = caller.wants_hold and leg.state is not LegState.JOINED
    if room.of(LegRole.OPERATOR):
        return  # the operator decides: they see it on their screen
    if is_kept_waiting:
        back_to_the_front(tx, now, room, DESK, wanted_account=room.account_id)
