"""When the desk is soon enough: 95 of a hundred things within a second, and something of each kind."""

import pytest

from drill.figures import Figures, is_soon_enough, percentile


def test_a_percentile_is_one_of_the_values() -> None:
    known = [each / 10 for each in range(10)]
    assert [percentile(known, share) for share in (0.0, 0.5, 0.95, 1.0)] == [0.0, 0.5, 0.9, 0.9]


@pytest.mark.parametrize(
    ("shown", "is_enough"),
    [([0.2] * 19 + [5.0] * 1, False), ([0.2] * 39 + [5.0], True), ([0.2] * 20, True), ([], False)],
)
def test_nineteen_of_twenty_within_a_second(shown: list[float], is_enough: bool) -> None:
    assert is_soon_enough(Figures({"contestan → supervisión": shown}, 1, 0)) is is_enough


def test_how_long_an_answer_takes_is_told_and_not_judged() -> None:
    figures = Figures({"contestan → supervisión": [0.1], "respuesta de una mirada": [9.0]}, 1, 0)
    assert is_soon_enough(figures)
