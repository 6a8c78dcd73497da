"""What time brings to a room: a table a rule."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from core.opening import Opening
from desk.due import due
from desk.lines import Queue
from desk.moves import CallSupervisors, Nobody, NotToday, RangTooLong, ToQueue, ToService, ToTelephone
from desk.overflow import MOST_QUEUES
from desk.rooms import Room
from desk.states import RoomKind, RoomState
from tests.desk.builders import NOW, SERVICES, WEEKDAYS, ago, leg, line, room

CALLER = leg("CALLER", "ANSWERED")
TALKS = leg("CALLER")
A, B = "+50321000121", "+50321000122"
NIGHT = datetime.fromisoformat("2026-11-23T22:00:00-06:00")
PLAIN, DUTY = line(), line(duty_telephones=(A, B))
CLOSED_TODAY = Opening("SV", WEEKDAYS.spans, closed_days=frozenset({NOW.date()}))
HELP = line(duty_telephones=(A, B), is_helpline=True, services=SERVICES)

SHUT = replace(HELP, opening=CLOSED_TODAY)


def moves(of: Room, on: Any = PLAIN, now: datetime = NOW, attends: bool = True, is_legal: bool = True) -> list[Any]:
    return due(of, on, now, attends, is_legal)


@pytest.mark.parametrize(
    ("waited", "attends", "expected"),
    [
        (59, False, []),
        (60, False, [Nobody()]),
        (60, True, []),
        (599, True, []),
        (600, True, [Nobody()]),
    ],
)
def test_a_wait_has_a_limit(waited: float, attends: bool, expected: list[Any]) -> None:
    assert moves(room(waited=waited), attends=attends) == expected


@pytest.mark.parametrize(
    ("values", "on", "expected"),
    [
        ({"queue": "pocos"}, PLAIN, [ToQueue("general")]),
        ({"queue": "general", "queues_passed": 1}, PLAIN, [Nobody()]),
        ({"queue": "pocos"}, DUTY, [ToQueue("general")]),
        ({"queue": "general", "queues_passed": 1}, DUTY, [ToTelephone(A, 1)]),
        ({"queue": "general", "queues_passed": 1, "ways_tried": 1}, DUTY, [ToTelephone(B, 2)]),
        ({"queue": "general", "queues_passed": 1, "ways_tried": 2}, DUTY, [Nobody()]),
        ({"queue": "pocos", "queues_passed": MOST_QUEUES}, PLAIN, [Nobody()]),
        ({"is_exhausted": True}, DUTY, []),
        ({"is_crisis": True, "ways_tried": 2}, DUTY, [ToTelephone(A, 1)]),
    ],
)
def test_ways_out_of_a_queue(values: dict[str, Any], on: Any, expected: list[Any]) -> None:
    """A call that came to another queue has all of its ways before it, the first duty telephone too."""
    assert moves(room(waited=60, **values), on, attends=False) == expected


def test_two_queues_that_pass_to_each_other_do_not_go_round_for_ever() -> None:
    circle = {"a": Queue("a", "A", overflow=("cola:b",)), "b": Queue("b", "B", overflow=("cola:a",))}
    on, now_at = line(queues=circle, default_queue="a"), room(queue="a", waited=60)
    for _ in range(20):
        (move,) = moves(now_at, on, attends=False)
        if move == Nobody():
            return
        assert isinstance(move, ToQueue)
        now_at = room(queue=move.name, waited=60, queues_passed=now_at.queues_passed + 1)
    raise AssertionError("it goes round for ever")


@pytest.mark.parametrize(
    ("ways_tried", "legs", "expected"),
    [
        (0, (), [ToTelephone(A, 1)]),
        (1, (leg("OPERATOR", "RINGING", kind="guardia"),), []),  # one at a time
        (1, (leg("OPERATOR", "ENDED", kind="guardia", ended_at=NOW),), [ToTelephone(B, 2)]),
        (2, (), [ToService(SERVICES[1], 0, 3)]),
        (3, (), [ToService(SERVICES[2], 1, 4)]),
        (4, (leg("SERVICE", "ENDED", ended_at=ago(1)),), []),
        (4, (leg("SERVICE", "ENDED", ended_at=ago(3)),), [ToTelephone(A, 1)]),  # and round again
    ],
)
def test_a_helpline_that_is_closed(ways_tried: int, legs: tuple[Any, ...], expected: list[Any]) -> None:
    assert moves(room(CALLER, *legs, ways_tried=ways_tried, zone="Morazán", waited=9), SHUT) == expected


@pytest.mark.parametrize(
    ("now", "waited", "expected"),
    [(NOW, 19, []), (NOW, 61, [ToTelephone(A, 1)]), (NIGHT, 0, [ToTelephone(A, 1)])],
)
def test_a_helpline_waits_no_longer_for_busy_people_than_for_nobody(
    now: datetime, waited: float, expected: Any
) -> None:
    assert moves(room(waited=waited), HELP, now) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(39, []), (40, []), (41, [RangTooLong(5)])])
def test_a_telephone_of_which_nothing_is_heard(seconds: float, expected: list[Any]) -> None:
    rung = leg("OPERATOR", "RINGING", id=5, asked_at=ago(seconds))
    assert moves(room(CALLER, rung, state=RoomState.OFFERED)) == expected


@pytest.mark.parametrize(
    ("now", "is_legal", "expected"), [(NOW, True, []), (NOW, False, [NotToday()]), (NIGHT, True, [NotToday()])]
)
def test_a_call_that_was_promised(now: datetime, is_legal: bool, expected: list[Any]) -> None:
    promised = room(leg("OPERATOR", "ENDED"), kind=RoomKind.CALLBACK, waited=900)
    assert moves(promised, now=now, is_legal=is_legal) == expected


@pytest.mark.parametrize(
    ("values", "on", "attends", "expected"),
    [
        ({"queue": "pocos", "waited": 59}, PLAIN, False, []),
        ({"queue": "pocos", "waited": 60}, PLAIN, False, [ToQueue("general")]),
        ({"queue": "pocos", "waited": 599}, PLAIN, True, []),
        ({"queue": "pocos", "waited": 600}, PLAIN, True, [ToQueue("general")]),
        ({"queue": "general", "queues_passed": 1, "waited": 900}, DUTY, False, []),  # no goodbye, and nobody on duty
        ({"queue": "pocos", "queues_passed": MOST_QUEUES, "waited": 900}, PLAIN, False, []),
    ],
)
def test_a_call_that_was_promised_goes_the_way_of_its_queue(
    values: dict[str, Any], on: Any, attends: bool, expected: list[Any]
) -> None:
    promised = room(leg("OPERATOR", "ENDED"), kind=RoomKind.CALLBACK, **values)
    assert moves(promised, on, attends=attends) == expected


def test_whoever_rang_by_themselves_waits_on_whatever_the_hour_is() -> None:
    assert moves(room(waited=59), attends=False, is_legal=False) == []


ROSA = leg("OPERATOR")


def service(kind: str, state: str, rank: int, **values: Any) -> Any:
    return leg("SERVICE", state, kind=kind, rank=rank, **values)


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        ((), [ToService(SERVICES[0], 0), ToService(SERVICES[2], 0)]),
        ((service("911", "RINGING", 0), service("control", "JOINED", 0)), []),
        (
            (service("911", "RINGING", 0, asked_at=ago(12)), service("control", "JOINED", 0)),
            [ToService(SERVICES[1], 1)],
        ),
        ((service("911", "ENDED", 0, ended_at=NOW), service("control", "JOINED", 0)), [ToService(SERVICES[1], 1)]),
        ((service("911", "JOINED", 0), service("control", "ENDED", 0, ended_at=NOW)), []),
        (
            (service("911", "JOINED", 0), service("control", "ENDED", 0, ended_at=ago(3))),
            [ToService(SERVICES[2], 0)],
        ),
        (
            (service("911", "RINGING", 0), service("911", "RINGING", 1), service("control", "JOINED", 0)),
            [],  # the last of the list rings on
        ),
        ((service("911", "ANSWERED", 1), service("control", "JOINED", 0)), []),
    ],
)
def test_services_of_an_emergency(legs: tuple[Any, ...], expected: list[Any]) -> None:
    known = room(TALKS, ROSA, *legs, state=RoomState.TALKING, is_emergency=True, zone="San Salvador")
    assert moves(known, HELP) == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [((ROSA,), []), ((leg("SUPERVISOR", "RINGING"),), []), ((), [CallSupervisors()])],
)
def test_an_emergency_without_anybody_of_the_desk(who: tuple[Any, ...], expected: list[Any]) -> None:
    there = (service("911", "JOINED", 0), service("control", "JOINED", 0))
    known = room(TALKS, *who, *there, state=RoomState.TALKING, is_emergency=True, zone="San Salvador")
    assert moves(known, HELP) == expected


def test_a_confirmed_emergency_needs_nobody_else() -> None:
    known = room(TALKS, state=RoomState.TALKING, is_emergency=True, zone="San Salvador", confirmed="SUPERVISOR")
    assert moves(known, HELP) == []
