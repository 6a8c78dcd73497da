"""What takes long is found out once for all who ask; what is quick, each time."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from core.remembered import Remembered
from tests.core.waiting import eventually


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def people() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as people:
        yield people


@pytest.mark.parametrize(("takes", "keeps_for", "found"), [(0.3, 60.0, 1), (0.1, 60.0, 3), (0.3, 0.0, 3)])
def test_only_what_takes_long_is_kept(now, takes, keeps_for, found):
    asked = []

    def find() -> int:
        now[0] += takes
        asked.append(now[0])
        return len(asked)

    remembered: Remembered[int] = Remembered(keeps_for, lambda: now[0])
    for _ in range(3):
        remembered.of("SV", find)
    assert len(asked) == found


def test_for_as_long_as_was_said(now):
    remembered: Remembered[float] = Remembered(60.0, lambda: now[0], quick_s=0.0)
    for now[0] in (0.0, 59.0, 60.0, 61.0):  # noqa: B020 - the clock goes on
        found = remembered.of("SV", lambda: now[0])
    assert found == 60.0
    assert remembered.of("GT", lambda: 0.0) == 0.0


def test_what_took_long_is_kept_for_as_many_times_as_long(now):
    remembered: Remembered[float] = Remembered(10.0, lambda: now[0], quick_s=0.0, idle=50)

    def takes_two_seconds() -> float:
        now[0] += 2.0
        return now[0]

    for at in (0.0, 99.0, 100.0):
        now[0] = max(now[0], at)
        found = remembered.of("SV", takes_two_seconds)
    assert found == 102.0


def test_another_state_is_another_question(now):
    remembered: Remembered[str] = Remembered(60.0, lambda: now[0], quick_s=0.0)
    assert remembered.of(7, lambda: "planned", state="scheduled") == "planned"
    assert remembered.of(7, lambda: "going", state="running") == "going"
    assert (remembered.last(7, "scheduled"), remembered.known(7, "running") is not None) == (None, True)


def test_that_it_could_not_be_had_is_kept_though_it_is_known_at_once(now):
    remembered: Remembered[str | None] = Remembered(60.0, lambda: now[0])
    assert remembered.of("SV", lambda: None) is None
    assert remembered.of("SV", lambda: "found") is None
    now[0] = 60.0
    assert remembered.of("SV", lambda: "found") == "found"


def test_what_was_forgotten_is_found_out_anew(now):
    remembered: Remembered[int] = Remembered(60.0, lambda: now[0], quick_s=0.0)
    remembered.of(7, lambda: 1)
    remembered.forget(7)
    assert remembered.of(7, lambda: 2) == 2


class TestManyAtOnce:
    """One is finding it out, and stops in the middle, until all who came meanwhile wait."""

    @pytest.fixture
    def begun(self) -> Event:
        return Event()

    @pytest.fixture
    def goes_on(self, people: ThreadPoolExecutor) -> Iterator[Event]:
        event = Event()
        yield event
        event.set()

    @pytest.fixture
    def slowly(self, begun: Event, goes_on: Event) -> Callable[[str], Callable[[], str]]:
        def finds(what: str) -> Callable[[], str]:
            def find() -> str:
                begun.set()
                assert goes_on.wait(30)
                return what

            return find

        return finds

    @pytest.mark.parametrize("quick_s", [0.0, 3600.0])
    def test_whoever_waited_is_told_what_was_found(self, people, begun, goes_on, slowly, quick_s):
        remembered: Remembered[str] = Remembered(60.0, quick_s=quick_s)
        first = people.submit(remembered.of, 7, slowly("by the first"))
        assert begun.wait(30)
        others = [people.submit(remembered.of, 7, lambda: "by another") for _ in range(7)]
        waits_for(remembered, 7)
        goes_on.set()
        assert {each.result(30) for each in (first, *others)} == {"by the first"}

    def test_of_something_else_nobody_waits(self, people, begun, goes_on, slowly):
        remembered: Remembered[str] = Remembered(60.0)
        first = people.submit(remembered.of, 7, slowly("a long list"))
        assert begun.wait(30)
        assert remembered.of(8, lambda: "a short one") == "a short one"
        goes_on.set()
        assert first.result(30) == "a long list"

    def test_the_newest_is_not_what_was_begun_before_it_was_asked_for(self, people, begun, goes_on, slowly):
        remembered: Remembered[str] = Remembered(60.0, quick_s=0.0)
        first = people.submit(remembered.of, 7, slowly("before"))
        assert begun.wait(30)
        later = people.submit(remembered.of, 7, lambda: "after", newest=True)
        waits_for(remembered, 1)
        goes_on.set()
        assert (first.result(30), later.result(30)) == ("before", "after")
        assert remembered.of(7, lambda: "again") == "after"

    def test_what_one_could_not_find_out_the_next_does(self, people, begun, goes_on):
        remembered: Remembered[str] = Remembered(60.0)

        def fails() -> str:
            begun.set()
            assert goes_on.wait(30)
            raise ZeroDivisionError

        first: Future[str] = people.submit(remembered.of, 7, fails)
        assert begun.wait(30)
        second = people.submit(remembered.of, 7, lambda: "found")
        waits_for(remembered, 1)
        goes_on.set()
        assert isinstance(first.exception(30), ZeroDivisionError)
        assert second.result(30) == "found"


def waits_for(remembered: Remembered, people: int) -> None:
    """Until so many wait."""
    eventually(lambda: len(remembered._change._waiters) >= people)  # type: ignore[attr-defined]
