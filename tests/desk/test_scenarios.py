"""Several people on one call, each with a telephone of the carrier: every scenario of ``scenarios/``, played."""

from pathlib import Path

import pytest

from tests.desk.acting import Play
from tests.desk.script import Scenario, scenarios
from tests.desk.stage import Stage

ALL = list(scenarios(Path(__file__).parent / "scenarios"))


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_scenario(scenario: Scenario, stage: Stage) -> None:
    Play(stage, scenario).run()
