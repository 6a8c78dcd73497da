"""What is wrong with a rehearsed call: how long the caller had nobody, and who ended it."""

import pytest

from drill.ears import Heard
from drill.plan import Crew
from drill.report import Report, judge, service_of
from drill.solitude import Happening, What


def report() -> Report:
    return Report(1, Crew.DESK, "")


def call(*story: Happening, ended: float | None = None, by: str = "") -> Heard:
    heard = Heard("CA1", "+50370001234", is_inbound=True, began=100.0, answered=100.0)
    heard.story, heard.ended, heard.ended_by = list(story), ended, by
    return heard


WITH_SOMEBODY = (Happening(100.0, What.ANSWERED), Happening(101.0, What.COMPANY))


def judged(heard: Heard, *, left: tuple[float, ...] = (), confirmed: float | None = None) -> Report:
    found = report()
    judge(found, [heard], left, confirmed, now=130.0)
    return found


def test_who_has_somebody_to_the_end_and_hangs_up_has_nothing_to_complain_of() -> None:
    found = judged(call(*WITH_SOMEBODY, Happening(120.0, What.ENDED), ended=120.0, by="person"), left=(120.0,))
    assert (found.faults, found.ended_by, found.gaps.alone) == ([], "person", 1.0)


def test_nobody_is_left_alone_for_long() -> None:
    leaves = Happening(110.0, What.NOBODY)
    found = judged(call(*WITH_SOMEBODY, leaves, Happening(120.0, What.ENDED), ended=120.0, by="person"))
    assert found.faults == ["sola 10.0 s"]


def test_of_what_comes_after_the_caller_left_nothing_is_theirs() -> None:
    """The carrier notices a hang-up only when it has read a document to its end."""
    found = judged(call(*WITH_SOMEBODY, Happening(110.0, What.NOBODY)), left=(111.0,))
    assert (found.faults, found.gaps.alone) == ([], 1.0)


@pytest.mark.parametrize(
    ("confirmed", "faults"), [(None, ["la desconectamos (api)"]), (125.0, ["la desconectamos (api)"]), (115.0, [])]
)
def test_we_let_nobody_go_before_help_was_there(confirmed: float | None, faults: list[str]) -> None:
    over = call(*WITH_SOMEBODY, Happening(120.0, What.ENDED), ended=120.0, by="api")
    assert judged(over, confirmed=confirmed).faults == faults


def test_a_service_is_as_soon_as_the_first_of_its_calls() -> None:
    first, second = call(), call()
    first.ringing, second.ringing, second.connected = 103.0, 101.0, 109.0
    assert service_of([first, second], opened=100.0) == service_of([second], opened=100.0)
    found = service_of([first, second], opened=100.0)
    assert (found.ringing, found.connected) == (1.0, 9.0)
    assert service_of([], opened=100.0) == type(found)()
