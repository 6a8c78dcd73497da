"""What the bench says of its figures, and how it writes them down."""

from datetime import UTC, datetime

import pytest

from drill.bench.figure import Figure, Goal, are_reached, ratio
from drill.bench.page import part, written

AT = datetime(2026, 11, 22, 22, 50, tzinfo=UTC)
FAST = Figure("turnos", "la vista", 0.8, "0.80 veces", Goal("≥ 0.75 veces", least=0.75), "de 1,000")
SLOW = Figure("espera", "nada", 60.0, "60 ms", Goal("≤ 50 ms", most=50))


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    """One round in which the machine did something else for one of the two does not count."""
    assert ratio([10.0, 10.0, 1.0], [5.0, 5.0, 5.0]) == 2.0


@pytest.mark.parametrize(
    ("goal", "value", "is_reached"),
    [
        (Goal("", least=1.5), 1.5, True),
        (Goal("", least=1.5), 1.49, False),
        (Goal("", most=3), 3.0, True),
        (Goal("", most=3), 3.1, False),
    ],
)
def test_a_goal(goal: Goal, value: float, is_reached: bool) -> None:
    assert goal.is_reached(value) is is_reached


def test_one_that_is_missed_is_said_and_counts() -> None:
    assert (FAST.verdict, SLOW.verdict) == ("sí", "**no**")
    assert are_reached([FAST])
    assert not are_reached([FAST, SLOW])


def test_a_part_is_written_anew_and_the_rest_of_the_page_stays() -> None:
    first = part("turns", [SLOW], "make bench", "2 núcleos", AT)
    second = part("turns", [FAST], "make bench", "2 núcleos", AT)
    page = written(written("# Cifras\n\nLo de antes.\n", {"turns": first}), {"turns": second})
    assert page.startswith("# Cifras\n\nLo de antes.\n")
    assert "| turnos | la vista | 0.80 veces | ≥ 0.75 veces | sí |" in page
    assert "- turnos: de 1,000" in page
    assert "espera" not in page
    assert "2026-11-22 22:50 UTC · 2 núcleos" in page


def test_each_part_has_its_place() -> None:
    page = written(
        "# Cifras\n", {"turns": part("turns", [FAST], "c", "m", AT), "start": part("start", [SLOW], "c", "m", AT)}
    )
    again = written(page, {"turns": part("turns", [SLOW], "c", "m", AT)})
    assert again.index("bench: turns") < again.index("bench: start")
    assert again.count("<!-- bench: turns -->") == 1
