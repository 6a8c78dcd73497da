"""Who is given which call: by the turn, by what an operator can do, and whatever else waits."""

from datetime import timedelta
from itertools import count

import pytest

from assembly import Parts
from desk import advance, arriving, callbacks, dispatch, presence, promises, rooms, settling
from desk.arriving import Arrival
from desk.process import DeskProcess
from desk.states import LegRole, Presence, RoomState
from desk.world import Desk


@pytest.fixture
def desk(parts: Parts) -> Desk:
    return parts.world.desk


@pytest.fixture
def waits(desk, clock):
    """Somebody rings and waits; their room."""
    made = count(1)

    def waits(queue: str, line: str = "dgs") -> int:
        arrival = Arrival(f"CA{next(made):032}", line, f"+5037000{next(made):04}", {})
        with desk.db.begin() as tx:
            return arriving.enter(tx, desk, clock.now(), arrival, queue).room_id

    return waits


@pytest.fixture
def free(desk, clock):
    """An operator who is free; their account."""
    made = count(1)

    def free(*skills: str, is_supervisor: bool = False) -> int:
        account = next(made)
        with desk.db.begin() as tx:
            email = f"persona{account}@ejemplo.gob.sv"
            presence.sign_on(tx, clock.now(), account, email, "Ana", is_supervisor=is_supervisor)
            presence.set_skills(tx, account, list(skills))
            presence.choose(tx, clock.now(), account, Presence.DISPONIBLE)
            presence.seen(tx, account)
        return account

    return free


def offered(desk: Desk) -> set[int]:
    with desk.db.begin() as tx:
        return {room.id for room in rooms.open_rooms(tx) if room.state is RoomState.OFFERED}


def test_a_long_queue_that_nobody_free_serves_keeps_nobody_else_waiting(desk, clock, waits, free):
    for _ in range(120):
        waits("pin")
    other = waits("general")
    free()
    assert dispatch.dispatch(desk, clock.now()) == 1
    assert offered(desk) == {other}


def test_each_operator_is_given_one_call_and_each_call_one_operator(desk, clock, waits, free):
    first, second, third = (waits("general") for _ in range(3))
    free()
    free()
    assert dispatch.dispatch(desk, clock.now()) == 2
    assert offered(desk) == {first, second}
    assert dispatch.dispatch(desk, clock.now()) == 0
    with desk.db.begin() as tx:
        assert {row.room_id for row in presence.everyone(tx)} == {first, second}
    assert third not in offered(desk)


def test_a_promise_of_a_line_that_is_gone_keeps_no_other_waiting(desk, clock, parts):
    with desk.db.begin() as tx:
        for n in range(60):
            given = {"queue": "general", "phone": f"+503700{n:05}", "place_since": clock.now(), "learnt": {}}
            promises.make(tx, desk, clock.now(), line_id="issemym" if n < 59 else "dgs", **given)
        tx.exec_driver_sql("update promise set line = 'retirada' where line = 'issemym'")
    assert callbacks.open_due(desk, clock.now()) == 1


def test_only_free_supervisors_are_called_to_an_emergency(desk, clock, waits, free):
    room_id = waits("crisis", "linea131")
    busy, idle = free(is_supervisor=True), free(is_supervisor=True)
    with desk.db.begin() as tx:
        room = rooms.load(tx, room_id)
        presence.take(tx, clock.now(), busy, waits_elsewhere(tx, desk, clock), Presence.TIMBRANDO)
    with desk.db.begin() as tx:
        assert room is not None
        assert advance.call_supervisors(tx, desk, clock.now(), room) == 1
        called = rooms.load(tx, room_id)
    assert called is not None
    assert [leg.account_id for leg in called.of(LegRole.SUPERVISOR)] == [idle]


def waits_elsewhere(tx, desk: Desk, clock) -> int:
    return arriving.enter(tx, desk, clock.now(), Arrival("CA" + "f" * 32, "dgs", None, {}), None).room_id


def test_a_rule_that_fails_holds_up_no_other(desk, clock, waits, free, monkeypatch):
    waits("general")
    free()
    process = DeskProcess(desk)

    def fails(_desk: object, _now: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("desk.process._RULES", (fails, dispatch.dispatch))
    process.look()
    process.close()  # else the telephone it rings would be one of the next test
    assert len(offered(desk)) == 1


def rung_for(desk: Desk, room_id: int) -> int:
    """The telephone of whoever is offered a call."""
    with desk.db.begin() as tx:
        room = rooms.load(tx, room_id)
    assert room is not None
    return room.of(LegRole.OPERATOR)[-1].id


@pytest.mark.parametrize(
    ("queue", "line", "after"), [("general", "dgs", dispatch.STAYS_AWAY), ("crisis", "linea131", timedelta(0))]
)
def test_whoever_hangs_up_before_the_citizen_is_with_them_leaves_the_call_to_others(
    desk, clock, waits, free, queue, line, after
):
    """On an ordinary line once their page may have been loaded again; whom nobody may let go is offered at once."""
    room_id = waits(queue, line)
    free(), free()
    for _ in range(2):
        clock.advance(after)
        assert dispatch.dispatch(desk, clock.now()) == 1
        leg_id = rung_for(desk, room_id)
        with desk.db.begin() as tx:
            assert dispatch.accept(tx, desk, clock.now(), leg_id)
            settling.leg_ended(tx, clock.now(), leg_id, "completed")
            room = rooms.load(tx, room_id)
        assert room is not None
        assert (room.state, room.account_id) == (RoomState.WAITING, None)
