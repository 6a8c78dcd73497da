"""A round of the dialer, beside a carrier that answers when the test says."""

import pytest
import responses

from dialer.pace import Pace
from dialer.round import Round
from tests.dialer.builders import URL, Switch, held
from tests.dialer.remote import TO
from tests.trunks import a_trunk, in_use


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def make(db, vault, clock, switch):
    """A round of a trunk with this cap, whose pace never is what holds it back."""

    def made(cap: int = 20, cps: float = 1000) -> Round:
        trunk = a_trunk(calls_per_second=cps, max_live_calls=cap)
        return Round(db, vault, clock, in_use(trunk), trunk, held(db), Pace(cps), URL, switch)

    return made


@pytest.fixture
def twilio():
    """The carrier's answers; no question to it has a citizen's telephone in it."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock
        for call in mock.calls:
            assert not [to for to in TO if to[1:] in str(call.request.url)], call.request.url
