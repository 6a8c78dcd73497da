"""The calls that operators make are looked at one by one: what one of them fails at keeps no other from its turn."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from campaigns.tables import operated_contact
from core.database import Database
from desk import calling, rooms
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg
from desk.tables import room as room_table
from tests.campaigns.builders import attempts_of, running, set_campaign
from tests.campaigns.operated.scene import LUZ, ROSA, Scene
from tests.desk.stage import Stage


@pytest.fixture
def desk(stage: Stage):
    """The real one, whose process is stopped: only the test looks."""
    stage.stop_desk()
    return stage.desk


@pytest.fixture
def scene(desk) -> Scene:
    return Scene(desk.db, desk.vault, desk.clock)


def campaigns_of_operators(scene: Scene, many: int) -> list[int]:
    """Of one person each, nobody of whom is in two of them."""
    return [running(scene.db, scene.vault, scene.clock, 1, first, modo="OPERADOR") for first in range(many)]


def room_of(scene: Scene, account_id: int) -> int:
    """An operator's conversation, in which they were rung and nobody has answered."""
    now = scene.clock.now()
    with scene.db.begin() as tx:
        room_id = rooms.add(
            tx,
            room_table,
            line="dgs",
            queue="general",
            kind=RoomKind.CAMPAIGN,
            state=RoomState.WAITING,
            account_id=account_id,
            place_since=now,
            entered_at=now,
            queued_at=now,
        )
        rooms.add_leg(tx, now, room_id, LegRole.OPERATOR, rooms.DESK, account_id=account_id)
    return room_id


def set_leg(db: Database, room_id: int, state: str) -> None:
    with db.begin() as tx:
        tx.execute(update(leg).where(leg.c.room_id == room_id).values(state=state))


def state_of(db: Database, room_id: int) -> str:
    with db.begin() as tx:
        return tx.execute(select(room_table.c.state).where(room_table.c.id == room_id)).scalar_one()


def claims(db: Database) -> list[tuple[int | None, str | None]]:
    """(room, how it ended) of every contact that somebody had, the first one first."""
    query = select(operated_contact.c.room_id, operated_contact.c.ended_as).order_by(operated_contact.c.id)
    with db.begin() as tx:
        return [tuple(row) for row in tx.execute(query)]


def test_an_abandoned_call_that_cannot_be_concluded_keeps_no_other_open(desk, scene, caplog):
    broken, sound = campaigns_of_operators(scene, 2)
    for who, campaign_id, sid in ((ROSA, broken, "CA1"), (LUZ, sound, "CA2")):
        scene.asks(who, campaign_id)
        scene.calls(who)
        scene.hears(who, sid=sid, asked_at=scene.clock.now(), status="busy", is_over=True)
    set_campaign(desk.db, broken, country="XX")  # of whose rules nobody knows
    scene.clock.advance(timedelta(minutes=15))

    calling.follow(desk, scene.clock.now())

    assert [ended_as for _, ended_as in claims(desk.db)] == [None, "concluded"]
    assert [attempts_of(desk.db, each)[0].outcome for each in (broken, sound)] == [None, "no_contacto.ocupado"]
    assert "KeyError at " in caplog.text

    set_campaign(desk.db, broken, country="SV")
    calling.follow(desk, scene.clock.now())
    assert [ended_as for _, ended_as in claims(desk.db)] == ["concluded", "concluded"]


def test_a_conversation_that_cannot_be_read_keeps_no_other_from_going_on(desk, scene, caplog):
    """Nobody came to either: the one is ended, and its contact is its operator's again."""
    campaigns = campaigns_of_operators(scene, 2)
    held = []
    for who, campaign_id in zip((ROSA, LUZ), campaigns, strict=True):
        scene.asks(who, campaign_id)
        held.append(room_of(scene, who.account_id))
        scene.calls(who, held[-1])
    broken, sound = held
    set_leg(desk.db, broken, "LOST")  # no state of ours

    calling.follow(desk, scene.clock.now())

    assert [state_of(desk.db, each) for each in held] == [RoomState.WAITING, RoomState.ENDED]
    assert claims(desk.db) == [(broken, None), (None, None)]
    assert [attempts_of(desk.db, each)[0].state for each in campaigns] == ["asking", "due"]
    assert f"room {broken} was passed over: ValueError at " in caplog.text

    set_leg(desk.db, broken, LegState.WANTED)
    calling.follow(desk, scene.clock.now())
    assert claims(desk.db) == [(None, None), (None, None)]


def test_where_a_conversation_cannot_be_read_expired_contacts_are_given_back(desk, scene):
    (campaign_id,) = campaigns_of_operators(scene, 1)
    scene.asks(LUZ, campaign_id)
    set_leg(desk.db, room_of(scene, ROSA.account_id), "LOST")
    scene.clock.advance(timedelta(minutes=15))
    calling.follow(desk, scene.clock.now())
    assert claims(desk.db) == [(None, "expired")]
