"""A conversation put right after a telephone has left it: what no scenario can bring about in time."""

import pytest

from assembly import Parts
from desk import advance, events, rooms, settling
from desk.due import services_due
from desk.joining import label_of_leg
from desk.moves import ToService
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg as leg_table
from desk.tables import room as room_table
from desk.world import Desk


@pytest.fixture
def desk(parts: Parts) -> Desk:
    return parts.world.desk


@pytest.fixture
def emergency(desk, clock) -> Room:
    """An emergency whose operator and citizen talk; each kind of its services was put through."""
    now = clock.now()
    times = dict.fromkeys(("place_since", "entered_at", "queued_at", "answered_at"), now)
    kind = {"line": "linea131", "queue": "crisis", "kind": RoomKind.INBOUND, "state": RoomState.TALKING}
    first = {"is_emergency": True, "is_crisis": True, "zone": "San Salvador", "call_sid": "CA1"}
    there = {"state": LegState.JOINED, "wanted_at": now, "joined_at": now}
    with desk.db.begin() as tx:
        room_id = rooms.add(tx, room_table, **times, **kind, **first)
        for place, role in enumerate((LegRole.CALLER, LegRole.OPERATOR), 1):
            rooms.add(tx, leg_table, room_id=room_id, role=role, sid=f"CA{place}", **there)
        for move in services_due(known(tx, room_id), desk.lines["linea131"], now):
            advance.apply(tx, desk, now, known(tx, room_id), move)
        for each in known(tx, room_id).of(LegRole.SERVICE):
            rooms.joined(tx, now, room_id, each)
        return known(tx, room_id)


def known(tx, room_id: int) -> Room:
    found = rooms.load(tx, room_id)
    assert found is not None
    return found


def the_911(room: Room) -> Leg:
    return next(each for each in room.legs if each.kind == "911")


@pytest.mark.parametrize("told", ["participant-join", "participant-leave"])
def test_a_service_that_came_and_left_is_rung_again_by_a_person_alone(desk, clock, emergency, told):
    left = the_911(emergency)
    with desk.db.begin() as tx:
        events.note(tx, clock.now(), emergency.id, f"carrier.{told}", "carrier", label=label_of_leg(left.id))
        settling.leg_ended(tx, clock.now(), left.id, "completed")
        room = known(tx, emergency.id)
    assert (the_911(room).result, the_911(room).joined_at is None) == ("completed", False)
    assert services_due(room, desk.lines["linea131"], clock.now()) == []


def test_a_service_that_never_came_into_the_conference_did_not_come(desk, clock, emergency):
    """Its document was answered when the carrier had given it up: the next number of its kind is rung."""
    lost, other = the_911(emergency), next(each for each in emergency.legs if each.kind not in (None, "911"))
    with desk.db.begin() as tx:
        events.note(tx, clock.now(), emergency.id, "carrier.participant-join", "carrier", label=label_of_leg(other.id))
        settling.leg_ended(tx, clock.now(), lost.id, "completed")
        room = known(tx, emergency.id)
    assert (the_911(room).result, the_911(room).joined_at) == ("no-answer", None)
    (move,) = services_due(room, desk.lines["linea131"], clock.now())
    assert isinstance(move, ToService)
    assert (move.service.kind, move.rank) == ("911", 1)
