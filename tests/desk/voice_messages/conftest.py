"""The messages' tables, empty."""

import pytest

from core.database import Database
from tests.desk.voice_messages.builders import make_tables


@pytest.fixture
def db(db: Database) -> Database:
    make_tables(db)
    return db
