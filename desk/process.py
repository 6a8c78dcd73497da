"""The desk's process: wakes when something was written down, gives calls to operators, and tells the carrier.

Any number of them may run: what one does is claimed in the database, and no other does it meanwhile.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Connection, Row

from carrier.client import Carrier, CarrierDown
from carrier.statuses import is_final
from core.database import kept_alive, libpq_url
from core.logs import where
from core.one_by_one import one_by_one
from desk import advance, callbacks, calling, carrying, dispatch, events, presence, queries, settling
from desk.world import Desk

log = logging.getLogger(__name__)

TICK = 0.5  # seconds at most between two looks; a notice makes it at once
GATHER = 0.02  # seconds after a notice: what comes with it is looked at together
THREADS = 12
RECONCILE_EVERY = 20.0  # seconds: telephones of which nothing was heard are asked after
WAIT_AFTER_A_FAULT = 1.0
_LINK: dict[str, Any] = {"connect_timeout": 5, **kept_alive(10)}  # of who listens: over a dead one no notice comes

Rule: TypeAlias = Callable[[Desk, datetime], object]


def _presence(desk: Desk, now: datetime) -> None:
    with desk.db.begin() as tx:
        presence.send_away_the_absent(tx, now)
        presence.free_those_whom_nobody_rings(tx, now)


#: What is looked at each time, in this order; each opens its own transactions, one a call that it moves on.
_RULES: tuple[Rule, ...] = (callbacks.open_due, calling.follow, _presence, dispatch.dispatch, advance.advance)


class DeskProcess:
    """Looks, decides, carries out. ``look`` is one round without waiting: tests call it themselves."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stop = threading.Event()
        self._counting = threading.Lock()
        self._in_hand = 0  # errands that a thread is about
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="errand")

    def run(self) -> None:
        """Until told to stop."""
        reconciling = threading.Thread(target=self._reconcile_forever, name="reconcile", daemon=True)
        reconciling.start()
        try:
            while not self._stop.is_set():
                if not self._guarded(self._listen):
                    self._stop.wait(WAIT_AFTER_A_FAULT)
        finally:
            self.close()

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        """Waits until what was begun is carried out; nothing more can be begun."""
        self._pool.shutdown(wait=True)

    def look(self) -> int:
        """Decides what is due and begins to carry it out; how many errands were begun.

        Each rule by itself: what one of them fails at must not keep the others from an emergency.
        """
        desk = self._desk
        now = desk.clock.now()
        for rule in _RULES:
            self._guarded(partial(rule, desk, now))
        with desk.db.begin() as tx:
            errands = carrying.claim(tx, desk, now, self._free_hands())
        for errand in errands:
            self._begun(1)
            self._pool.submit(self._carry_out, errand)
        return len(errands)

    def _free_hands(self) -> int:
        """What is claimed is begun at once: a claim that waits for a thread could run out."""
        with self._counting:
            return THREADS - self._in_hand

    def _begun(self, change: int) -> None:
        with self._counting:
            self._in_hand += change

    def reconcile(self) -> None:
        """Asks the carrier after telephones that have been silent: a callback may have been lost."""
        desk = self._desk
        with desk.db.begin() as tx:
            silent = queries.legs_gone_silent(tx)

        def end(tx: Connection, over: tuple[int, str]) -> None:
            settling.leg_ended(tx, desk.clock.now(), *over)

        one_by_one(desk.db, _over(desk, silent), end, "leg {0[0]}".format)

    def _listen(self) -> None:
        with psycopg.connect(libpq_url(self._desk.db.url), autocommit=True, **_LINK) as connection:
            connection.execute(f"listen {events.CHANNEL}")
            while not self._stop.is_set():
                while self.look():
                    pass
                if list(connection.notifies(timeout=TICK, stop_after=1)):
                    self._stop.wait(GATHER)
                    list(connection.notifies(timeout=0))  # one look is for all that happened meanwhile

    def _carry_out(self, errand: carrying.Errand) -> None:
        try:
            self._guarded(lambda: carrying.carry_out(self._desk, errand))
        finally:
            self._begun(-1)

    def _reconcile_forever(self) -> None:
        while not self._stop.wait(RECONCILE_EVERY):
            self._guarded(self.reconcile)

    def _guarded(self, job: Callable[[], object]) -> bool:
        """The database gone, or a bug: said in the log, and the desk goes on. Whether all went well."""
        try:
            job()
        except CarrierDown:
            log.warning("desk: the carrier does not answer")
        except Exception as error:
            log.error("desk: %s", where(error))
            return False
        return True


def _over(desk: Desk, silent: Iterable[Row]) -> Iterator[tuple[int, str]]:
    """(leg, how it ended) of those that are over by their carrier's word. Of an account that does not answer the others
    wait for the next look, each for its time-out otherwise; those of another account do not."""
    down: set[Carrier] = set()
    for row in silent:
        carrier = desk.carrier_of(row.line, row.carrier_account)
        if carrier in down:
            continue
        try:
            remote = carrier.fetch(row.sid)
        except CarrierDown:
            down.add(carrier)
            log.warning("desk: the account %s does not answer: its silent telephones wait", carrier.account_sid)
            continue
        if remote is None or is_final(remote.status):
            yield row.id, remote.status if remote else "failed"


def run_until_signalled(process: DeskProcess) -> None:
    """Runs in the main thread of a process of its own."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stop())
    process.run()
