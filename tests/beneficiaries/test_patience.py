"""Few wait for a padrón that may never answer, and each a short time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore
from time import monotonic

import pytest

from assembly import WAIT_FOR_THE_PADRON
from beneficiaries.patience import SECONDS, Patience
from beneficiaries.registry import RegistryDown, UnknownBeneficiary
from core.processes.server import THREADS
from tests.core.waiting import eventually

FOR_EVER = 60.0


@pytest.fixture
def never():
    """Something to wait for that does not come before the test is over."""
    event = Event()
    yield event
    event.set()


def test_what_is_asked_is_answered():
    assert Patience(1).ask(lambda: "Ana") == "Ana"


def test_what_goes_wrong_is_told():
    def ask() -> None:
        raise UnknownBeneficiary

    with pytest.raises(UnknownBeneficiary):
        Patience(1).ask(ask)


def test_whoever_asks_waits_a_short_time(never):
    with pytest.raises(RegistryDown):
        Patience(1, seconds=0.05).ask(never.wait)


def test_more_than_may_wait_are_told_at_once(never):
    patience = Patience(2, FOR_EVER)
    with ThreadPoolExecutor(2) as callers:
        arrived = Semaphore(0)

        def hang() -> None:
            arrived.release()
            never.wait()

        waiting = [callers.submit(patience.ask, hang) for _ in range(2)]
        assert all(arrived.acquire(timeout=10) for _ in waiting)
        began = monotonic()
        with pytest.raises(RegistryDown):
            patience.ask(lambda: "Ana")
        assert monotonic() - began < 1
        assert not any(each.done() for each in waiting)
        never.set()
    assert patience.ask(lambda: "Ana") == "Ana"


def test_a_question_that_hangs_keeps_its_place_until_it_ends(never):
    patience = Patience(1, seconds=0.05)
    with pytest.raises(RegistryDown):
        patience.ask(never.wait)
    with pytest.raises(RegistryDown):
        patience.ask(lambda: "Ana")
    never.set()
    assert eventually(lambda: _answer(patience)) == "Ana"


def _answer(patience: Patience) -> str | None:
    try:
        return patience.ask(lambda: "Ana")
    except RegistryDown:
        return None


def test_half_of_a_web_process_is_left_to_everybody_else():
    assert 0 < WAIT_FOR_THE_PADRON * 2 <= THREADS


def test_a_carrier_is_answered_before_it_asks_again():
    assert SECONDS < 4  # carrier/webhook.py: rt=4000
