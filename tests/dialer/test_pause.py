"""Pause, resume and cancel with the real loop, against a carrier that notes when it is asked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from campaigns import life
from dialer.keeper import Means
from dialer.process import Dialer
from dialer.release import AT_ONCE
from tests.campaigns.builders import COORDINATOR, attempts_of, running
from tests.dialer.exchange import Exchange, an_exchange
from tests.dialer.timed import Timed, a_timed_carrier
from tests.service import wait_for
from tests.trunks import a_trunk, in_use

FELT_WITHIN = 2.0  # seconds after the commit


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with an_exchange() as server:
        yield server


@contextmanager
def dialling(db, vault, clock, exchange: Exchange | Timed, calls_per_second: float = 25) -> Iterator[None]:
    trunk = a_trunk(api_url=exchange.address, calls_per_second=calls_per_second, max_live_calls=10_000)
    dialer = Dialer(Means(db, vault, clock, in_use(trunk), "http://127.0.0.1:1"))
    thread = threading.Thread(target=dialer.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        dialer.stop()
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.slow(10)
@pytest.mark.parametrize("change", [life.pause, life.cancel])
def test_nor_is_one_that_waited_for_a_connection_of_a_slow_carrier(db, vault, clock, change):
    """As many as there are connections wait for their answer, and the next ones, claimed before, for a connection."""
    campaign_id = running(db, vault, clock, 400)
    with a_timed_carrier(answers_after=FELT_WITHIN + 2) as carrier, dialling(db, vault, clock, carrier, 200):
        wait_for(lambda: len(carrier.asked) == AT_ONCE, 20, "every connection to be waited on")
        committed = decide(db, clock, campaign_id, change)
        wait_for(lambda: time.monotonic() > committed + FELT_WITHIN + 3, 10, "connections that are free again")
        assert [moment for moment in carrier.asked if moment > committed + FELT_WITHIN] == []


def decide(db, clock, campaign_id: int, change) -> float:
    """When it was committed."""
    with db.begin() as tx:
        change(tx, clock.now(), campaign_id, COORDINATOR)
    return time.monotonic()


@pytest.mark.parametrize("change", [life.pause, life.cancel])
def test_no_call_is_asked_for_two_seconds_after_the_commit(db, vault, clock, exchange, change):
    campaign_id = running(db, vault, clock, 400)
    with dialling(db, vault, clock, exchange):
        wait_for(lambda: len(exchange.asked) > 10, 20, "the first calls")
        committed = decide(db, clock, campaign_id, change)
        wait_for(lambda: time.monotonic() > committed + FELT_WITHIN + 1, 10, "three seconds")
        late = [moment - committed for moment in exchange.asked if moment > committed + FELT_WITHIN]
        assert late == []
        if change is life.pause:
            asked = len(exchange.asked)
            resumed = decide(db, clock, campaign_id, life.resume)
            wait_for(lambda: len(exchange.asked) > asked, FELT_WITHIN, "the next call")
            assert exchange.asked[asked] - resumed < FELT_WITHIN
    left = [row.state for row in attempts_of(db, campaign_id)]
    assert len(exchange.asked) == len([state for state in left if state not in ("due", "withdrawn")])
