"""Operators at work, on a clock that is told."""

import pytest

from tests.campaigns.operated.scene import Scene


@pytest.fixture
def scene(db, vault, clock):
    return Scene(db, vault, clock)
