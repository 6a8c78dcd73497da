"""The parts of the application around the test's database and clock."""

import pytest

from app import Parts, assemble, create_app
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from settings import Settings
from tests.ivr.webhooks import Webhooks


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.from_environment({"DATA_DIR": str(tmp_path_factory.mktemp("data"))})


@pytest.fixture
def parts(settings: Settings, db: Database, vault: Vault, clock: FixedClock) -> Parts:
    return assemble(settings, db, vault, clock)


@pytest.fixture
def webhooks(parts: Parts) -> Webhooks:
    return Webhooks(create_app(parts), parts.settings.public_url, parts.settings.auth_token)
