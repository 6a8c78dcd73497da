"""One trunk and all that keeps it: its lease, its rounds at its pace, what is asked of its carrier."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from campaigns.states import Channel
from carrier.client import Carrier
from carrier.messaging import Messaging
from carrier.placing import Placer
from carrier.texting import Texter
from core.clock import Clock
from core.database import Database, may_not_take_longer
from core.logs import where
from core.metrics import RECONCILED, TEXTS_RELEASED
from core.privacy import Vault
from core.trunks import Trunk
from core.trunks_file import TrunksInUse
from dialer import lease, queries
from dialer.lease import Lease
from dialer.pace import Pace
from dialer.reconcile import Reconciler
from dialer.release import Releaser
from dialer.round import Round
from dialer.text_doubts import TextReconciler

log = logging.getLogger(__name__)

TICK = 0.1  # seconds: less than half of what is claimed ahead, so that the pace is kept while a look takes its time
IDLE_TICK = 0.15  # while nobody was dialled, so that an idle line costs the desk beside it next to nothing
WAIT_AFTER_A_FAULT = 1.0
LEASE_TICK = 0.1  # seconds: a fraction of what dialer/lease.py says of each
#: Seconds without a round, after which the trunk is given to whoever stands by. Whoever claims for longer than a lease
#: lasts has lost it anyway, since renewing waits for the claim.
HANGS_AFTER = lease.SECONDS
RECONCILE_EVERY = 5.0
LAST_LOOK = 1.0  # seconds that a reconciling in course may still take at the end
LAST_ROUND = 3.0  # seconds that a round in course may: longer than a statement of it does
BEYOND_HELP = 30.0  # seconds of one fault after which only another process helps


@dataclass(frozen=True)
class Means:
    """What the keepers of one process share. ``calls_of_others``: dialer/reconcile.py."""

    db: Database
    vault: Vault
    clock: Clock
    trunks: TrunksInUse
    public_url: str
    calls_of_others: Callable[[Connection, list[str]], set[str]] = lambda tx, sids: set()


class TrunkKeeper:
    """Owns a trunk, or stands by for it. Its rounds, its lease and its doubts have a thread each: no trunk waits for
    what another one's take."""

    def __init__(self, means: Means, trunk: Trunk) -> None:
        self._means, self.trunk = means, trunk
        self.lease = Lease(trunk.name)
        self._pace = Pace(trunk.calls_per_second)
        self._releaser = Releaser(trunk.name, Placer(*trunk.account), self.lease.holds, self._pace, means.clock)
        shared = (means.db, means.vault, means.clock, means.trunks, trunk, self.lease)
        self.round = Round(*shared, self._pace, means.public_url, self._releaser.release)
        self._text_pace = Pace(trunk.texts_per_second)
        self._text_releaser = Releaser(
            trunk.name, Texter(*trunk.account), self.lease.holds, self._text_pace, means.clock, counted=TEXTS_RELEASED
        )
        of_texts = (self._text_pace, means.public_url, self._text_releaser.release)
        self.texts = Round(*shared, *of_texts, Channel.TEXT, self.round)
        self._reconciler = Reconciler(
            means.db,
            means.vault,
            means.clock,
            Carrier(*trunk.account),
            trunk.name,
            trunk.ring_seconds,
            means.calls_of_others,
        )
        messaging = Messaging(*trunk.account)
        self._text_reconciler = TextReconciler(means.db, means.vault, means.clock, messaging, trunk.name)
        self._reconciling = threading.Thread(
            target=self._reconcile_forever, name=f"reconciling {trunk.name}", daemon=True
        )
        self._going_round = threading.Thread(target=self._go_round_forever, name=f"rounds of {trunk.name}", daemon=True)
        self._keeping = threading.Thread(target=self._keep_forever, name=f"lease of {trunk.name}", daemon=True)
        self._turning = threading.Lock()  # held in each round
        self._stop = threading.Event()
        self._awake = threading.Event()
        self._ticked = 0.0
        self._not_before = 0.0
        self.is_idle = False  #: nobody was called in its last round
        self.is_hurried = False  #: somebody waits for what comes next: a rehearsal, whose clock jumps
        self._renewing = threading.Lock()
        self._is_given_back = threading.Event()
        self._fault: str | None = None  # why the lease is not renewed
        self._faulty_since = 0.0
        self._stands_still = False
        self._was_apart = False

    @property
    def released(self) -> list[float]:
        """The last thousand moments of time.monotonic() at which a call was let go, in their order."""
        return list(self._releaser.gate.released)

    def start(self) -> None:
        """Raises what a thread does that cannot be started; nothing of it runs then, or it would dial unseen."""
        self._releaser.start()
        try:
            self._text_releaser.start()
            self.guarded(self.renew)
            self._ticked = time.monotonic()
            for thread in (self._keeping, self._going_round, self._reconciling):
                thread.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Waits for the answers that are still to come, keeps them, and gives the trunk back.

        A list of the carrier's may take minutes, and is not waited for. What is concluded from it later is safe without
        the lease: it changes only attempts that are still unknown, or on the line, and one that was unknown once is
        never asked for again.
        """
        self._stop.set()
        self.wake()
        self._join(self._going_round, LAST_ROUND)
        self.guarded(self._releaser.stop)
        self.guarded(self._text_releaser.stop)
        self.guarded(self.round.store_answers)
        self.guarded(self.texts.store_answers)
        self.guarded(self._give_back)
        self._join(self._keeping, LAST_LOOK)
        self._join(self._reconciling, LAST_LOOK)

    @staticmethod
    def _join(thread: threading.Thread, seconds: float) -> None:
        if thread.is_alive():  # one that never began cannot be waited for
            thread.join(seconds)

    def change(self, trunk: Trunk) -> None:
        """From the next round on by these numbers, at this pace and cap; the account is the same."""
        self.trunk = trunk

    def wake(self) -> None:
        """Its next round is now: something happened."""
        self._awake.set()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """No round of it is made meanwhile."""
        with self._turning:
            self._stands_still = True
            try:
                yield
            finally:
                self._ticked = time.monotonic()
                self._stands_still = False

    def _go_round_forever(self) -> None:
        while not self._stop.is_set():
            self._ticked = started = time.monotonic()
            self._awake.clear()
            with self._turning:
                self.round.change(self.trunk)
                self.texts.change(self.trunk)
                self.is_idle = self._go_round() == 0
            tick = IDLE_TICK if self.is_idle and not self.is_hurried else TICK
            self._awake.wait(max(0.0, started + tick - time.monotonic()))

    def _go_round(self) -> int:
        """How many calls and texts it released. What fails is said in the log, and the next look comes later."""
        released = 0
        if time.monotonic() >= self._not_before:
            try:
                released = self.round.run()
                if self.round.has_texts or self.texts.is_asking():
                    released += self.texts.run()
            except Exception as error:
                log.error("trunk %s: %s", self.trunk.name, where(error))
                self._not_before = time.monotonic() + WAIT_AFTER_A_FAULT
        return released

    def _keep_forever(self) -> None:
        """On the monotonic clock: a host whose time is set back keeps its trunk."""
        while not self._is_given_back.wait(LEASE_TICK):
            self.look_after_the_lease()

    def look_after_the_lease(self) -> None:
        """Renews it, or tries to take it, whenever it is time; while what is claimed would be asked by nobody it is
        left to others. At the end no rounds are made any more, and the last answers are waited for."""
        if not self.lease.is_to_be_looked_at():
            return
        if self._stop.is_set() or self._dials():
            self.guarded(self.renew)
        elif self.lease.epoch is not None:
            self.guarded(self._leave_to_others)

    def _leave_to_others(self) -> None:
        """At once: until it has lapsed nobody would dial."""
        with self._renewing, self._means.db.begin() as tx:
            may_not_take_longer(tx, lease.LONGEST_STATEMENT)
            self.lease.release(tx)

    def _dials(self) -> bool:
        """Whether all that it takes goes on; said in the log when that changes."""
        fault = None
        hangs = time.monotonic() > self._ticked + HANGS_AFTER and not self._stands_still
        if hangs or not self._going_round.is_alive():
            fault = "its rounds hang"
        elif not (self._releaser.is_at_work() and self._text_releaser.is_at_work()):
            fault = "nothing is released any more"
        elif not self._reconciling.is_alive():
            fault = "nobody asks after what is doubtful"
        if fault != self._fault:
            told = f"its lease is not renewed, {fault}" if fault else "its lease is renewed again"
            log.log(logging.ERROR if fault else logging.INFO, "trunk %s: %s", self.trunk.name, told)
            self._faulty_since = time.monotonic()
        self._fault = fault
        return fault is None

    @property
    def is_beyond_help(self) -> bool:
        """Whether it has had one fault for so long that nothing but a new process will do."""
        return self._fault is not None and time.monotonic() > self._faulty_since + BEYOND_HELP

    def renew(self) -> None:
        """Renews the lease, or takes what has expired; what its last holder was asking is unknown from then on. What
        was given back is not taken again."""
        with self._renewing:
            if not self._is_given_back.is_set():
                self._renew()

    def _renew(self) -> None:
        had = self.lease.epoch
        try:
            with self._means.db.begin() as tx:
                may_not_take_longer(tx, lease.LONGEST_STATEMENT)
                self.lease.tick(tx)
                self._compare_clocks()
                if self.lease.epoch not in (had, None):
                    # Its last holder may have released a call a moment ago. Before the commit nobody can claim.
                    for pace in (self._pace, self._text_pace):
                        pace.put_off(time.monotonic() + pace.interval)
        except Exception:
            self.lease.lose()  # nobody knows whether it was kept: it is taken anew, under another epoch
            raise
        if self.lease.epoch != had:
            log.info("trunk %s: epoch %s", self.trunk.name, self.lease.epoch)
            self._take_charge()

    def _compare_clocks(self) -> None:
        if self.lease.is_apart != self._was_apart:
            self._was_apart = self.lease.is_apart
            told = "nothing is dialled from here: this host's clock is %+.0f s from the database's"
            if not self._was_apart:
                told = "this host's clock is right again (%+.0f s)"
            log.log(logging.ERROR if self._was_apart else logging.INFO, told, self.lease.apart)

    def reconcile(self) -> None:
        """Settles what is doubtful, while the trunk is ours."""
        if not self.lease.holds():
            return
        self._take_charge()
        RECONCILED.labels(self.trunk.name).inc(self._reconciler.run() + self._text_reconciler.run())

    def _reconcile_forever(self) -> None:
        """In a thread of its own: one carrier's list keeps no other trunk, nor the calendar, waiting."""
        while not self._stop.wait(RECONCILE_EVERY):
            self.guarded(self.reconcile)

    def _take_charge(self) -> None:
        """Of what nobody asks any more. An earlier holder that wakes up finds nothing to write to after this."""
        epoch = self.lease.epoch
        if epoch is None:
            return
        with self._means.db.begin() as tx:
            orphans = queries.orphans_become_unknown(tx, self.trunk.name, epoch)
        if orphans:
            log.warning("%s attempts were being asked by nobody: now unknown", orphans)

    def guarded(self, job: Callable[[], None]) -> bool:
        """The database gone, or a bug: said in the log, and the dialer goes on. Whether all went well."""
        try:
            job()
        except Exception as error:
            log.error("trunk %s: %s", self.trunk.name, where(error))
            return False
        return True

    def _give_back(self) -> None:
        with self._renewing:
            self._is_given_back.set()
            with self._means.db.begin() as tx:
                self.lease.release(tx)
