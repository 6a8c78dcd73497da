"""The desk's process: wakes when something was written down, gives calls to operators, and tells the carrier.

Any number of them may run: what one does is claimed in the database, and no other does it meanwhile.
"""

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg

from carrier.client import CarrierDown
from carrier.statuses import is_final
from core.database import libpq_url
from core.logs import where
from desk import advance, callbacks, calling, carrying, dispatch, events, presence, queries, rooms
from desk.world import Desk

log = logging.getLogger(__name__)

TICK = 0.5  # seconds at most between two looks; a notice makes it at once
THREADS = 12
RECONCILE_EVERY = 20.0  # seconds: telephones of which nothing was heard are asked after
WAIT_AFTER_A_FAULT = 1.0


class DeskProcess:
    """Looks, decides, carries out. ``look`` is one round without waiting: tests call it themselves."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="errand")

    def run(self) -> None:
        """Until told to stop."""
        reconciling = threading.Thread(target=self._reconcile_forever, name="reconcile", daemon=True)
        reconciling.start()
        try:
            while not self._stop.is_set():
                self._guarded(self._listen)
        finally:
            self._pool.shutdown(wait=True)

    def stop(self) -> None:
        self._stop.set()

    def look(self) -> int:
        """Decides what is due and begins to carry it out; how many errands were begun."""
        desk = self._desk
        now = desk.clock.now()
        with desk.db.begin() as tx:
            callbacks.open_due(tx, desk, now)
            calling.follow(tx, desk, now)
            presence.send_away_the_absent(tx, now)
        with desk.db.begin() as tx:
            dispatch.dispatch(tx, desk, now)
        with desk.db.begin() as tx:
            advance.advance(tx, desk, now)
        with desk.db.begin() as tx:
            errands = carrying.claim(tx, desk, now, THREADS)
        for errand in errands:
            self._pool.submit(self._carry_out, errand)
        return len(errands)

    def reconcile(self) -> None:
        """Asks the carrier after telephones that have been silent: a callback may have been lost."""
        desk = self._desk
        with desk.db.begin() as tx:
            silent = queries.legs_gone_silent(tx)
        for leg_id, sid in silent:
            remote = desk.carrier.fetch(sid)
            if remote is not None and not is_final(remote.status):
                continue
            with desk.db.begin() as tx:
                rooms.leg_ended(tx, desk.clock.now(), leg_id, remote.status if remote else "failed")

    def _listen(self) -> None:
        with psycopg.connect(libpq_url(self._desk.db.url), autocommit=True) as connection:
            connection.execute(f"listen {events.CHANNEL}")
            while not self._stop.is_set():
                while self.look():
                    pass
                for _ in connection.notifies(timeout=TICK, stop_after=1):
                    pass

    def _carry_out(self, errand: carrying.Errand) -> None:
        self._guarded(lambda: carrying.carry_out(self._desk, errand))

    def _reconcile_forever(self) -> None:
        while not self._stop.wait(RECONCILE_EVERY):
            self._guarded(self.reconcile)

    def _guarded(self, job: Callable[[], None]) -> None:
        """The database gone, or a bug: said in the log, and the desk goes on."""
        try:
            job()
        except CarrierDown:
            log.warning("desk: the carrier does not answer")
        except Exception as error:
            log.error("desk: %s", where(error))
            self._stop.wait(WAIT_AFTER_A_FAULT)


def run_until_signalled(process: DeskProcess) -> None:
    """Runs in the main thread of a process of its own."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stop())
    process.run()
