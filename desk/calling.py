"""Calls that an operator makes: to a contact of a campaign in mode OPERADOR, or to a number (R44, R46, R87).

Their own telephone rings first; when they are there, the citizen is dialled into the conversation, so that a person
speaks first and nothing automated is said. ``follow`` looks at how things stand, and may be called at any time.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, exists, select

from campaigns.operated import concluding, placing, taking
from campaigns.operated.placing import Told
from core import audit
from core.one_by_one import one_by_one
from core.phones import Phone, parse_phone
from core.roles import Role
from desk import dispatch, events, presence, rooms, settling
from desk.hours import is_legal_now
from desk.lines import DeskLine
from desk.on_the_line import on_the_line
from desk.prints import document_print
from desk.refusal import CannotDo
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, Presence, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import operator as operator_table
from desk.tables import room as room_table
from desk.world import Desk

OWN_SECONDS = 25  # of the operator's own telephone
CITIZEN_SECONDS = 30
MADE_HERE = [kind for kind in RoomKind if kind.is_made_here]
SUPERVISORS = frozenset({Role.SUPERVISOR})  #: may call outside legal hours, and say why
LOST_AFTER = timedelta(minutes=2)  # beyond any ring: a telephone of which nothing was ever heard


def call_contact(
    tx: Connection, desk: Desk, now: datetime, account_id: int, attempt_id: int, *, actor: str, role: Role
) -> int:
    """Rings the operator for their contact; the room's id. A second press gives the same room.

    Raises CannotDo: their presence, the line, their role (R81). NotYours, CannotCall (campaigns): the contact, the
    hour, an exclusion.
    """
    who = _free(tx, account_id)
    asked = placing.to_call(tx, desk.vault, now, account_id, attempt_id, on_the_line)
    if asked.room_id is not None:
        return asked.room_id
    _refuse_busy(who)
    line = _line(desk, asked.line, role)
    learnt = {"document": asked.document, "path": ["Campaña", asked.campaign]}
    sealed = desk.vault.seal(json.dumps({name: value for name, value in learnt.items() if value}))
    told = document_print(desk.vault, learnt)
    more = {"kind": RoomKind.CAMPAIGN, "attempt_id": attempt_id, "learnt_sealed": sealed, "document_print": told}
    room_id = _begin(tx, desk, now, line, who, asked.to, actor, **more)
    placing.dialled(tx, now, attempt_id, room_id)
    audit.record(tx, now, actor, "contact.called", "attempt", attempt_id, room=room_id)
    return room_id


def call_number(
    tx: Connection,
    desk: Desk,
    now: datetime,
    account_id: int,
    line_id: str,
    number: str,
    reason: str,
    *,
    actor: str,
    role: Role,
    outside_hours: bool = False,
) -> int:
    """Rings the operator for a call of their own, as a follow-up; the room's id. A second press gives the same room.

    ``number``: a person's telephone in the line's country, never a short, emergency, premium or toll-free one (R87);
    ``reason``: kept with the call, as long as whose it was; ``outside_hours``: a supervisor takes it upon
    themselves. Raises CannotDo.
    """
    line = _line(desk, line_id, role)
    phone = parse_phone(number.strip(), line.country)
    if not isinstance(phone, Phone) or phone.e164 == line.caller_id:
        raise CannotDo("Ese número no se puede marcar: escriba el teléfono de una persona.")
    if not reason.strip():
        raise CannotDo("Escriba por qué llama.")
    is_legal = is_legal_now(tx, line, now)
    if not is_legal and not (outside_hours and role in SUPERVISORS):
        raise CannotDo("Fuera del horario legal: a esta hora solo puede llamar supervisión, con un motivo.")
    who = _free(tx, account_id)
    if (same := _same_call(tx, desk, who, phone.e164)) is not None:
        return same
    _refuse_busy(who)
    # People write names: never into the trail, which nobody can erase.
    why = desk.vault.seal(reason.strip()[:300])
    room_id = _begin(tx, desk, now, line, who, phone.e164, actor, kind=RoomKind.OUTBOUND, reason_sealed=why)
    action = "call.placed" if is_legal else "call.placed_outside_hours"
    audit.record(tx, now, actor, action, "room", room_id, has_reason=True, line=line.id)
    return room_id


def follow(desk: Desk, now: datetime) -> int:
    """Moves on the calls that operators make, and tells their campaigns what is known; how many await their citizen.

    Each call in a transaction of its own, and what one of them fails at keeps no other from its turn.
    """
    with desk.db.begin() as tx:
        found = _without_citizen(tx)
        claims = placing.in_a_call(tx)
        late = concluding.abandoned(tx, now)
    one_by_one(desk.db, found, lambda tx, room_id: _look_at(tx, now, room_id), "room {}".format)
    one_by_one(desk.db, claims, lambda tx, claim: _tell(tx, now, claim), "claim {0.id}".format)
    with desk.db.begin() as tx:
        taking.give_back_expired(tx, now)
    one_by_one(desk.db, late, lambda tx, claim: concluding.conclude_abandoned(tx, now, claim), "claim {}".format)
    return len(found)


def refresh(tx: Connection, desk: Desk, now: datetime, account_id: int) -> None:
    """The same for one operator's contact, so that their screen never lags behind the telephone."""
    for claim in placing.in_a_call(tx, account_id):
        _tell(tx, now, claim)


def _free(tx: Connection, account_id: int) -> Row:
    """The operator's row, locked: two presses at once are told apart."""
    query = select(operator_table).where(operator_table.c.account_id == account_id)
    who = tx.execute(query.with_for_update()).first()
    if who is None:
        raise CannotDo("Abra primero su puesto.")
    return who


def _refuse_busy(who: Row) -> None:
    if who.room_id is not None or who.state in presence.BUSY:
        raise CannotDo("Termine primero la llamada que tiene.")
    if who.state not in (Presence.DISPONIBLE, Presence.POST_LLAMADA):
        raise CannotDo("Póngase disponible antes de llamar.")


def _line(desk: Desk, line_id: str, role: Role) -> DeskLine:
    """The line to call from, if this role may know of its calls (R75, R81)."""
    line = desk.lines.get(line_id)
    if line is None:
        raise CannotDo("Esa línea ya no existe.")
    if line.restricted_roles and role not in line.restricted_roles:
        raise CannotDo("Su rol no puede llamar desde esa línea.")
    return line


def _begin(
    tx: Connection, desk: Desk, now: datetime, line: DeskLine, who: Row, to: str, actor: str, **values: object
) -> int:
    """A conversation that has only its operator as yet: whoever rings first is whose it is (``_owner``)."""
    queue = line.queue(None)
    room_id = rooms.add(
        tx,
        room_table,
        line=line.id,
        queue=queue.name,
        state=RoomState.OFFERED,
        is_helpline=line.is_helpline,
        citizen_sealed=desk.vault.seal(to),
        citizen_print=desk.vault.fingerprint("phone", to),
        priority=queue.priority,
        place_since=now,
        entered_at=now,
        queued_at=now,
        account_id=who.account_id,
        wanted_account=who.account_id,
        **values,
    )
    presence.take(tx, now, who.account_id, room_id, Presence.TIMBRANDO)
    dispatch.ring(tx, desk, now, room_id, who, OWN_SECONDS)
    events.note(tx, now, room_id, "room.placed", actor, made=str(values["kind"]))
    return room_id


def _same_call(tx: Connection, desk: Desk, who: Row, to: str) -> int | None:
    """The operator's open call to this very number."""
    if who.room_id is None:
        return None
    same = (
        room_table.c.id == who.room_id,
        room_table.c.kind == RoomKind.OUTBOUND,
        room_table.c.state != RoomState.ENDED,
        room_table.c.citizen_print == desk.vault.fingerprint("phone", to),
    )
    return tx.execute(select(room_table.c.id).where(*same)).scalar()


def _without_citizen(tx: Connection) -> list[int]:
    """Open conversations made here whose citizen was never dialled."""
    dialled = exists().where(leg_table.c.room_id == room_table.c.id, leg_table.c.role == LegRole.CALLER)
    made_here = (room_table.c.kind.in_(MADE_HERE), room_table.c.state != RoomState.ENDED)
    query = select(room_table.c.id).where(*made_here, ~dialled).order_by(room_table.c.id)
    return list(tx.execute(query).scalars())


def _look_at(tx: Connection, now: datetime, room_id: int) -> None:
    room = rooms.load(tx, room_id)
    if room is not None and room.is_open:
        _move_on(tx, now, room)


def _move_on(tx: Connection, now: datetime, room: Room) -> None:
    """The operator is there: the citizen is dialled, once. The operator did not come: there is no call."""
    if any(leg.role is LegRole.CALLER for leg in room.legs):
        return
    here = [leg for leg in room.of(LegRole.OPERATOR) if leg.is_in]
    if room.state is RoomState.WAITING or any(leg.account_id != _owner(room) for leg in here):
        settling.end(tx, now, room, "not answered by the operator")
    elif room.state is RoomState.TALKING and here:
        sealed = tx.execute(select(room_table.c.citizen_sealed).where(room_table.c.id == room.id)).scalar_one()
        more = {"address_sealed": sealed, "is_quiet": True, "ring_seconds": CITIZEN_SECONDS}
        rooms.add_leg(tx, now, room.id, LegRole.CALLER, rooms.DESK, **more)


def _owner(room: Room) -> int | None:
    return next((leg.account_id for leg in room.legs if leg.role is LegRole.OPERATOR), None)


def _tell(tx: Connection, now: datetime, claim: Row) -> None:
    room = rooms.load(tx, claim.room_id, lock=False)
    if room is None:
        placing.hear(tx, now, claim.id, Told(was_asked=False, is_over=True))
        return
    callers = [leg for leg in room.legs if leg.role is LegRole.CALLER]
    placing.hear(tx, now, claim.id, _told(now, room, callers[0] if callers else None))


def _told(now: datetime, room: Room, leg: Leg | None) -> Told:
    """What a room shows of its citizen's telephone. A room may end before anybody was dialled."""
    if leg is None or leg.state is LegState.WANTED or (leg.result == "canceled" and leg.sid is None):
        return Told(was_asked=False, is_over=not room.is_open)
    is_lost = room.ended_at is not None and leg.sid is None and now >= room.ended_at + LOST_AFTER
    status = leg.result if leg.state is LegState.ENDED else "no-answer" if is_lost else None
    answered_at = leg.joined_at or leg.answered_at
    if status == "completed" and answered_at is None:
        status = "canceled"  # we hung up while it rang
    return Told(True, leg.sid, leg.asked_at, answered_at, leg.ended_at, status, not room.is_open)
