"""When a call that is in doubt is asked about again: seldomer, the longer it lasts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.doubts import Doubt, Turns

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def doubt(age: timedelta, number: int = 1, to: str = "") -> Doubt:
    asked_at = NOW - age
    return Doubt(number, age, asked_at, asked_at, "+50322373333", to or f"+5037100000{number}")


def asked_about(turns: Turns, doubts: list[Doubt], later: timedelta = timedelta(0)) -> list[int]:
    """Whose turn it is so much later, when they have lasted so much longer."""
    turn = turns.take([replace(each, age=each.age + later) for each in doubts], NOW + later)
    return [each.id for each in turn]


@pytest.mark.parametrize(
    ("age", "again_after"),
    [
        (0 * SECOND, 0),
        (40 * SECOND, 3),
        (95 * SECOND, 5),
        (5 * MINUTE, 16),
        (20 * MINUTE, 64),
        (HOUR, 190),
        (2 * HOUR, 300),
        (23 * HOUR, 300),
    ],
)
def test_the_longer_it_lasts_the_seldomer_it_is_asked_about(age: timedelta, again_after: int) -> None:
    turns, of_one = Turns(), [doubt(age)]
    assert asked_about(turns, of_one) == [1]
    waited = next(s for s in range(1000) if asked_about(turns, of_one, s * SECOND))
    assert waited == again_after


def test_a_day_of_doubt_is_asked_about_some_hundreds_of_times() -> None:
    turns, of_one = Turns(), [doubt(0 * SECOND)]
    looks = [asked_about(turns, of_one, 5 * nth * SECOND) for nth in range(24 * 720)]
    assert 250 < sum(map(len, looks)) < 500
    assert all(looks[: 90 // 5])  # until its absence may be believed, at each look


def test_none_waits_before_its_first_turn() -> None:
    old, older = doubt(5 * HOUR, 1), doubt(6 * HOUR, 2)
    turns = Turns()
    assert turns.take([older], NOW) == [older]
    assert turns.take([older, old], NOW) == [old]


def test_of_whom_the_same_list_tells_needs_none_of_their_own() -> None:
    older, old = doubt(10 * HOUR, 1), doubt(HOUR, 2)
    turns = Turns()
    taken = [asked_about(turns, [older, old], minutes * MINUTE) for minutes in range(9)]
    assert taken == [[1, 2], [], [], [], [2], [1, 2], [], [], []]


def test_two_of_one_telephone_are_asked_about_together() -> None:
    older, young = doubt(2 * HOUR, 1, to="+50371000000"), doubt(MINUTE, 2, to="+50371000000")
    turns = Turns()
    turns.take([older], NOW)
    assert turns.take([older, young], NOW + SECOND) == [older, young]


def test_who_is_settled_is_forgotten() -> None:
    turns, of_one = Turns(), [doubt(HOUR)]
    turns.take(of_one, NOW)
    turns.forget_all_but({1})
    assert not turns.take(of_one, NOW)
    turns.forget_all_but(())
    assert turns.take(of_one, NOW)
