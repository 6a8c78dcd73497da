"""The bench in its short forms: each part measures what it says that it measures, on a small service of its own."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assembly import Parts
from demo.invent import citizen
from drill.bench import cases, claiming, conversation, memory, placing, start, turns, whole
from drill.bench.figure import Figure
from drill.bench.place import Place
from tests.ports import free_port
from tests.slow import IS_WHOLE


@pytest.fixture
def place(server_url: str, tmp_path: Path) -> Iterator[Place]:
    """On the tests' server; its databases are dropped at the end."""
    made = Place(tmp_path, server_url, free_port(), prefix=f"short_bench_{secrets.token_hex(3)}_")
    yield made
    made.forget()


def named(figures: list[Figure]) -> dict[tuple[str, str], Figure]:
    return {(each.what, each.beside): each for each in figures}


@pytest.mark.slow(30)
@pytest.mark.timeout(240)
def test_turns_beside_two_views_and_under_load(place: Place) -> None:
    figures = turns.measured(place, turns.Size(calls=6, rounds=1, workers=1))
    assert len(named(figures)) == 6
    assert all(each.value > 0 for each in figures)


def test_the_calls_of_a_campaign_are_really_held(parts: Parts) -> None:
    """What is asked of each contender is a call that ends as the greeting, two right answers and a datum do."""
    (attempt_id,) = conversation.launched(parts, 1)
    assert conversation.keys_of(citizen(0)) == ["1", citizen(0).ddmm, citizen(0).last4, "", "1", "1"]
    with parts.db.begin() as tx:
        sid = tx.execute(text("select remote_sid from attempt where id = :id"), {"id": attempt_id}).scalar_one()
    assert sid == conversation.sid_of(attempt_id)


@pytest.mark.slow(30)
@pytest.mark.timeout(240)
def test_calls_placed_beside_a_loop(place: Place) -> None:
    figures = placing.measured(place, placing.Size(seconds=1, looped=5, rounds=1, a_second=20, at_most=40))
    assert [each.value > 0 for each in figures] == [True, True]


@pytest.mark.slow(30)
@pytest.mark.skipif(not IS_WHOLE, reason="make whole runs it")
@pytest.mark.timeout(240)
def test_the_whole_product_beside_the_local_carrier(place: Place) -> None:
    (figure,) = whole.measured(place, a_second=2, seconds=8)
    assert figure.value > 0
    assert "no_contacto.ocupado" in figure.note


@pytest.mark.slow(10)
def test_claiming_beside_a_shorter_list(place: Place) -> None:
    figures = claiming.measured(place, (200, 400), attempts=40, rounds=1)
    assert [each.what for each in figures] == ["con 200 personas", "con 400 personas"]
    assert figures[1].value > 0


@pytest.mark.slow(30)
@pytest.mark.skipif(not IS_WHOLE, reason="make whole runs it")
@pytest.mark.timeout(240)
def test_memory_while_it_dials_beside_idle(place: Place) -> None:
    figures = memory.measured(place, 500, seconds=2)
    assert {each.what for each in figures} == {*memory.ROLES, "una mirada de `/metrics`"}
    assert all(each.value > 0 for each in figures)


@pytest.mark.slow(20)
@pytest.mark.skipif(not IS_WHOLE, reason="make whole runs it; that the command comes up, tests/test_demo.py says too")
@pytest.mark.timeout(240)
def test_from_the_command_to_the_first_page(place: Place) -> None:
    (figure,) = start.measured(place, rounds=1)
    assert figure.value > 0


@pytest.mark.slow(30)
@pytest.mark.timeout(240)
def test_cases_beside_fewer(place: Place) -> None:
    """Each search and page finds what it looks for, or the bench says so and ends."""
    figures = cases.measured(place, 2_000, few=500, looks=3)
    found = {each.what: each for each in figures}
    assert len(found) == len(figures) == 22
    assert all(each.value > 0 for each in figures)
    assert found["buscar por documento: la página"].beside == "con 500 casos"
