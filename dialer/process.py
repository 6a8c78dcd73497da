"""The dialer's process: a deadline loop for the calls, APScheduler for the calendar, a lease for each trunk."""

import logging
import signal
import threading
import time
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from carrier.client import Carrier, Placer
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.privacy import Vault
from core.rehearsal import RehearsalClock
from dialer import calendar, queries
from dialer.jumping import ClockJumper
from dialer.lease import Lease
from dialer.pace import Pace
from dialer.reconcile import Reconciler
from dialer.release import Releaser
from dialer.round import Round
from dialer.trunk import Trunk

log = logging.getLogger(__name__)

TICK = 0.1  # seconds: half of what is claimed ahead, so that the pace is kept while a look takes its time
IDLE_TICK = 0.2  # while there is nobody to dial, so that an idle line costs the desk beside it next to nothing
RENEW_EVERY = 1.0
RECONCILE_EVERY = 5  # seconds
FORGET_EVERY = 600
WAIT_AFTER_A_FAULT = 1.0


class Dialer:
    """Owns one trunk, or stands by for it."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        trunk: Trunk,
        account: tuple[str, str, str],
        public_url: str,
        is_anybody_on_the_line: Callable[[Connection], bool] = lambda tx: False,
        calls_of_others: Callable[[Connection, list[str]], set[str]] = lambda tx, sids: set(),
    ) -> None:
        """``account``: sid, token, address of the carrier; ``is_anybody_on_the_line``: for the rehearsal clock;
        ``calls_of_others``: dialer/reconcile.py."""
        self._db, self._clock = db, clock
        self._lease = Lease(trunk.name)
        self._releaser = Releaser(Placer(*account), self._lease.holds)
        self._round = Round(
            db, vault, clock, trunk, self._lease, Pace(trunk.calls_per_second), public_url, self._releaser.release
        )
        self._reconciler = Reconciler(
            db, vault, clock, Carrier(*account), trunk.name, trunk.ring_seconds, calls_of_others
        )
        self._jumper = None
        if isinstance(clock, RehearsalClock):
            self._jumper = ClockJumper(clock, account[2], account[:2], is_anybody_on_the_line)
        self._stop = threading.Event()
        self._is_idle = False

    def run(self) -> None:
        """Dials until told to stop (SIGTERM, SIGINT, or ``stop``)."""
        self._releaser.start()
        self._guarded(self._renew)
        renewing = threading.Thread(target=self._renew_forever, name="lease", daemon=True)
        renewing.start()
        scheduler = self._calendar()
        scheduler.start()
        if self._jumper:
            self._jumper.tell_carrier()
        try:
            while not self._stop.is_set():
                started = time.monotonic()
                self._guarded(self._tick)
                tick = IDLE_TICK if self._is_idle else TICK
                self._stop.wait(max(0.0, started + tick - time.monotonic()))
        finally:
            renewing.join(5)
            scheduler.shutdown(wait=True)
            self._releaser.stop()
            self._guarded(self._round.store_answers)
            self._guarded(self._give_back)

    def stop(self) -> None:
        self._stop.set()

    def _tick(self) -> None:
        released = self._round.run()
        self._is_idle = not released
        if not released and self._jumper and self._lease.holds():
            self._jumper.jump_if_idle(self._round)
            self._is_idle = self._jumper.may_rest

    def _calendar(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": 30})
        jobs = (
            (self._keep_calendar, 1),
            (self._reconcile, RECONCILE_EVERY),
            (self._forget, FORGET_EVERY),
        )
        for job, seconds in jobs:
            scheduler.add_job(self._guarded, "interval", seconds=seconds, args=(job,), max_instances=1)
        return scheduler

    def _renew_forever(self) -> None:
        """On the monotonic clock: a host whose time is set back keeps its trunk."""
        while not self._stop.wait(RENEW_EVERY):
            self._guarded(self._renew)

    def _renew(self) -> None:
        had = self._lease.epoch
        try:
            with self._db.begin() as tx:
                self._lease.tick(tx)
        except Exception:
            self._lease.lose()  # nobody knows whether it was kept: it is taken anew, under another epoch
            raise
        if self._lease.epoch != had:
            log.info("trunk %s: epoch %s", self._lease.trunk, self._lease.epoch)

    def _keep_calendar(self) -> None:
        if self._lease.holds():
            calendar.keep(self._db, self._clock)

    def _forget(self) -> None:
        if self._lease.holds():
            calendar.forget_returned_answers(self._db, self._clock.now())

    def _reconcile(self) -> None:
        epoch = self._lease.epoch
        if epoch is None or not self._lease.holds():
            return
        with self._db.begin() as tx:
            orphans = queries.orphans_become_unknown(tx, self._lease.trunk, epoch)
        if orphans:
            log.warning("%s attempts were being asked by nobody: now unknown", orphans)
        self._reconciler.run()

    def _give_back(self) -> None:
        with self._db.begin() as tx:
            self._lease.release(tx)

    def _guarded(self, job: Callable[[], None]) -> None:
        """The database gone, or a bug: said in the log, and the dialer waits and goes on."""
        try:
            job()
        except Exception as error:
            log.error("dialer: %s", where(error))
            self._stop.wait(WAIT_AFTER_A_FAULT)


def run_until_signalled(dialer: Dialer) -> None:
    """Runs in the main thread of a process of its own."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: dialer.stop())
    dialer.run()
