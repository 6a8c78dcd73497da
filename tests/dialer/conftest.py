"""A round of the dialer, beside a carrier that answers when the test says."""

import pytest

from dialer.pace import Pace
from dialer.round import Round
from dialer.trunk import Trunk
from tests.dialer.builders import TRUNK, URL, Switch, held


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def make(db, vault, clock, switch):
    """A round of a trunk with this cap, whose pace never is what holds it back."""

    def made(cap: int = 20, cps: float = 1000) -> Round:
        trunk = Trunk(TRUNK, cps, cap, ring_seconds=30)
        return Round(db, vault, clock, trunk, held(db), Pace(cps), URL, switch)

    return made
