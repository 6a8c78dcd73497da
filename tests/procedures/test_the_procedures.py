"""The procedures as their documents tell them, step by step: each scenario of ``dgs/`` (7.1 to 7.5) and ``linea131/``
(its three tables), played on the real web application, the desk and the local carrier."""

import re
from pathlib import Path

import pytest

from tests.desk.script import Scenario, scenarios
from tests.desk.stage import Stage
from tests.procedures.playing import STEP, Procedure

HERE = Path(__file__).parent
ALL = [each for folder in ("dgs", "linea131") for each in scenarios(HERE / folder)]
#: Every step that the documents have. Consejería 6 and Denuncia 6 are the citizen's own; of the emergency 4 and 5 are
#: missing in its table, and the second 2 is 2b here.
SECTIONS = {"7.1": 7, "7.2": 4, "7.3": 4, "7.4": 9, "7.5": 4}
TABLES = {"Consejería": 7, "Denuncia": 7}
EMERGENCY = {f"Emergencia-{number}" for number in ("1", "2", "2b", "3", "6")}
_REQUIREMENT = re.compile(r"R\d{1,3}")


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_scenario(scenario: Scenario, stage: Stage) -> None:
    Procedure(stage, scenario).run()


def test_no_step_of_a_procedure_is_forgotten() -> None:
    wanted = {f"{name}-{number:02}" for name, last in SECTIONS.items() for number in range(1, last + 1)}
    wanted |= {f"{name}-{number}" for name, last in TABLES.items() for number in range(1, last + 1)}
    assert wanted | EMERGENCY == {step for _, step, _ in steps()}


def test_each_step_names_its_requirement() -> None:
    assert [(title, step) for title, step, what in steps() if not _REQUIREMENT.match(what)] == []


def steps() -> list[tuple[str, str, str]]:
    """(scenario, step, what it is about) of all of them."""
    return [(str(each), who, what) for each in ALL for _, who, what in each.steps if STEP.fullmatch(who)]
