"""The dialer's process: what it loses when it hangs, how it follows its file, how it stops, and what waits for whom."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from campaigns.tables import lease as lease_table
from core.clock import FixedClock
from core.trunks import Trunk
from core.trunks_file import TrunksInUse
from dialer import queries
from dialer.keeper import HANGS_AFTER, Means
from dialer.lease import SECONDS, Lease
from dialer.process import Dialer
from tests.campaigns.builders import attempts_of, campaign_row, running, scheduled, set_attempt, set_campaign
from tests.dialer.builders import TRUNK, states
from tests.dialer.exchange import Exchange, an_exchange
from tests.dialer.timed import a_timed_carrier
from tests.service import wait_for
from tests.trunks import a_trunk, in_use


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with an_exchange() as server:
        yield server
        server.lists.set()


@contextmanager
def dialling(db, vault, clock, trunks: TrunksInUse) -> Iterator[Dialer]:
    dialer = Dialer(Means(db, vault, clock, trunks, "http://127.0.0.1:1"))
    thread = threading.Thread(target=dialer.run, daemon=True)
    thread.start()
    try:
        yield dialer
    finally:
        dialer.stop()
        thread.join(30)
        assert not thread.is_alive()


def epoch(db, trunk: str = TRUNK) -> int | None:
    """Of the lease's row; None: nobody had it yet."""
    with db.begin() as tx:
        return tx.execute(select(lease_table.c.epoch).where(lease_table.c.trunk == trunk)).scalar()


def state_of(db, campaign_id: int) -> str:
    with db.begin() as tx:
        return campaign_row(tx, campaign_id).state


def is_had_by(db, other: Lease) -> bool:
    """Whether whoever stands by has it, after one look."""
    with db.begin() as tx:
        return other.tick(tx)


class HangingClock(FixedClock):
    """Whoever asks it for the time waits while it hangs."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(moment)
        self.runs = threading.Event()
        self.runs.set()

    def now(self) -> datetime:
        self.runs.wait()
        return super().now()


@dataclass(frozen=True)
class NotAtOnce(Trunk):
    """One that cannot be kept the first times."""

    faults: list[Exception] = field(default_factory=list)

    @property
    def account(self) -> tuple[str, str, str]:
        if self.faults:
            raise self.faults.pop()
        return super().account


def not_at_once(faults: int, **facts) -> NotAtOnce:
    return NotAtOnce(**vars(a_trunk(**facts)), faults=[OSError() for _ in range(faults)])


@pytest.mark.slow(10)
def test_a_loop_that_hangs_loses_its_lease_and_says_so(db, vault, clock, exchange, caplog):
    hanging = HangingClock(clock.now())
    running(db, vault, clock, 3)
    with dialling(db, vault, hanging, in_use(a_trunk(api_url=exchange.address, calls_per_second=1))):
        wait_for(lambda: exchange.asked, 20, "the first call")
        hanging.runs.clear()
        try:
            standby = Lease(TRUNK)
            wait_for(
                lambda: is_had_by(db, standby), HANGS_AFTER + 2, "the standby's turn, before five seconds are over"
            )
            told = [each for each in caplog.records if each.levelno == logging.ERROR and TRUNK in each.getMessage()]
            assert [HANGS_AFTER + 2 <= 5, len(told)] == [True, 1], "once, however often it is looked at"
        finally:
            hanging.runs.set()
        with db.begin() as tx:
            standby.release(tx)
        wait_for(lambda: epoch(db) == 3, 10, "it to be had again by the loop that goes on")


def test_a_dialer_that_cannot_help_itself_ends_for_another_to_be_started(db, vault, clock, exchange, monkeypatch):
    monkeypatch.setattr("dialer.keeper.BEYOND_HELP", 0.5)
    dialer = Dialer(Means(db, vault, clock, in_use(a_trunk(api_url=exchange.address)), "http://127.0.0.1:1"))
    ended: list[object] = []

    def runs() -> None:
        try:
            dialer.run()
        except SystemExit as end:
            ended.append(end.code)

    thread = threading.Thread(target=runs, daemon=True)
    thread.start()
    wait_for(lambda: dialer._is_first(), 10, "the trunk")
    releaser = dialer._keepers[TRUNK]._releaser
    releaser._loop.call_soon_threadsafe(releaser._letting_go.cancel)
    thread.join(20)
    assert ended == [f"trunk {TRUNK} is kept by nobody: another process is to"]


def test_a_round_that_takes_long_keeps_no_other_trunk_waiting(db, vault, clock, exchange, monkeypatch):
    first = a_trunk(name="claro", account_sid="AC" + "1" * 32, api_url=exchange.address)
    second = a_trunk(name="tigo", account_sid="AC" + "2" * 32, api_url=exchange.address)
    set_campaign(db, running(db, vault, clock, 3), trunk="tigo")
    goes_on, look = threading.Event(), queries.outset

    def slow_for_one(tx, trunks, trunk, now):
        if trunk.name == "claro":
            goes_on.wait()
        return look(tx, trunks, trunk, now)

    monkeypatch.setattr(queries, "outset", slow_for_one)
    with dialling(db, vault, clock, in_use(first, second)):
        try:
            wait_for(lambda: exchange.asked, 10, "the call of the second trunk")
        finally:
            goes_on.set()


def test_a_trunk_that_cannot_be_kept_keeps_no_other_from_being_dialled(db, vault, clock, exchange):
    first = not_at_once(10**6, name="claro", account_sid="AC" + "1" * 32)
    second = a_trunk(name="tigo", account_sid="AC" + "2" * 32, api_url=exchange.address)
    campaign_id = running(db, vault, clock, 3)
    set_campaign(db, campaign_id, trunk="tigo")
    with dialling(db, vault, clock, in_use(first, second)):
        wait_for(lambda: exchange.asked, 10, "the call of the second trunk")


def test_a_trunk_that_could_not_be_kept_is_tried_again_though_the_file_stays_as_it_is(db, vault, clock, exchange):
    running(db, vault, clock, 3)
    with dialling(db, vault, clock, in_use(not_at_once(2, api_url=exchange.address))):
        wait_for(lambda: exchange.asked, 10, "the first call")


def test_calls_of_a_trunk_that_has_no_keeper_yet_are_not_given_up(db, vault, clock, exchange):
    """It is in the file: its carrier can be asked as soon as it can be kept."""
    first = a_trunk(name="claro", account_sid="AC" + "1" * 32, api_url=exchange.address)
    campaign_id = running(db, vault, clock, 1)
    (only,) = attempts_of(db, campaign_id)
    asked = datetime.now(UTC) - timedelta(hours=25)
    set_attempt(db, only.id, state="unknown", trunk="tigo", asked_at=asked, started_at=clock.now())
    trunks = in_use(first, not_at_once(10**6, name="tigo", account_sid="AC" + "2" * 32))
    with dialling(db, vault, clock, trunks) as dialer:
        wait_for(lambda: dialer._is_first(), 10, "the first trunk's lease")
        dialer._forget()
    assert states(db, campaign_id) == ["unknown"]


@pytest.mark.slow(8, timed=True)
def test_a_trunk_is_ours_until_the_last_answers_are_stored(db, vault, clock):
    """A carrier that is slower than a lease lasts: whoever stands by finds what we asked for settled."""
    campaign_id = running(db, vault, clock, 3)
    with ExitStack() as stack:
        carrier = stack.enter_context(a_timed_carrier(answers_after=SECONDS + 2))
        trunk = a_trunk(api_url=carrier.address, calls_per_second=20)
        dialer = stack.enter_context(dialling(db, vault, clock, in_use(trunk)))
        wait_for(lambda: len(carrier.asked) == 3, 20, "the calls")
        dialer.stop()
        standby = Lease(TRUNK)
        wait_for(lambda: is_had_by(db, standby), 20, "the standby's turn")
        assert states(db, campaign_id) == ["placed"] * 3


@pytest.mark.slow(8, timed=True)
def test_stopping_waits_for_no_list_of_the_carriers(db, vault, clock, exchange):
    doubtful(db, vault, clock, "default")
    exchange.lists.clear()
    with dialling(db, vault, clock, in_use(a_trunk(api_url=exchange.address))) as dialer:
        wait_for(lambda: exchange.lists_asked, 20, "the list to be asked for")
        dialer.stop()
        standby = Lease(TRUNK)
        wait_for(lambda: is_had_by(db, standby), 2, "the lease to be given back")
        started = time.monotonic()
    assert time.monotonic() - started < 4, "and the process ends"


@pytest.mark.slow(10, timed=True)
def test_however_many_trunks_wait_for_their_carrier_the_calendar_is_kept(db, vault, clock, exchange):
    names = [f"t{n}" for n in range(12)]
    doubtful(db, vault, clock, *names)
    campaign_id = scheduled(db, vault, clock, 1, 100, nombre_campana="Otra")
    set_campaign(db, campaign_id, state="scheduled", starts_at=clock.now() + timedelta(minutes=1))
    exchange.lists.clear()
    trunks = in_use(*[a_trunk(name=name, api_url=exchange.address) for name in names])
    with dialling(db, vault, clock, trunks):
        wait_for(lambda: exchange.lists_asked >= 10, 20, "the lists to be asked for")
        clock.advance(timedelta(minutes=2))
        wait_for(lambda: state_of(db, campaign_id) == "running", 4, "its day")
        exchange.lists.set()


def doubtful(db, vault, clock, *trunks: str) -> int:
    """A call of each of these trunks of which it is not known whether it was placed."""
    campaign_id = running(db, vault, clock, len(trunks))
    for row, trunk in zip(attempts_of(db, campaign_id), trunks, strict=True):
        set_attempt(db, row.id, state="unknown", trunk=trunk, asked_at=datetime.now(UTC), started_at=clock.now())
    return campaign_id
