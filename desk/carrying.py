"""What was decided about a telephone is told to the carrier: outside any transaction, once, and kept."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, update

from carrier.client import Carrier, CarrierDown, LegOrder, NotAsked, Placed, Refused
from carrier.webhook import TRY_AGAIN
from core.logs import where
from desk import events, rooms, settling
from desk.joining import name_of
from desk.states import LIVE, LegRole, LegState
from desk.tables import leg as leg_table
from desk.tables import room as room_table
from desk.world import Desk

Keeping: TypeAlias = Callable[[Connection, datetime], None]

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=15)  # longer than the carrier may take to answer
SOON = timedelta(seconds=0.4)  # what could not be done yet is tried again
TOLD_AGAIN = timedelta(seconds=2)  # to ask where a call belongs, if it has not asked by then

_l = leg_table.c
_DIFFERS = or_(
    _l.wants_out,
    _l.wants_look,
    _l.wants_hold != _l.is_held,
    _l.wants_mute != _l.is_muted,
    _l.coaches.is_not(None) != _l.is_coaching,
)
_TO_DO = or_(_l.state == LegState.WANTED, and_(_l.state.in_(LIVE), _l.sid.is_not(None), _DIFFERS))

#: An emergency service before everything, whoever speaks with the citizen before whoever only listens.
_URGENCY = case((_l.role == LegRole.SERVICE, 0), (_l.role == LegRole.SUPERVISOR, 2), else_=1)


@dataclass(frozen=True)
class Errand:
    """One telephone about which the carrier is to be told something, as it was taken: nothing of it is opened yet, so
    that one which cannot be carried out takes no other with it."""

    leg: Row
    room: Row


def claim(tx: Connection, desk: Desk, now: datetime, most: int) -> list[Errand]:
    """Takes errands for this process: no other does them meanwhile. By the database's real clock."""
    free = or_(_l.claimed_until.is_(None), _l.claimed_until < func.clock_timestamp())
    ids = (
        select(_l.id)
        .where(_TO_DO, free)
        .order_by(_URGENCY, _l.wanted_at, _l.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = (
        update(leg_table)
        .where(_l.id.in_(ids))
        .values(claimed_until=func.clock_timestamp() + CLAIM)
        .returning(*leg_table.c)
    )
    rows = tx.execute(taken).all()
    wanted = [row.id for row in rows if row.state == LegState.WANTED]
    if wanted:
        asked = {"state": LegState.ASKING, "asked_at": now}
        tx.execute(update(leg_table).where(_l.id.in_(wanted)).values(**asked))
    known = {
        row.id: row for row in tx.execute(select(room_table).where(room_table.c.id.in_({r.room_id for r in rows})))
    }
    return [Errand(row, known[row.room_id]) for row in rows]


def carry_out(desk: Desk, errand: Errand) -> None:
    """Tells the carrier one thing about the telephone, and keeps what came of it. A telephone that cannot be dialled at
    all, as its line or its address is not to be had any more, ends as one that failed. Raises only what the database
    does."""
    leg, room = errand.leg, errand.room
    try:
        carrier = desk.carrier_of(room.line, room.carrier_account)
        order = _order(desk, errand) if leg.state == LegState.WANTED else None
    except Exception as error:
        log.error("leg %s was passed over: %s", leg.id, where(error))
        if leg.state == LegState.WANTED:  # the carrier was never asked; what is on the line is tried again
            _store(desk, leg, lambda tx, now: settling.leg_ended(tx, now, leg.id, "failed"))
        return
    try:
        if order is not None:
            _dial(desk, leg, carrier, order)
        elif leg.wants_out:
            carrier.hang_up(leg.sid)
            _store(desk, leg, lambda tx, now: settling.leg_ended(tx, now, leg.id, "completed"))
        elif leg.wants_look:
            _send_to_its_document(desk, leg, carrier)
        else:
            _change_in_conference(desk, errand, carrier)
    except CarrierDown:
        log.warning("the carrier does not answer: an errand waits")
        _later(desk, leg)


def _order(desk: Desk, errand: Errand) -> LegOrder:
    """Raises KeyError (its line is not there any more), CannotOpen."""
    leg, voice = errand.leg, f"{desk.public_url}/voice/desk"
    return LegOrder(
        to=desk.vault.open(leg.address_sealed) if leg.address_sealed else "",
        caller_id=desk.lines[errand.room.line].caller_id,
        voice_url=f"{voice}/leg?leg={leg.id}{TRY_AGAIN}",
        status_url=f"{voice}/status?leg={leg.id}",
        ring_seconds=leg.ring_seconds,
        send_digits=leg.send_digits or "",
    )


def _dial(desk: Desk, leg: Row, carrier: Carrier, order: LegOrder) -> None:
    if not _is_wanted_still(desk, leg):
        return
    match carrier.call(order):
        case Placed(sid):
            _store(desk, leg, lambda tx, now: _placed(tx, now, leg, sid))
            if not _is_wanted_still(desk, leg):
                carrier.hang_up(sid)  # let go while the carrier was being asked
        case Refused(code):
            log.warning("a telephone of the desk was refused: %s", code)
            _store(desk, leg, lambda tx, now: settling.leg_ended(tx, now, leg.id, "failed"))
        case NotAsked():
            _store(desk, leg, lambda tx, now: _not_asked(tx, now, leg), SOON)
        case _:
            pass  # unknown: its webhook proves it, or its time runs out (desk/advance.py)


def _is_wanted_still(desk: Desk, leg: Row) -> bool:
    """Looked at again before the telephone rings: the errand may have waited, and minds change."""
    with desk.db.begin() as tx:
        known = tx.execute(select(_l.state, _l.wants_out).where(_l.id == leg.id)).one()
        if known.wants_out and known.state == LegState.ASKING:
            rooms.load(tx, leg.room_id)
            settling.leg_ended(tx, desk.clock.now(), leg.id, "canceled")
        return known.state != LegState.ENDED and not known.wants_out


def _not_asked(tx: Connection, now: datetime, leg: Row) -> None:
    """To be asked again, unless nobody wants it any more."""
    if tx.execute(select(_l.wants_out).where(_l.id == leg.id)).scalar_one():
        settling.leg_ended(tx, now, leg.id, "canceled")
    else:
        rooms.change_leg(tx, leg.id, state=LegState.WANTED)


def _placed(tx: Connection, now: datetime, leg: Row, sid: str) -> None:
    """The reply may come after the first webhook: what that one found out stays."""
    known = tx.execute(select(_l.state, _l.wants_out).where(_l.id == leg.id).with_for_update()).one()
    if known.state == LegState.ASKING:
        rooms.change_leg(tx, leg.id, state=LegState.RINGING, sid=sid)
        events.note(tx, now, leg.room_id, "leg.ringing", rooms.DESK, leg.id, role=leg.role)


def _send_to_its_document(desk: Desk, leg: Row, carrier: Carrier) -> None:
    """The citizen's call is sent to where it belongs now: /voice/place decides when it is asked, or, of a call that we
    made and the IVR knows nothing of, /voice/desk/caller."""
    where_to = f"desk/caller?leg={leg.id}" if leg.address_sealed else "place"
    is_there = carrier.replace(leg.sid, f"{desk.public_url}/voice/{where_to}{TRY_AGAIN}")

    def store(tx: Connection, now: datetime) -> None:
        if not is_there:
            settling.leg_ended(tx, now, leg.id, "completed")

    # The webhook itself takes the wish back; until it has come, the carrier is told again.
    _store(desk, leg, store, case((_l.wants_look, func.clock_timestamp() + TOLD_AGAIN), else_=None))


def _change_in_conference(desk: Desk, errand: Errand, carrier: Carrier) -> None:
    leg = errand.leg
    sid = errand.room.conference_sid or carrier.conference_named(name_of(leg.room_id))
    if sid is None or leg.state != LegState.JOINED:
        _later(desk, leg)
        return
    told: dict[str, object] = {}
    done: dict[str, object] = {}
    if leg.wants_hold != leg.is_held:
        hold = f"{desk.public_url}/voice/desk/hold?room={leg.room_id}"
        told |= {"hold": leg.wants_hold, "hold_url": hold, "hold_method": "POST"} if leg.wants_hold else {"hold": False}
        done["is_held"] = leg.wants_hold
    if leg.wants_mute != leg.is_muted:
        told["muted"], done["is_muted"] = leg.wants_mute, leg.wants_mute
    if (leg.coaches is not None) != leg.is_coaching:
        told |= {"coaching": True, "call_sid_to_coach": leg.coaches} if leg.coaches else {"coaching": False}
        done["is_coaching"] = leg.coaches is not None
    if not carrier.change_participant(sid, leg.sid, **told):
        # Not in it yet, or the conference that we know of is not the present one: it is looked for by its name.
        _store(desk, leg, lambda tx, now: rooms.change(tx, leg.room_id, conference_sid=None), SOON)
        return
    _store(desk, leg, lambda tx, now: _changed(tx, now, leg, done))


def _changed(tx: Connection, now: datetime, leg: Row, done: dict[str, object]) -> None:
    rooms.change_leg(tx, leg.id, **done)
    events.note(tx, now, leg.room_id, "leg.changed", rooms.DESK, leg.id, role=leg.role, **done)


def _later(desk: Desk, leg: Row) -> None:
    _store(desk, leg, lambda tx, now: None, SOON)


def _store(
    desk: Desk, leg: Row, what: Keeping, free_at: timedelta | ColumnElement[datetime | None] | None = None
) -> None:
    """Keeps what came of an errand, and gives the telephone back (``free_at``: after so long, or at that moment)."""
    until = func.clock_timestamp() + free_at if isinstance(free_at, timedelta) else free_at
    with desk.db.begin() as tx:
        rooms.load(tx, leg.room_id)  # every change of a room locks it first
        what(tx, desk.clock.now())
        tx.execute(update(leg_table).where(_l.id == leg.id).values(claimed_until=until))
