"""The dialer's process: a keeper for each trunk, APScheduler for the calendar, and the rehearsal's clock."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection

from core.logs import where
from core.rehearsal import RehearsalClock
from core.trunks import Trunk, Trunks
from dialer import calendar
from dialer.gone import give_up_gone
from dialer.jumping import ClockJumper
from dialer.keeper import IDLE_TICK, TICK, WAIT_AFTER_A_FAULT, Means, TrunkKeeper

log = logging.getLogger(__name__)

FORGET_EVERY = 600  # seconds


class Dialer:
    """Owns the trunks that no other dialer owns, and stands by for the rest."""

    def __init__(self, means: Means, is_anybody_on_the_line: Callable[[Connection], bool] = lambda tx: False) -> None:
        """``is_anybody_on_the_line``: for the rehearsal clock."""
        self._means = means
        self._is_anybody_on_the_line = is_anybody_on_the_line
        self._keepers: dict[str, TrunkKeeper] = {}
        self._followed: Trunks | None = None
        self._follow_again_at = 0.0
        self._retiring: list[threading.Thread] = []
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": 30, "max_instances": 1}
        )
        self._jumper: ClockJumper | None = None
        self._stop = threading.Event()

    def run(self) -> None:
        """Dials until told to stop (SIGTERM, SIGINT, or ``stop``).

        At the end the trunks come first: their last answers are stored while they are still ours. The calendar is
        everybody's, each campaign in a transaction of its own: where it takes too long it may be cut off.
        """
        self._follow_the_file()
        for job, seconds in ((self._keep_calendar, 1), (self._forget, FORGET_EVERY)):
            self._scheduler.add_job(self._guarded, "interval", seconds=seconds, args=(job,))
        self._scheduler.start()
        if self._jumper:
            self._jumper.tell_carriers()
        try:
            while not self._stop.is_set():
                started = time.monotonic()
                self._guarded(self._tick)
                tick = TICK if self._jumper and not self._jumper.may_rest else IDLE_TICK
                self._stop.wait(max(0.0, started + tick - time.monotonic()))
        finally:
            for name in list(self._keepers):
                self._retire(name)
            for thread in self._retiring:
                thread.join(20)
            self._scheduler.shutdown(wait=True)

    def stop(self) -> None:
        self._stop.set()

    def released(self, trunk: str) -> list[float]:
        """The last thousand moments of time.monotonic() at which a call of this trunk was let go, in their order."""
        keeper = self._keepers.get(trunk)
        return keeper.released if keeper else []

    def _tick(self) -> None:
        self._follow_the_file()
        for keeper in self._keepers.values():
            if keeper.is_beyond_help:
                raise SystemExit(f"trunk {keeper.trunk.name} is kept by nobody: another process is to")
        if self._jumper and self._is_first():
            self._jump(self._jumper)

    def _jump(self, jumper: ClockJumper) -> None:
        """Nobody is claimed while the rehearsal's clock jumps: what is due by the one moment is not by the other."""
        keepers = list(self._keepers.values())
        has_jumped = False
        with ExitStack() as still:
            for keeper in keepers:
                still.enter_context(keeper.standing_still())
            if all(keeper.is_idle for keeper in keepers):
                rounds = [each for keeper in keepers for each in (keeper.round, keeper.texts)]
                has_jumped = jumper.jump_if_idle(self._means.db, rounds)
        for keeper in keepers:
            keeper.is_hurried = not jumper.may_rest
            if has_jumped:
                keeper.wake()

    def _follow_the_file(self) -> None:
        """A keeper for each trunk there is: a new pace or cap is taken over, another account is another keeper. One
        that cannot be kept is tried again, and the others do without it."""
        trunks = self._means.trunks.now()
        if trunks is self._followed or time.monotonic() < self._follow_again_at:
            return
        for name, keeper in list(self._keepers.items()):
            trunk = trunks.named(name)
            if trunk is not None and trunk.account == keeper.trunk.account:
                keeper.change(trunk)
            else:
                self._retire(name)
        if isinstance(self._means.clock, RehearsalClock):
            self._jumper = ClockJumper(self._means.clock, trunks.each, self._is_anybody_on_the_line)
        for trunk in trunks.each:
            if trunk.name not in self._keepers:
                self._keep(trunk)
        if all(trunk.name in self._keepers for trunk in trunks.each):
            self._followed = trunks
        else:
            self._follow_again_at = time.monotonic() + WAIT_AFTER_A_FAULT

    def _keep(self, trunk: Trunk) -> None:
        try:
            keeper = TrunkKeeper(self._means, trunk)
            keeper.start()
        except Exception as error:
            log.error("trunk %s has no keeper: %s", trunk.name, where(error))
        else:
            self._keepers[trunk.name] = keeper

    def _retire(self, name: str) -> None:
        """Its last answers may take seconds to come: it is ours until then, and the other trunks do not wait for it."""
        thread = threading.Thread(target=self._keepers.pop(name).stop, name=f"end of {name}")
        thread.start()
        self._retiring = [*(each for each in self._retiring if each.is_alive()), thread]

    def _is_first(self) -> bool:
        """Of several dialers one keeps what is everybody's: who has the first trunk."""
        first = self._keepers.get(self._means.trunks.now().first.name)
        return first is not None and first.lease.holds()

    def _keep_calendar(self) -> None:
        if self._is_first():
            calendar.keep(self._means.db, self._means.clock)

    def _forget(self) -> None:
        if self._is_first():
            calendar.forget_returned_answers(self._means.db, self._means.clock.now())
            give_up_gone(self._means.db, self._means.clock, self._means.trunks.now().each)

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
