"""How long a caller had nobody, from what happened on the call."""

import pytest

from drill.solitude import Gaps, Happening, What, gaps

ANSWERED, HEARS, KEYS = What.ANSWERED, What.HEARS, What.KEYS
COMPANY, NOBODY, ENDED = What.COMPANY, What.NOBODY, What.ENDED


def told(*story: tuple[float, What] | tuple[float, What, float]) -> list[Happening]:
    return [Happening(*each) for each in story]


@pytest.mark.parametrize(
    ("story", "silence", "alone"),
    [
        ([(0, ANSWERED), (0, HEARS, 3), (3, COMPANY), (60, ENDED)], 0, 0),
        ([(0, ANSWERED), (0, HEARS, 3), (9, COMPANY), (60, ENDED)], 6, 0),
        ([(0, ANSWERED), (0, HEARS, 3), (18, COMPANY), (60, ENDED)], 15, 5),
        ([(0, ANSWERED), (7, COMPANY), (60, ENDED)], 7, 7),
        ([(0, ANSWERED), (0, COMPANY), (30, NOBODY), (36, COMPANY), (60, ENDED)], 6, 6),
        ([(0, ANSWERED), (0, COMPANY), (30, NOBODY), (31, HEARS, 4), (40, COMPANY), (60, ENDED)], 5, 1),
        ([(0, ANSWERED), (0, HEARS, 30), (2, KEYS), (9, COMPANY), (60, ENDED)], 7, 0),
        ([(0, ANSWERED), (0, COMPANY), (30, NOBODY), (31, ENDED)], 1, 1),
        ([(0, ANSWERED), (0, COMPANY), (30, NOBODY)], 70, 70),
    ],
    ids=[
        "a sentence, and somebody at once",
        "a pause in an announced wait is silence, not solitude",
        "a sentence announces ten seconds, not more",
        "nothing was ever said",
        "everybody left, and somebody came",
        "everybody left, and it was said that somebody is called",
        "a key ends what is being said",
        "they hung up a second after everybody left",
        "left for good",
    ],
)
def test_the_longest_gaps(story: list, silence: float, alone: float) -> None:
    found = gaps(told(*story), until=100)
    assert (found.silence, found.alone) == (silence, alone)


def test_what_was_said_before_somebody_came_promises_nothing_once_they_left() -> None:
    story = told((0, ANSWERED), (0, HEARS, 3), (3, COMPANY), (5, NOBODY), (8, COMPANY), (9, ENDED))
    assert gaps(story, until=9) == Gaps(3, 3, 3)


def test_all_the_gaps_together() -> None:
    story = told((0, ANSWERED), (2, COMPANY), (10, NOBODY), (13, COMPANY), (20, ENDED))
    assert gaps(story, until=20) == Gaps(3, 3, 5)


def test_a_call_that_was_never_answered_has_none() -> None:
    assert gaps(told((5, ENDED)), until=20) == Gaps()
