"""The stage of the scenarios: one house for the whole run, a desk's process for each."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core.database import Database
from core.privacy import Vault
from tests.desk.stage import START, House, Stage


@pytest.fixture(scope="session")
def house(_connected: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("desk")
    built = House.build(folder, _connected, Vault("a key for tests alone, of no use elsewhere"))
    yield built
    built.close()


@pytest.fixture
def stage(house: House, db: Database) -> Iterator[Stage]:
    house.clock.begin_at(datetime.fromisoformat(START))
    made = Stage(house)
    made.start_desk()
    yield made
    made.close()
