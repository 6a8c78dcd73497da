"""The dialer's process: a deadline loop for the calls, APScheduler for the calendar, a keeper for each trunk."""

import logging
import signal
import threading
import time
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from core.logs import where
from core.rehearsal import RehearsalClock
from core.trunks import Trunk, Trunks
from dialer import calendar
from dialer.gone import give_up_gone
from dialer.jumping import ClockJumper
from dialer.keeper import House, TrunkKeeper

log = logging.getLogger(__name__)

TICK = 0.1  # seconds: less than half of what is claimed ahead, so that the pace is kept while a look takes its time
IDLE_TICK = 0.15  # while nobody was dialled, so that an idle line costs the desk beside it next to nothing
LEASE_TICK = 0.1  # seconds: a fraction of what dialer/lease.py says of each
RECONCILE_EVERY = 5  # seconds
FORGET_EVERY = 600
WAIT_AFTER_A_FAULT = 1.0


class Dialer:
    """Owns the trunks that no other dialer owns, and stands by for the rest."""

    def __init__(self, house: House, is_anybody_on_the_line: Callable[[Connection], bool] = lambda tx: False) -> None:
        """``is_anybody_on_the_line``: for the rehearsal clock."""
        self._house = house
        self._is_anybody_on_the_line = is_anybody_on_the_line
        self._keepers: dict[str, TrunkKeeper] = {}
        self._followed: Trunks | None = None
        self._retiring: list[threading.Thread] = []
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": 30, "max_instances": 1}
        )
        self._jumper: ClockJumper | None = None
        self._stop = threading.Event()
        self._is_idle = False

    def run(self) -> None:
        """Dials until told to stop (SIGTERM, SIGINT, or ``stop``)."""
        self._follow_the_file()
        renewing = threading.Thread(target=self._renew_forever, name="lease", daemon=True)
        renewing.start()
        for job, seconds in ((self._keep_calendar, 1), (self._forget, FORGET_EVERY)):
            self._scheduler.add_job(self._guarded, "interval", seconds=seconds, args=(job,))
        self._scheduler.start()
        if self._jumper:
            self._jumper.tell_carriers()
        try:
            while not self._stop.is_set():
                started = time.monotonic()
                self._guarded(self._tick)
                tick = IDLE_TICK if self._is_idle else TICK
                self._stop.wait(max(0.0, started + tick - time.monotonic()))
        finally:
            renewing.join(5)
            self._scheduler.shutdown(wait=True)
            for keeper in self._keepers.values():
                self._retire(keeper)
            for thread in self._retiring:
                thread.join(20)

    def stop(self) -> None:
        self._stop.set()

    def released(self, trunk: str) -> list[float]:
        """The last thousand moments of time.monotonic() at which a call of this trunk was let go, in their order."""
        keeper = self._keepers.get(trunk)
        return keeper.released if keeper else []

    def _tick(self) -> None:
        self._follow_the_file()
        keepers = list(self._keepers.values())
        released = sum(keeper.tick() for keeper in keepers)
        self._is_idle = not released
        if not released and self._jumper and self._is_first():
            self._jumper.jump_if_idle(self._house.db, [keeper.round for keeper in keepers])
            self._is_idle = self._jumper.may_rest

    def _follow_the_file(self) -> None:
        """A keeper for each trunk there is: a new pace or cap is taken over, another account is another keeper."""
        trunks = self._house.trunks.now()
        if trunks is self._followed:
            return
        self._followed = trunks
        for name, keeper in list(self._keepers.items()):
            trunk = trunks.named(name)
            if trunk is not None and trunk.account == keeper.trunk.account:
                keeper.change(trunk)
            else:
                self._scheduler.remove_job(name)
                self._retire(self._keepers.pop(name))
        for trunk in trunks.each:
            if trunk.name not in self._keepers:
                self._keepers[trunk.name] = self._keep(trunk)
        if isinstance(self._house.clock, RehearsalClock):
            self._jumper = ClockJumper(self._house.clock, trunks.each, self._is_anybody_on_the_line)

    def _keep(self, trunk: Trunk) -> TrunkKeeper:
        keeper = TrunkKeeper(self._house, trunk)
        keeper.start()
        self._scheduler.add_job(
            keeper.guarded, "interval", seconds=RECONCILE_EVERY, args=(keeper.reconcile,), id=trunk.name
        )
        return keeper

    def _retire(self, keeper: TrunkKeeper) -> None:
        """Its last answers may take seconds to come: the other trunks do not wait for them."""
        thread = threading.Thread(target=keeper.stop, name=f"end of {keeper.trunk.name}")
        self._retiring = [each for each in self._retiring if each.is_alive()] + [thread]
        thread.start()

    def _renew_forever(self) -> None:
        """On the monotonic clock: a host whose time is set back keeps its trunks."""
        while not self._stop.wait(LEASE_TICK):
            for keeper in list(self._keepers.values()):
                if keeper.lease.is_to_be_looked_at():
                    keeper.guarded(keeper.renew)

    def _is_first(self) -> bool:
        """Of several dialers one keeps what is everybody's: who has the first trunk."""
        first = self._keepers.get(self._followed.first.name) if self._followed else None
        return first is not None and first.lease.holds()

    def _keep_calendar(self) -> None:
        if self._is_first():
            calendar.keep(self._house.db, self._house.clock)

    def _forget(self) -> None:
        if self._is_first():
            calendar.forget_returned_answers(self._house.db, self._house.clock.now())
            give_up_gone(self._house.db, self._house.clock, self._keepers)

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
