"""Calls promised for an hour: as many as were promised, each at its own, and none in the way of another (R79, R87)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assembly import Parts
from desk import arriving, call_card, callbacks, promised, promises, rooms, settling
from desk.arriving import Arrival
from desk.states import PromiseState, RoomState
from desk.tables import promise

PHONE = "+50370001234"
MOTHER, DAUGHTER = "000162975", "045678903"
EVA = "eva@ejemplo.gob.sv"
TUESDAY = datetime.fromisoformat("2026-11-24T10:00:00-06:00")
THURSDAY = datetime.fromisoformat("2026-11-26T15:00:00-06:00")


@pytest.fixture
def promise_call(parts: Parts):
    def promise_call(
        due_at: datetime, words: str = "Preguntar si ya le atendieron", document: str = "", **other: Any
    ) -> int:
        told = {"line_id": "dgs", "phone": PHONE, "case_id": 7, "made_by": EVA, **other}
        learnt: dict[str, Any] = {"path": [f"Seguimiento del caso {told['case_id']}"], "words": [words]}
        learnt |= {"document": document} if document else {}
        with parts.db.begin() as tx:
            return promises.make_for(tx, parts.world.desk, parts.clock.now(), due_at=due_at, **told, learnt=learnt)

    return promise_call


@pytest.fixture
def state(parts: Parts):
    def state(promise_id: int) -> str:
        with parts.db.begin() as tx:
            return tx.execute(select(promise.c.state).where(promise.c.id == promise_id)).scalar_one()

    return state


def open_due(parts: Parts, now: datetime) -> int:
    return callbacks.open_due(parts.world.desk, now)


def test_thursdays_call_is_made_after_tuesdays(parts: Parts, promise_call, state) -> None:
    """The second was swallowed by the first, with its words."""
    tuesday, thursday = promise_call(TUESDAY, "Dar el número de oficio"), promise_call(THURSDAY)
    assert tuesday != thursday
    assert open_due(parts, TUESDAY - timedelta(seconds=1)) == 0
    assert open_due(parts, TUESDAY) == 1
    with parts.db.begin() as tx:
        promises.note_try(tx, tuesday)
        promises.room_ended(tx, TUESDAY, tuesday, was_reached=True)
    assert (state(tuesday), state(thursday)) == (PromiseState.KEPT, PromiseState.WAITING)
    assert open_due(parts, THURSDAY) == 1
    with parts.db.begin() as tx:
        (*_, room) = rooms.open_rooms(tx)
        call = call_card.call_of(tx, parts.world.desk, THURSDAY, room.id)
    assert call is not None and call.room.place_since == THURSDAY
    assert (call.learnt.path, call.learnt.words) == (("Seguimiento del caso 7",), ("Preguntar si ya le atendieron",))


def test_a_button_that_was_pressed_twice_promises_one_call_with_all_that_was_written(parts, promise_call) -> None:
    first = promise_call(TUESDAY, "Dar el número de oficio")
    assert [promise_call(TUESDAY, words) for words in ("Dar el número de oficio", "Y la dirección")] == [first, first]
    with parts.db.begin() as tx:
        (of_it,) = promised.of_case(tx, parts.vault, 7)
    assert of_it.words == "Dar el número de oficio · Y la dirección"


@pytest.fixture
def of_a_house(promise_call) -> tuple[int, int]:
    """One telephone, two cases, the same minute."""
    mothers = promise_call(TUESDAY, "De la madre", MOTHER, case_id=7)
    return mothers, promise_call(TUESDAY, "De la hija", DAUGHTER, case_id=8)


def test_two_of_a_house_are_promised_a_call_each(parts: Parts, of_a_house) -> None:
    """They were one row: the case of the first, the document of the second, the words of both."""
    with parts.db.begin() as tx:
        said = {case: [each.words for each in promised.of_case(tx, parts.vault, case)] for case in (7, 8)}
    assert said == {7: ["De la madre"], 8: ["De la hija"]}


def test_what_is_not_needed_of_one_is_owed_to_the_other(parts: Parts, of_a_house, state) -> None:
    mothers, daughters = of_a_house
    with parts.db.begin() as tx:
        assert promises.take_back(tx, parts.clock.now(), mothers, EVA)
    assert (state(mothers), state(daughters)) == (PromiseState.WITHDRAWN, PromiseState.WAITING)


def test_each_is_rung_once_the_other_was_with_their_own_card(parts: Parts, of_a_house, state) -> None:
    assert open_due(parts, TUESDAY) == 1
    cards = []
    for late, number in zip((TUESDAY, TUESDAY + timedelta(minutes=2)), of_a_house, strict=True):
        open_due(parts, late)
        with parts.db.begin() as tx:
            (room,) = rooms.open_rooms(tx)
            call = call_card.call_of(tx, parts.world.desk, late, room.id)
            assert call is not None
            cards.append(call.learnt.words)
            promises.note_try(tx, number)
            settling.end(tx, late, room, "hung up by the citizen")
            promises.withdraw(tx, late, number)
    assert cards == [("De la madre",), ("De la hija",)]


@pytest.mark.parametrize(
    ("learnt", "left"),
    [({"document": MOTHER}, [DAUGHTER]), ({"document": DAUGHTER}, [MOTHER]), ({}, [MOTHER, DAUGHTER])],
)
def test_who_rings_first_does_not_lose_anybody_else_their_call(parts, of_a_house, state, learnt, left) -> None:
    """Of whoever does not say who they are nobody knows which of the two they are."""
    with parts.db.begin() as tx:
        arriving.enter(tx, parts.world.desk, TUESDAY, Arrival("CA1", "dgs", PHONE, learnt), None)
    owed = [who for who, each in zip((MOTHER, DAUGHTER), of_a_house, strict=True) if state(each) == "WAITING"]
    assert owed == left
    assert open_due(parts, TUESDAY) == 0, "their telephone is on the line"


def test_of_two_cases_that_become_one_no_promise_is_lost(parts: Parts, promise_call, state) -> None:
    now, where = parts.clock.now(), {"case_id": 8, "document": MOTHER}
    stays, goes = promise_call(TUESDAY, "Precios", MOTHER), promise_call(TUESDAY, "Requisitos", **where)
    moves = promise_call(THURSDAY, "Resultado", **where)
    with parts.db.begin() as tx:
        promises.go_on_in(tx, parts.vault, now, 8, 7, EVA)
        said = [(each.id, each.words) for each in promised.of_case(tx, parts.vault, 7)]
    assert said == [(stays, "Precios · Requisitos"), (moves, "Resultado")]
    assert state(goes) == PromiseState.WITHDRAWN


def test_outside_the_hours_it_comes_as_soon_as_the_line_is_attended(parts: Parts, promise_call) -> None:
    promise_call(night := datetime.fromisoformat("2026-11-24T22:00:00-06:00"))
    assert open_due(parts, night) == 0
    with parts.db.begin() as tx:
        (of_it,) = promised.next_ones(tx, parts.vault)
    assert (of_it.due_at, of_it.next_at) == (night, datetime.fromisoformat("2026-11-25T08:00:00-06:00"))
    assert open_due(parts, of_it.next_at) == 1


def test_whoever_rings_before_is_called_at_their_hour_all_the_same(parts: Parts, promise_call, state) -> None:
    """Only what is owed now is not owed any more: Monday's question is not Thursday's call."""
    now, desk = parts.clock.now(), parts.world.desk
    thursday = promise_call(THURSDAY)
    with parts.db.begin() as tx:
        made = {"line_id": "dgs", "queue": "general", "phone": PHONE}
        owed = promises.make(tx, desk, now, **made, place_since=now, learnt={})
        arriving.enter(tx, desk, now + timedelta(minutes=5), Arrival("CA1", "dgs", PHONE, {}), None)
        (room,) = rooms.open_rooms(tx)
    assert (state(owed), state(thursday)) == (PromiseState.WITHDRAWN, PromiseState.WAITING)
    assert room.place_since == now, "with the place that they had"


def test_whoever_rings_as_several_are_owed_is_called_for_none_of_them(parts: Parts, promise_call, state) -> None:
    desk, late = parts.world.desk, TUESDAY + timedelta(minutes=30)
    both = [promise_call(TUESDAY), promise_call(TUESDAY + timedelta(minutes=10))]
    assert open_due(parts, late) == 1
    with parts.db.begin() as tx:
        arriving.enter(tx, desk, late, Arrival("CA1", "dgs", PHONE, {}), None)
        (room,) = rooms.open_rooms(tx)
    assert {state(each) for each in both} == {PromiseState.WITHDRAWN}
    assert (room.call_sid, room.place_since) == ("CA1", TUESDAY)


def test_nobody_is_rung_for_two_at_once(parts: Parts, promise_call, state) -> None:
    first, second = promise_call(TUESDAY), promise_call(TUESDAY + timedelta(minutes=1))
    late = TUESDAY + timedelta(minutes=5)
    assert open_due(parts, late) == 1
    assert (state(first), state(second)) == (PromiseState.CALLING, PromiseState.WAITING)
    with parts.db.begin() as tx:
        promises.note_try(tx, first)
        promises.room_ended(tx, late, first, was_reached=True)
    assert open_due(parts, late + timedelta(minutes=2)) == 1


def test_what_is_not_needed_any_more_is_not_rung(parts: Parts, promise_call) -> None:
    number = promise_call(TUESDAY)
    with parts.db.begin() as tx:
        assert [promises.take_back(tx, parts.clock.now(), number, EVA) for _ in range(2)] == [True, False]
        (of_it,) = promised.of_case(tx, parts.vault, 7)
        assert promised.next_ones(tx, parts.vault) == []
    assert (of_it.label, of_it.ended_by) == ("Ya no hacía falta", EVA)
    assert open_due(parts, TUESDAY) == 0


def test_one_that_is_being_made_is_not_taken_back(parts: Parts, promise_call) -> None:
    number = promise_call(TUESDAY)
    open_due(parts, TUESDAY)
    with parts.db.begin() as tx:
        assert not promises.take_back(tx, TUESDAY, number, EVA)
        assert [room.state for room in rooms.open_rooms(tx)] == [RoomState.WAITING]


def test_those_of_a_line_that_is_not_for_them_are_not_told_of(parts: Parts, promise_call) -> None:
    promise_call(TUESDAY, line_id="linea131")
    with parts.db.begin() as tx:
        assert promised.next_ones(tx, parts.vault, hidden_lines={"linea131"}) == []
        assert [each.line for each in promised.next_ones(tx, parts.vault)] == ["linea131"]


def test_nothing_of_it_tells_what_for(parts: Parts, promise_call) -> None:
    promise_call(TUESDAY, "Rosa espera el resultado")
    with parts.db.begin() as tx:
        assert "Rosa" not in repr(promised.of_case(tx, parts.vault, 7))
