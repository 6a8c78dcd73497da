"""Whose telephone was answered is in a call, whoever they are; and nobody is called whose promise is owed no more."""

from datetime import datetime

import pytest
from sqlalchemy import select

from assembly import Parts
from desk import callbacks, dispatch, presence, promises, rooms
from desk.on_the_line import WHILE_CALLED
from desk.states import LegRole, LegState, Presence, PromiseState, RoomKind, RoomState
from desk.tables import leg, promise
from desk.tables import room as room_table
from tests.campaigns.builders import attempts_of, put_on_the_line, running, set_attempt

ROSA, SARA = 7, 8
PHONE = "+50370001234"


@pytest.fixture
def now(parts: Parts) -> datetime:
    return parts.clock.now()


def at_the_desk(parts: Parts, now: datetime, account_id: int, *, is_supervisor: bool = False) -> None:
    with parts.db.begin() as tx:
        presence.sign_on(tx, now, account_id, f"{account_id}@example.org", "Ana", is_supervisor=is_supervisor)
        presence.choose(tx, now, account_id, Presence.DISPONIBLE)


def state_of(parts: Parts, account_id: int) -> str:
    with parts.db.begin() as tx:
        row = presence.of(tx, account_id)
    assert row is not None
    return row.state


def test_a_supervisor_who_accepts_an_emergency_that_has_an_operator_again_is_in_a_call(
    parts: Parts, now: datetime
) -> None:
    at_the_desk(parts, now, SARA, is_supervisor=True)
    times = {"place_since": now, "entered_at": now, "queued_at": now, "answered_at": now}
    kind = {"line": "linea131", "queue": "crisis", "kind": RoomKind.INBOUND, "state": RoomState.TALKING}
    with parts.db.begin() as tx:
        room_id = rooms.add(tx, room_table, **times, **kind, is_emergency=True, is_crisis=True, account_id=ROSA)
        here = {"room_id": room_id, "wanted_at": now}
        rooms.add(tx, leg, role=LegRole.OPERATOR, state=LegState.JOINED, account_id=ROSA, joined_at=now, **here)
        rung = rooms.add(tx, leg, role=LegRole.SUPERVISOR, state=LegState.ANSWERED, account_id=SARA, **here)
        presence.take(tx, now, SARA, room_id, Presence.TIMBRANDO)
        assert dispatch.accept(tx, parts.world.desk, now, rung)
    assert state_of(parts, SARA) == Presence.EN_LLAMADA
    with parts.db.begin() as tx:
        presence.release(tx, now, room_id, SARA)
    assert state_of(parts, SARA) == Presence.POST_LLAMADA


@pytest.mark.parametrize(
    ("chosen", "after"),
    [
        ([], Presence.FUERA),
        ([Presence.DISPONIBLE], Presence.DISPONIBLE),
        ([Presence.DISPONIBLE, Presence.DESCANSO], Presence.DESCANSO),
        ([Presence.DESCANSO, Presence.FUERA], Presence.FUERA),
    ],
)
@pytest.mark.parametrize("how", [presence.release, presence.free_those_whom_nobody_rings])
def test_whom_nobody_rings_any_more_does_what_they_did_before(
    parts: Parts, now: datetime, chosen: list[Presence], after: Presence, how: object
) -> None:
    with parts.db.begin() as tx:
        presence.sign_on(tx, now, SARA, "sara@example.org", "Sara", is_supervisor=True)
        for state in chosen:
            presence.choose(tx, now, SARA, state, "almuerzo")
        presence.take(tx, now, SARA, 1, Presence.TIMBRANDO)
        if how is presence.release:
            presence.release(tx, now, 1, SARA)
        else:
            presence.free_those_whom_nobody_rings(tx, now)
        row = presence.of(tx, SARA)
    assert row is not None
    reason = "almuerzo" if after is Presence.DESCANSO else None
    assert (row.state, row.reason, row.room_id) == (after, reason, None)


def test_whoever_calls_the_citizen_looks_whether_the_promise_is_owed_still(parts: Parts, now: datetime) -> None:
    at_the_desk(parts, now, ROSA)
    desk = parts.world.desk
    with parts.db.begin() as tx:
        made = {"line_id": "dgs", "queue": "general", "phone": PHONE}
        promise_id = promises.make(tx, desk, now, **made, place_since=now, learnt={})
    callbacks.open_due(desk, now)
    dispatch.dispatch(desk, now)
    with parts.db.begin() as tx:
        (room,) = rooms.open_rooms(tx)
        promises.withdraw(tx, now, promise_id)
        dispatch.accept(tx, desk, now, room.of(LegRole.OPERATOR)[0].id)
    with parts.db.begin() as tx:
        known = rooms.load(tx, room.id)
        owed = tx.execute(select(promise.c.state, promise.c.tries)).one()
        ended_as = tx.execute(select(room_table.c.ended_as)).scalar_one()
    assert known is not None
    assert (known.state, ended_as, known.of(LegRole.CALLER)) == (RoomState.ENDED, "rang again", [])
    assert tuple(owed) == (PromiseState.WITHDRAWN, 0)


def test_whoever_is_promised_a_call_is_not_rung_while_a_campaign_calls_them(parts: Parts, now: datetime) -> None:
    at_the_desk(parts, now, ROSA)
    campaign_id = running(parts.db, parts.vault, parts.clock, 1)
    (theirs,) = attempts_of(parts.db, campaign_id)
    phone = "+50371000000"
    desk = parts.world.desk
    with parts.db.begin() as tx:
        promises.make(tx, desk, now, line_id="dgs", queue="general", phone=phone, place_since=now, learnt={})
    callbacks.open_due(desk, now)
    dispatch.dispatch(desk, now)
    put_on_the_line(parts.db, theirs.id, "CA1", now)
    set_attempt(parts.db, theirs.id, to_print=parts.vault.fingerprint("phone", phone))
    with parts.db.begin() as tx:
        (room,) = rooms.open_rooms(tx)
        dispatch.accept(tx, desk, now, room.of(LegRole.OPERATOR)[0].id)
    with parts.db.begin() as tx:
        ended_as, owed = tx.execute(select(room_table.c.ended_as)).scalar_one(), tx.execute(select(promise)).one()
        known = rooms.load(tx, room.id)
    assert known is not None
    assert (ended_as, known.of(LegRole.CALLER)) == ("called by a campaign", [])
    assert (owed.state, owed.tries, owed.next_at) == (PromiseState.WAITING, 0, now + WHILE_CALLED)
