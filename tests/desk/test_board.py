"""What the desk's screens are told, from rooms made through the desk's own functions."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import insert

from assembly import Parts
from desk import arriving, board, call_card, call_list, presence, rooms, settling, wallboard
from desk.arriving import Arrival
from desk.call_card import Learnt
from desk.states import LegRole, Presence
from desk.tables import operator
from desk.wallboard import Picture, Wallboard
from desk.world import Desk


@pytest.fixture
def desk(parts: Parts) -> Desk:
    return parts.world.desk


@pytest.fixture
def tx(desk):
    with desk.db.begin() as tx:
        yield tx


@pytest.fixture
def calls(tx, desk, clock):
    """Somebody rings and waits; their room."""
    made = count(1)

    def calls(phone: str | None = "+50370001234", line: str = "dgs", queue: str | None = None, **other) -> int:
        sid = f"CA{next(made):032}"
        learnt = other.pop("learnt", {"document": "000162975", "path": ["PIN", "Cambiar"]})
        arrival = Arrival(sid, line, phone, learnt, **other)
        return arriving.enter(tx, desk, clock.now(), arrival, queue).room_id

    return calls


@pytest.fixture
def calls_committed(desk, clock):
    """Somebody rings and waits, in a transaction of its own; their room."""
    made = count(500)

    def calls_committed() -> int:
        with desk.db.begin() as tx:
            arrival = Arrival(f"CA{next(made):032}", "dgs", "+50370001234", {})
            return arriving.enter(tx, desk, clock.now(), arrival, None).room_id

    return calls_committed


@pytest.fixture
def ana(tx, clock) -> int:
    presence.sign_on(tx, clock.now(), 7, "ana@ejemplo.gob.sv", "Ana", is_supervisor=False)
    return 7


def answered(tx, clock, room_id: int, account_id: int) -> int:
    leg_id = rooms.add_leg(tx, clock.now(), room_id, LegRole.OPERATOR, "desk", account_id=account_id, name="Ana")
    room = rooms.load(tx, room_id)
    assert room is not None
    rooms.joined(tx, clock.now(), room_id, next(leg for leg in room.legs if leg.id == leg_id))
    rooms.change(tx, room_id, state="TALKING", account_id=account_id, answered_at=clock.now())
    presence.take(tx, clock.now(), account_id, room_id, Presence.EN_LLAMADA)
    return leg_id


def test_a_call_is_shown_masked_with_what_the_line_learnt(tx, desk, clock, calls):
    room_id = calls()
    clock.advance(timedelta(seconds=42))
    call = call_card.call_of(tx, desk, clock.now(), room_id)
    assert call is not None
    assert (call.phone, call.seconds) == ("+503 ••••-••34", 42)
    assert call.learnt == Learnt("00•••••-•", False, ("PIN", "Cambiar"))
    assert "70001234" not in repr(call) and "000162975" not in repr(call)


def test_a_withheld_number_is_none_and_an_unknown_call_too(tx, desk, clock, calls):
    call = call_card.call_of(tx, desk, clock.now(), calls(phone=None, learnt={}))
    assert call is not None and call.phone is None and call.learnt == Learnt()
    assert call_card.call_of(tx, desk, clock.now(), 999) is None


def test_who_waits_has_the_place_in_which_they_are_answered(tx, desk, clock, calls):
    first = calls()
    clock.advance(timedelta(seconds=5))
    crisis = calls(line="linea131", queue="crisis", is_crisis=True)
    second = calls()
    queues = wallboard.look(tx, desk).waiting
    found = board.waits(queues, desk, clock.now())
    assert [(each.room_id, each.position) for each in found] == [(crisis, 1), (first, 1), (second, 2)]
    assert [each.room_id for each in board.waits(queues, desk, clock.now(), {"linea131"})] == [first, second]


@pytest.mark.parametrize(
    ("skills", "served"), [((), {"general"}), (("PIN",), {"general", "pin"}), (("JURIDICA",), {"general"})]
)
def test_the_queues_that_an_operator_serves(tx, desk, clock, skills, served):
    found = board.queues_of(wallboard.look(tx, desk).waiting, desk, clock.now(), skills)
    assert {each.queue.name for each in found if each.line.id == "dgs"} == served


def test_a_telephone_that_did_not_answer_is_shown_for_a_while(tx, desk, clock, calls, ana):
    room_id = calls()
    answered(tx, clock, room_id, ana)
    leg_id = rooms.add_leg(tx, clock.now(), room_id, LegRole.CONSULTED, "desk", name="Extensión 12")
    settling.leg_ended(tx, clock.now(), leg_id, "busy")

    def results() -> list[str | None]:
        call = call_card.call_of(tx, desk, clock.now(), room_id)
        assert call is not None
        return [each.result for each in call.people if each.is_over]

    assert results() == ["busy"]
    clock.advance(timedelta(seconds=21))
    assert results() == []


def test_the_stamps_change_with_what_is_shown_and_not_with_the_page_being_open(tx, desk, clock, calls, ana):
    before = wallboard.look(tx, desk)
    presence.seen(tx, ana)
    seen = wallboard.look(tx, desk, before)
    assert stamps(seen, ana) == stamps(before, ana)
    assert seen.waiting is before.waiting
    room_id = calls()
    waits = wallboard.look(tx, desk, seen)
    assert changed(seen, waits, ana) == {"waiting"}
    answered(tx, clock, room_id, ana)
    assert changed(waits, wallboard.look(tx, desk, waits), ana) == {"waiting", "calls", "people", "mine"}


def test_that_a_call_is_over_is_seen_even_where_nobody_waits_and_nothing_else_changes_that(tx, desk, clock, calls, ana):
    room_id = calls()
    answered(tx, clock, room_id, ana)
    talking = wallboard.look(tx, desk)
    another = calls()
    waits = wallboard.look(tx, desk, talking)
    assert waits.since_a_call_ended is talking.since_a_call_ended
    for each in (room_id, another):
        room = rooms.load(tx, each)
        assert room is not None
        settling.end(tx, clock.now(), room, "abandoned")
        over = wallboard.look(tx, desk, waits)
        assert over.since_a_call_ended is not waits.since_a_call_ended
        waits = over


def test_another_operators_call_changes_nothing_of_mine(tx, desk, clock, calls, ana):
    room_id = calls()
    answered(tx, clock, room_id, ana)
    presence.sign_on(tx, clock.now(), 8, "beto@ejemplo.gob.sv", "Beto", is_supervisor=False)
    before = wallboard.look(tx, desk)
    room = rooms.load(tx, room_id)
    assert room is not None and room.caller is not None
    rooms.change_leg(tx, room.caller.id, wants_hold=True)
    rooms.change(tx, room_id, support_since=clock.now())
    assert changed(before, wallboard.look(tx, desk, before), 8) == {"calls"}


def test_a_look_keeps_what_it_knows_and_forgets_what_ended(tx, desk, clock, calls, ana):
    kept, ended = calls(), calls()
    before = wallboard.look(tx, desk)
    rooms.change(tx, ended, state="ENDED", ended_at=clock.now())
    after = wallboard.look(tx, desk, before)
    assert set(after.rooms) == {kept}
    assert after.rooms[kept] is before.rooms[kept]


def test_a_picture_is_handed_on_for_as_long_as_it_is_fresh(desk, calls_committed):
    at = 100.0
    board_of_process = Wallboard(desk, 0.1, lambda: at)
    first = board_of_process.picture()
    room_id = calls_committed()
    at = 100.09
    assert board_of_process.picture() is first
    assert room_id in board_of_process.picture(newest=True).rooms
    another = calls_committed()
    at = 100.2
    assert another in board_of_process.picture().rooms


def test_who_is_called_off_before_being_dialled_is_free_again(tx, desk, clock, calls, ana):
    room_id = calls()
    presence.choose(tx, clock.now(), ana, Presence.DISPONIBLE)
    presence.take(tx, clock.now(), ana, room_id, Presence.TIMBRANDO)
    leg_id = rooms.add_leg(tx, clock.now(), room_id, LegRole.CONSULTED, "desk", account_id=ana, name="Ana")
    assert presence.free_those_whom_nobody_rings(tx, clock.now()) == 0
    rooms.let_go(tx, leg_id)
    assert presence.free_those_whom_nobody_rings(tx, clock.now()) == 1
    now = presence.of(tx, ana)
    assert now is not None and (now.state, now.room_id) == (Presence.DISPONIBLE, None)


def stamps(picture: Picture, account_id: int) -> dict[str, str]:
    return {
        "waiting": picture.waiting.stamp,
        "calls": picture.calls_stamp,
        "people": picture.people_stamp,
        "mine": picture.stamp_of(account_id),
    }


def changed(before: Picture, after: Picture, account_id: int) -> set[str]:
    old, new = stamps(before, account_id), stamps(after, account_id)
    return {part for part in old if old[part] != new[part]}


def test_calls_are_counted_for_whoever_answered_them_that_day(tx, desk, clock, calls, ana):
    start = clock.now()
    for _ in range(3):
        answered(tx, clock, calls(), ana)
        clock.advance(timedelta(hours=1))
    assert call_list.count_attended(tx, "ana@ejemplo.gob.sv", start, start + timedelta(hours=2)) == 2
    assert call_list.count_attended(tx, "otra@ejemplo.gob.sv", start, start + timedelta(hours=9)) == 0


def test_the_register_is_newest_first_in_pages_and_without_hidden_lines(tx, desk, clock, calls, ana):
    ids = []
    for number in range(5):
        ids.append(calls(line="linea131" if number == 3 else "dgs", queue=None))
        clock.advance(timedelta(minutes=1))
    answered(tx, clock, ids[0], ana)
    wanted = call_list.Wanted()
    assert [each.id for each in call_list.calls(tx, desk, wanted, limit=2, offset=1)] == [ids[3], ids[2]]
    assert ids[3] not in [each.id for each in call_list.calls(tx, desk, wanted, {"linea131"})]
    assert (call_list.count(tx, wanted), call_list.count(tx, wanted, {"linea131"})) == (5, 4)
    mine = call_list.calls(tx, desk, call_list.Wanted(account_id=ana))
    assert [(each.id, each.attended_by) for each in mine] == [(ids[0], ["Ana"])]
    since = clock.now() - timedelta(minutes=2)
    assert call_list.count(tx, call_list.Wanted(since=since)) == 2


def test_the_floor_has_everybody_once(tx, desk, clock, calls):
    rows = [
        {
            **{"account_id": n, "email": f"{n}@ejemplo.gob.sv", "name": f"O{n}", "state": Presence.DISPONIBLE},
            **{"since": clock.now(), "seen_at": clock.now()},
        }
        for n in range(100, 200)
    ]
    tx.execute(insert(operator), rows)
    for n in range(100, 200):
        room_id = calls(phone=f"+5037{n:07}")
        if n % 2:
            answered(tx, clock, room_id, n)
    floor = board.floor(wallboard.look(tx, desk), desk, clock.now())
    assert (len(floor.operators), len(floor.waits), len(floor.calls)) == (100, 50, 50)
